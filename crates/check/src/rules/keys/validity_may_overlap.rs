use model::object::{ConstraintKind, Table};
use model::{Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// Two versions of one thing may be valid at the same moment; exclude overlaps.
    ///
    /// A unique key cannot see that 1 May to 31 May and 15 May to 15 June overlap. “The price today” then has two answers, and the
    /// invoice takes one by chance. `EXCLUDE USING gist (product_id WITH =, tstzrange(valid_from, valid_until) WITH &&)` refuses
    /// the second; it needs the extension `btree_gist`.
    ///
    /// ```sql,bad
    /// CREATE TABLE products (id bigint PRIMARY KEY);
    /// CREATE TABLE prices (
    ///     id bigint PRIMARY KEY,
    ///     product_id bigint NOT NULL REFERENCES products,
    ///     valid_from timestamptz NOT NULL,
    ///     valid_until timestamptz,
    ///     CHECK (valid_from < valid_until)
    /// );
    /// CREATE INDEX ON prices (product_id);
    /// ```
    /// ```sql,good
    /// CREATE EXTENSION btree_gist;
    /// CREATE TABLE products (id bigint PRIMARY KEY);
    /// CREATE TABLE prices (
    ///     id bigint PRIMARY KEY,
    ///     product_id bigint NOT NULL REFERENCES products,
    ///     valid_from timestamptz NOT NULL,
    ///     valid_until timestamptz,
    ///     CHECK (valid_from < valid_until),
    ///     EXCLUDE USING gist (product_id WITH =, tstzrange(valid_from, valid_until) WITH &&)
    /// );
    /// CREATE INDEX ON prices (product_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE coupons (
    ///     code text PRIMARY KEY,
    ///     valid_from timestamptz NOT NULL,
    ///     valid_until timestamptz,
    ///     CHECK (valid_from < valid_until)
    /// );
    /// ```
    "K030", note, Check::Schema(check)
}

const PAIRS: &[(&str, &str)] = &[
    ("effective_from", "effective_to"),
    ("effective_from", "effective_until"),
    ("valid_from", "valid_to"),
    ("valid_from", "valid_until"),
];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| table.foreign.is_none()) {
        let pair = PAIRS.iter().filter_map(|(from, to)| Some((table.column(from)?, table.column(to)?))).next();
        let Some((from, to)) = pair else { continue };
        let of_time = matches!(from.ty, Type::Date | Type::Timestamp { .. });
        if !of_time || table.foreign_keys().next().is_none() || excludes(table) {
            continue;
        }
        findings
            .at(&Path::column(&table.name, to.name.clone()), format!("two rows of {} may be valid at once", table.name))
            .why(format!("no constraint sees that {} to {} overlap", from.name, to.name));
    }
}

fn excludes(table: &Table) -> bool {
    let apart = |key: &model::object::Key| key.without_overlaps;
    table.constraints.iter().any(|constraint| {
        matches!(constraint.kind, ConstraintKind::Exclude(_)) || constraint.as_key().is_some_and(apart)
    })
}
