use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `timestamptz(0)` rounds, and so stores times of the future; leave the precision out.
    ///
    /// 10:00:00.7 becomes 10:00:01. A query for rows “until now” does not see the row that was just written, and two events get
    /// into the wrong order. Where whole seconds are wanted, `date_trunc` cuts instead of rounding.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, happened_at timestamptz(0) NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, happened_at timestamptz NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, happened_at timestamptz(3) NOT NULL);
    /// ```
    "T027", note, known, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let Type::Timestamp { zone, precision: Some(0) } = column.ty else { return };
    let path = column_path(table, column);
    let exact = Type::Timestamp { zone, precision: None };
    findings
        .at_type(&path, format!("{}.{} is up to half a second in the future", table.name, column.name))
        .why("a precision of 0 rounds to the next second and does not cut")
        .unsafe_fix(format!("make it {exact}"), vec![Change::set_type(path, exact)]);
}
