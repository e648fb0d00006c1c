use model::object::Index;
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// An index includes a column that is one of its keys already, so every entry holds it twice; leave it out of INCLUDE.
    ///
    /// What is a key can be returned from the index without being included.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric);
    /// CREATE INDEX orders_customer ON orders (customer_id) INCLUDE (customer_id, total);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text);
    /// CREATE UNIQUE INDEX orders_code ON orders (code) INCLUDE (code);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric);
    /// CREATE INDEX orders_customer ON orders (customer_id) INCLUDE (total);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, code text);
    /// CREATE INDEX orders_code ON orders (lower(code)) INCLUDE (code);
    /// ```
    "I014", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| !index.inherited && !index.include.is_empty()) {
            let keys: Vec<&Name> = index.key_columns().into_iter().flatten().collect();
            let twice: Vec<&Name> = index.include.iter().filter(|name| keys.contains(name)).collect();
            if twice.is_empty() {
                continue;
            }
            let path = Path::index(&table.name, index.name.clone());
            let include = index.include.iter().filter(|name| !keys.contains(name)).cloned().collect();
            let anew = Change::add_index(&table.name, Index { include, ..index.clone() });
            findings
                .at(&path, format!("{} holds {} twice", index.name, listed(twice)))
                .why("a key can be returned from the index as it is")
                .unsafe_fix("include what is no key", vec![Change::drop(path), anew]);
        }
    }
}
