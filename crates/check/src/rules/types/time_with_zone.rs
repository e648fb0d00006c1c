use model::{Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `timetz` keeps an offset but no date, so nobody knows whether summer time holds; use `timestamptz`, or `time` with a zone name beside it.
    ///
    /// An offset without a date cannot be turned into another zone. The manual itself advises against the type.
    ///
    /// ```sql,bad
    /// CREATE TABLE shops (id bigint PRIMARY KEY, opens_at timetz);
    /// ```
    /// ```sql,good
    /// CREATE TABLE shops (id bigint PRIMARY KEY, opens_at time, zone text);
    /// ```
    "T009", known, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if matches!(column.ty, Type::Time { zone: true, .. }) {
        findings
            .at_type(
                &column_path(table, column),
                format!("{}.{} keeps an offset without a date", table.name, column.name),
            )
            .why("an offset alone does not tell summer time from winter time");
    }
}
