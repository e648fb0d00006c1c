use model::object::{Index, Table};
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Two indexes are the same; drop one.
    ///
    /// Every INSERT, and every UPDATE that cannot be done in place, writes both; both take memory and vacuum time; no query
    /// is faster for it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// CREATE INDEX orders_by_status ON orders (status);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// ```
    "I001", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for (position, index) in table.indexes.iter().enumerate().filter(|(_, index)| is_own(index)) {
            let Some(twin) = table.indexes[..position].iter().find(|other| is_own(other) && same(other, index)) else {
                continue;
            };
            let (kept, dropped) = if needed(table, index) { (index, twin) } else { (twin, index) };
            if needed(table, dropped) {
                continue;
            }
            let path = Path::index(&table.name, dropped.name.clone());
            findings
                .at(&path, format!("{} repeats {}", dropped.name, kept.name))
                .why("every write to the table pays for both")
                .fix(format!("drop {}", dropped.name), vec![Change::drop(path)]);
        }
    }
}

fn is_own(index: &Index) -> bool {
    !index.inherited && index.attached_to.is_none()
}

fn same(a: &Index, b: &Index) -> bool {
    (&a.method, a.unique, a.nulls_not_distinct, &a.keys, &a.include, &a.predicate)
        == (&b.method, b.unique, b.nulls_not_distinct, &b.keys, &b.include, &b.predicate)
}

/// Something besides queries leans on it.
fn needed(table: &Table, index: &Index) -> bool {
    index.clustered || table.replica_identity == model::object::ReplicaIdentity::Index(index.name.clone())
}
