use model::{Aspect, Change, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_constraints, serial_sequence};

rule! {
    /// A foreign key column numbers itself; it should hold the other table's key, so make it a plain integer.
    ///
    /// An INSERT that forgets the column does not fail: it takes the next number of a sequence and points at whichever row
    /// happens to have it.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigserial REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    "K006", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        let Some(key) = constraint.as_foreign_key() else { continue };
        for column in key.columns.iter().filter_map(|name| table.column(name)) {
            let sequence = serial_sequence(schema, table, column);
            if column.inherited || (column.identity.is_none() && sequence.is_none()) {
                continue;
            }
            let path = column_path(table, column);
            let mut changes = Vec::new();
            match sequence {
                Some(sequence) => {
                    changes.push(Change::alter(path.clone(), Aspect::Default(None)));
                    changes.push(Change::drop(model::Path::object(model::Kind::Sequence, sequence)));
                }
                None => changes.push(Change::alter(path.clone(), Aspect::Identity(None))),
            }
            findings
                .at_type(&path, format!("{}.{} numbers itself and refers to {}", table.name, column.name, key.table))
                .why("an INSERT that leaves it out points at a row by accident")
                .unsafe_fix("let it number nothing", changes);
        }
    }
}
