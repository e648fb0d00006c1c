use model::object::{Column, Table};
use model::{Aspect, Change, Expr, Path, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_tables, serial_sequence};

rule! {
    /// The target spreads rows by ranges of the key and this key only rises, so one machine takes every insert; use random UUIDs.
    ///
    /// The range at the end of the key space lies on one machine. However many there are, the cluster then writes as fast as that
    /// one, and splitting the range moves the hot spot along with it. Numbers, times and UUIDs of version 7 all rise.
    ///
    /// ```sql,bad
    /// -- target cockroachdb
    /// CREATE FUNCTION uuid_generate_v7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT uuid_generate_v7());
    /// ```
    /// ```sql,bad
    /// -- target spanner
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- target cockroachdb
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    "R012", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let dialect = findings.dialect();
    if !dialect.spread.ascending_keys.gather() {
        return;
    }
    for table in own_tables(schema) {
        let Some(column) = table.primary_key().and_then(|key| table.column(key.columns.first()?)) else { continue };
        let Some(what) = rises(schema, table, column) else { continue };
        let path = Path::column(&table.name, column.name.clone());
        let draft = findings
            .at(&path, format!("every insert into {} goes to one machine", table.name))
            .why(format!("{} spreads rows by ranges of the key, and {what} only rises", dialect.name));
        if column.ty == Type::Uuid {
            let random = Expr::call(QName::new("", "gen_random_uuid"), Vec::new());
            draft.unsafe_fix("call gen_random_uuid()", vec![Change::alter(path, Aspect::Default(Some(random)))]);
        }
    }
}

/// Why the next key is larger than all before, in words.
fn rises(schema: &Schema, table: &Table, column: &Column) -> Option<&'static str> {
    let by_v7 = |call: &model::expr::Call| call.function.name.contains("uuid") && call.function.name.contains("7");
    match (&column.ty, column.default.as_ref().map(Expr::without_casts)) {
        (ty, _)
            if ty.is_integer() && (column.identity.is_some() || serial_sequence(schema, table, column).is_some()) =>
        {
            Some("a sequence")
        }
        (Type::Timestamp { .. } | Type::Date, _) => Some("time"),
        (Type::Uuid, Some(Expr::Call(call))) if by_v7(call) => Some("a UUID of version 7"),
        _ => None,
    }
}
