use model::served::{extends, is_leaned_on};
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// An index holds only the first keys of another one; drop it, the longer one answers its queries.
    ///
    /// A B-tree on (a, b) finds rows by a as well as one on (a) does. The shorter one is smaller, and that rarely pays for
    /// writing both.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, placed_at timestamptz);
    /// CREATE INDEX orders_customer ON orders (customer_id);
    /// CREATE INDEX orders_customer_time ON orders (customer_id, placed_at);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric);
    /// CREATE INDEX orders_customer ON orders (customer_id);
    /// CREATE INDEX orders_customer_total ON orders (customer_id) INCLUDE (total);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, placed_at timestamptz);
    /// CREATE INDEX orders_customer_time ON orders (customer_id, placed_at);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, placed_at timestamptz);
    /// CREATE INDEX orders_customer ON orders (customer_id) WHERE placed_at IS NULL;
    /// CREATE INDEX orders_customer_time ON orders (customer_id, placed_at);
    /// ```
    "I002", fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| !index.unique && !is_leaned_on(table, index)) {
            let Some(longer) = table.indexes.iter().find(|other| extends(other, index)) else { continue };
            let path = Path::index(&table.name, index.name.clone());
            let keys = comma(longer.keys.iter().map(|key| &key.expr));
            findings
                .at(&path, format!("{} begins with the same keys as {}", longer.name, index.name))
                .why(format!("{} ({keys}) finds the same rows", longer.name))
                .fix(format!("drop {}", index.name), vec![Change::drop(path)]);
        }
    }
}
