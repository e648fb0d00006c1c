use model::{Change, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::column_path;

rule! {
    /// A column repeats what the row it refers to says; read it there, or say in a comment that it is kept as it was.
    ///
    /// When the customer changes the name, every order has to change with it, and one that is missed shows the old name for
    /// ever: the second truth that the third normal form forbids. Where the value of that moment is meant (a price, an
    /// address on an invoice), it is right; then silence the rule here.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, customer_name text NOT NULL);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, customer_note text);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE order_history (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, customer_name text);
    /// CREATE INDEX ON order_history (customer_id);
    /// ```
    "D006", note, fix, Check::Schema(check)
}

fn check(_: &Schema, findings: &mut Findings<'_>) {
    for copy in findings.sight().copies() {
        let in_key =
            |name| copy.table.primary_key().is_some_and(|key| key.columns.len() > 1 && key.columns.contains(name));
        if copy.key.columns.iter().any(in_key) {
            continue;
        }
        let path = column_path(copy.table, copy.column);
        let reference = &copy.key.columns[0];
        findings
            .at(
                &path,
                format!("{}.{} repeats {}.{}", copy.table.name, copy.column.name, copy.target.name, copy.original),
            )
            .why(format!(
                "it follows from {reference}: when {} changes there, every row here has to change too",
                copy.original
            ))
            .unsafe_fix(format!("drop it and read {}.{}", copy.target.name, copy.original), vec![Change::drop(path)]);
    }
}
