use model::{Change, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::At;

rule! {
    /// `timestamp` forgets the offset; an instant needs `timestamptz`.
    ///
    /// Two sessions in different time zones store the same instant as two different values, and reading it back in a
    /// third zone gives a third instant. `timestamptz` takes the same 8 bytes and stores the instant itself.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz);
    /// ```
    ///
    /// **How to fix.** `ALTER TABLE orders ALTER placed_at TYPE timestamptz USING placed_at AT TIME ZONE 'UTC'`, with
    /// the zone in which the values were written. The table is rewritten, unless the session's zone is UTC and there is
    /// no `USING`. A wall-clock time that belongs to no zone, such as the opening hour of a shop, is right as it is.
    "T001", fix, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    let Type::Timestamp { zone: false, precision } = column.ty.element() else { return };
    let path = Path::column(&table.name, column.name.clone());
    let zoned = with_zone(&column.ty, *precision);
    findings
        .at_type(&path, format!("{}.{} stores no time zone", table.name, column.name))
        .label("the offset is dropped")
        .why("the same instant written by sessions in two zones becomes two values")
        .unsafe_fix("make it timestamptz, once the old zone is known", vec![Change::set_type(path, zoned)]);
}

fn with_zone(ty: &Type, precision: Option<u8>) -> Type {
    match ty {
        Type::Array(element) => with_zone(element, precision).array(),
        _ => Type::Timestamp { zone: true, precision },
    }
}
