use model::{Change, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::column_path;
use crate::words::comma;

rule! {
    /// A column depends on a part of the key only; read it from the table of that part.
    ///
    /// With the key `(order_id, product_id)` the name of the product stands in each of its lines. Renaming the product changes
    /// thousands of rows or makes them disagree, and a product without orders has no name at all. It breaks the second
    /// normal form.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE products (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE order_lines (
    ///     order_id bigint REFERENCES orders,
    ///     product_id bigint REFERENCES products,
    ///     product_name text NOT NULL,
    ///     PRIMARY KEY (order_id, product_id)
    /// );
    /// CREATE INDEX ON order_lines (product_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE products (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE order_lines (
    ///     order_id bigint REFERENCES orders,
    ///     product_id bigint REFERENCES products,
    ///     note text NOT NULL,
    ///     PRIMARY KEY (order_id, product_id)
    /// );
    /// CREATE INDEX ON order_lines (product_id);
    /// ```
    "D007", fix, Check::Schema(check)
}

fn check(_: &Schema, findings: &mut Findings<'_>) {
    for copy in findings.sight().copies() {
        let Some(primary) = copy.table.primary_key().filter(|key| key.columns.len() > 1) else { continue };
        let part = &copy.key.columns[0];
        if !primary.columns.contains(part) || primary.columns.contains(&copy.column.name) {
            continue;
        }
        let path = column_path(copy.table, copy.column);
        findings
            .at(&path, format!("{}.{} depends on {part} alone", copy.table.name, copy.column.name))
            .why(format!(
                "the key is ({}); {}.{} says it once",
                comma(&primary.columns),
                copy.target.name,
                copy.original
            ))
            .unsafe_fix(format!("drop it and read {}.{}", copy.target.name, copy.original), vec![Change::drop(path)]);
    }
}
