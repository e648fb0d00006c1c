use model::object::Index;
use model::served::is_served;
use model::{Change, Path, Schema};

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
            .at(&Path::constraint(&table.name, constraint.name.clone()), format!("no index leads with ({columns})"))
            .why(format!("each DELETE from {} reads all of {}", key.table, table.name))
            .fix(title, vec![index]);
        if let Some(rows) = rows {
            draft.why(format!("{} had {} rows in the statistics", table.name, grouped(rows)));
        }
    }
}
