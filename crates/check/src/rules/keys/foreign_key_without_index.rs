use std::collections::BTreeSet;

use model::object::{Constraint, Index, Table};
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;
use crate::words::{comma, grouped};

rule! {
    /// A foreign key without an index makes every DELETE of the other table read this one; add the index.
    ///
    /// For each deleted row, and each changed key, the database looks for rows that point at it. Without an index that is
    /// a sequential scan of the whole table per row, with the locks of the DELETE held. Joins along the key need the
    /// same index.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE profiles (customer_id bigint REFERENCES customers, kind text, PRIMARY KEY (customer_id, kind));
    /// ```
    "K002", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        if table.foreign.is_some() || is_served(table, &key.columns) {
            continue;
        }
        let columns = comma(&key.columns);
        let title = format!("add an index on {} ({columns})", table.name);
        let index = Change::add_index(&table.name, Index::btree("", key.columns.iter().cloned()));
        let rows = findings.rows(&table.name);
        let draft = findings
            .at(
                &Path::constraint(&table.name, constraint.name.clone()),
                format!("no index leads with ({columns})"),
            )
            .why(format!("each DELETE from {} reads all of {}", key.table, table.name))
            .fix(title, vec![index]);
        if let Some(rows) = rows {
            draft.why(format!("{} had {} rows in the statistics", table.name, grouped(rows)));
        }
    }
}

/// An index whose first keys are these columns in any order, over every row that has a value in them.
fn is_served(table: &Table, columns: &[Name]) -> bool {
    let wanted: BTreeSet<&Name> = columns.iter().collect();
    let leads = |keys: &mut dyn Iterator<Item = Option<&Name>>| {
        keys.take(wanted.len()).collect::<Option<BTreeSet<_>>>().is_some_and(|first| first == wanted)
    };
    let by_key =
        |constraint: &Constraint| constraint.as_key().is_some_and(|key| leads(&mut key.columns.iter().map(Some)));
    let by_index = |index: &Index| {
        let method = matches!(index.method.as_str(), "btree" | "hash");
        let covers = index.predicate.as_ref().is_none_or(|predicate| {
            predicate.conjuncts().iter().all(|part| {
                matches!(part, model::Expr::Test { operand, test } if test == "IS NOT NULL"
                    && operand.as_column().is_some_and(|column| wanted.contains(column)))
            })
        });
        method && covers && leads(&mut index.key_columns().into_iter())
    };
    table.constraints.iter().any(by_key) || table.indexes.iter().any(by_index)
}
