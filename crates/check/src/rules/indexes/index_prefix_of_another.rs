use model::object::{Index, ReplicaIdentity};
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
        for index in table.indexes.iter().filter(|index| is_plain(index) && !index.unique && !index.clustered) {
            let leans = table.replica_identity == ReplicaIdentity::Index(index.name.clone());
            let Some(longer) = table.indexes.iter().find(|other| !leans && extends(other, index)) else { continue };
            let path = Path::index(&table.name, index.name.clone());
            let keys = comma(longer.keys.iter().map(|key| &key.expr));
            findings
                .at(&path, format!("{} begins with the same keys as {}", longer.name, index.name))
                .why(format!("{} ({keys}) finds the same rows", longer.name))
                .fix(format!("drop {}", index.name), vec![Change::drop(path)]);
        }
    }
}

fn is_plain(index: &Index) -> bool {
    index.method == "btree" && index.valid && !index.inherited && index.attached_to.is_none()
}

fn extends(longer: &Index, index: &Index) -> bool {
    let has = |column| longer.include.contains(column) || longer.key_columns().contains(&Some(column));
    is_plain(longer)
        && longer.predicate == index.predicate
        && longer.keys.len() > index.keys.len()
        && longer.keys.starts_with(&index.keys)
        && index.include.iter().all(has)
}
