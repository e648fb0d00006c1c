use model::dialect::AscendingKeys;
use model::object::{Column, Index};
use model::{Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// On the target one machine takes every new entry of an index that begins with the time; put a column in front that scatters.
    ///
    /// Each insert adds an entry at the end of the index, on the machine that holds that range. A tenant or a shard number in front
    /// (`(shard, created_at)`), or an index sharded by hash, spreads them.
    ///
    /// ```sql,bad
    /// -- target cockroachdb
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz NOT NULL DEFAULT now());
    /// CREATE INDEX ON orders (created_at);
    /// ```
    /// ```sql,bad
    /// -- target yugabytedb
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz NOT NULL DEFAULT now());
    /// CREATE INDEX ON orders (created_at DESC);
    /// ```
    /// ```sql,good
    /// -- target cockroachdb
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant uuid, created_at timestamptz NOT NULL DEFAULT now());
    /// CREATE INDEX ON orders (tenant, created_at);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id uuid PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());
    /// CREATE INDEX ON orders (created_at);
    /// ```
    "R013", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let dialect = findings.dialect();
    let gathers = |index: &Index| match dialect.spread.ascending_keys {
        AscendingKeys::OneTree => false,
        AscendingKeys::LastRange => index.method == "btree",
        // ASC is the default and leaves no trace in the model; DESC says that the index is in order.
        AscendingKeys::HashedFirst => index.keys.first().is_some_and(|key| key.descending),
    };
    for table in own_tables(schema) {
        for index in table.indexes.iter().filter(|index| gathers(index) && !index.inherited) {
            let first = index.keys.first().and_then(|key| table.column(key.expr.as_column()?));
            let Some(first) = first.filter(|column| is_time_of_writing(column)) else { continue };
            findings
                .at(
                    &Path::index(&table.name, index.name.clone()),
                    format!("every insert into {} adds to one end of {}", table.name, index.name),
                )
                .why(format!(
                    "{} keeps the end of an index on one machine, and {} only rises",
                    dialect.name, first.name
                ));
        }
    }
}

/// The clock fills it when the row is made.
fn is_time_of_writing(column: &Column) -> bool {
    matches!(column.ty, Type::Timestamp { .. }) && (column.default.is_some() || column.name.starts_with("created"))
}
