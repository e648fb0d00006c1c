use model::{Aspect, Change, Kind, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path, serial_sequence};
use crate::words::grouped;

rule! {
    /// A `bigint` is numbered by an integer sequence, which ends long before the column; widen the sequence.
    ///
    /// `ALTER COLUMN … TYPE bigint` widens the column of a `serial` and leaves its sequence as it is. At 2,147,483,647 `nextval`
    /// fails, and every INSERT with it, although there is room for more.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id serial PRIMARY KEY);
    /// ALTER TABLE orders ALTER COLUMN id TYPE bigint;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigserial PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id serial PRIMARY KEY);
    /// ALTER TABLE orders ALTER COLUMN id TYPE bigint;
    /// ALTER SEQUENCE orders_id_seq AS bigint;
    /// ```
    "T032", known, fix, Check::Column(check)
}

fn check(schema: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !(column.ty == Type::BigInt) {
        return;
    }
    let Some(sequence) = serial_sequence(schema, table, column).and_then(|name| schema.sequence(name)) else { return };
    if !matches!(sequence.ty, Type::SmallInt | Type::Integer) {
        return;
    }
    let mut wide = sequence.clone();
    (wide.ty, wide.max) = (Type::BigInt, i64::MAX);
    let path = Path::object(Kind::Sequence, &sequence.name);
    findings
        .at_type(&column_path(table, column), format!("{} ends at {}", sequence.name, grouped(sequence.max as f64)))
        .why(format!("{}.{} has room for more, but nextval then fails every INSERT", table.name, column.name))
        .fix("make the sequence bigint", vec![Change::alter(path, Aspect::Sequence(Box::new(wide)))]);
}
