use model::dialect::ForeignKeys;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_columns, own_constraints, own_tables};
use crate::words::counted;

rule! {
    /// The schema uses what the target does not have between its shards; plan what takes its place.
    ///
    /// A foreign key that nobody checks is worse than none, as everybody trusts it. On Vitess numbers come from a table of
    /// sequences, foreign keys hold within one shard at most, and views are not there in sharded keyspaces. Each sort is told
    /// once, with its count.
    ///
    /// ```sql,bad
    /// -- target vitess
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// -- target vitess
    /// CREATE TABLE users (id uuid PRIMARY KEY);
    /// CREATE TABLE orders (id uuid PRIMARY KEY, user_id uuid REFERENCES users);
    /// CREATE INDEX ON orders (user_id);
    /// ```
    /// ```sql,good
    /// -- target vitess
    /// CREATE TABLE orders (id uuid PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// ```
    "R016", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let dialect = findings.dialect();
    let spread = &dialect.spread;
    if spread.foreign_keys == ForeignKeys::WithinShard {
        let keys: Vec<_> = own_constraints(schema).filter(|(_, it)| it.as_foreign_key().is_some()).collect();
        if let Some((table, constraint)) = keys.first() {
            let count = counted(keys.len(), "foreign key holds", "foreign keys hold");
            findings
                .at(
                    &Path::constraint(&table.name, constraint.name.clone()),
                    format!("{count} within one shard at most"),
                )
                .why(format!("{} switches them off, or checks them only where both rows lie together", dialect.name));
        }
    }
    if !spread.numbers {
        let numbered: Vec<_> = own_columns(schema).filter(|(_, column)| column.identity.is_some()).collect();
        if let Some((table, column)) = numbered.first() {
            let count = counted(numbered.len(), "column numbers itself", "columns number themselves");
            findings
                .at(&Path::column(&table.name, column.name.clone()), format!("{count}, which shards cannot agree on"))
                .why(format!("{} gives numbers from a table of sequences", dialect.name));
        }
    }
    if !spread.views {
        let views: Vec<_> = schema.views().collect();
        if let (Some(view), Some(_)) = (views.first(), own_tables(schema).next()) {
            let kind = if view.materialized { model::Kind::MaterializedView } else { model::Kind::View };
            findings
                .at(
                    &Path::object(kind, &view.name),
                    format!("{} cannot be made", counted(views.len(), "view", "views")),
                )
                .why(format!("{} has none in sharded keyspaces", dialect.name));
        }
    }
}
