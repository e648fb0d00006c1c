use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// Two foreign keys say the same; drop one.
    ///
    /// Each write checks both, each DELETE of the other table looks for rows twice, and when their actions differ the one
    /// that acts first wins.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers;
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);
    /// CREATE INDEX ON orders (customer_id);
    /// ```
    "K005", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        let keys: Vec<_> = table.foreign_keys().filter(|(constraint, _)| !constraint.inherited).collect();
        for (index, (constraint, key)) in keys.iter().enumerate() {
            let same = |other: &&(_, &model::object::ForeignKey)| {
                other.1.columns == key.columns && other.1.table == key.table && other.1.targets == key.targets
            };
            let Some((first, twin)) = keys[..index].iter().find(same) else { continue };
            let path = Path::constraint(&table.name, constraint.name.clone());
            let columns = comma(&key.columns);
            let draft = findings
                .at(&path, format!("{} already ties {} ({columns}) to {}", first.name, table.name, key.table))
                .why("each write and each DELETE pays for both");
            if (twin.on_delete, twin.on_update) == (key.on_delete, key.on_update) {
                draft.fix(format!("drop {}", constraint.name), vec![Change::drop(path)]);
            } else {
                draft.why("their actions differ, and which one acts first depends on the names of their triggers");
            }
        }
    }
}
