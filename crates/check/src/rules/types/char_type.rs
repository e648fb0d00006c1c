use model::{Change, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// `char(n)` fills values with blanks; use `text`.
    ///
    /// The blanks take room in every row, vanish in some comparisons and count in others: `'a'::char(3) LIKE 'a'` is
    /// true and `'a'::char(3) LIKE 'a  '` is false. It is no faster than `text` and does not even hold the length, as
    /// shorter values are accepted.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY, country char(2));
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY, country text CHECK (length(country) = 2));
    /// ```
    "T005", known, fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let Type::Char(length) = column.ty else { return };
    let path = column_path(table, column);
    let width = length
        .map_or("its width".to_string(), |length| crate::words::counted(length as usize, "character", "characters"));
    findings
        .at_type(&path, format!("{}.{} is filled with blanks to {width}", table.name, column.name))
        .why("the blanks count in LIKE and concatenation and are ignored in =")
        .unsafe_fix("make it text", vec![Change::set_type(path, Type::Text)]);
}
