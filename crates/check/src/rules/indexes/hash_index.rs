use model::object::Index;
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A hash index serves nothing but `=` on one column; a B-tree does that too, and sorts, ranges and uniqueness.
    ///
    /// It cannot answer from the index alone, cannot hold two columns and cannot be unique. It pays only for long values
    /// that are compared for equality, where it stores 4 bytes instead of the value.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE INDEX users_email ON users USING hash (email);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE INDEX users_email ON users (email);
    /// ```
    "I004", note, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| index.method == "hash" && !index.inherited) {
            let path = Path::index(&table.name, index.name.clone());
            let anew = Index { method: "btree".into(), options: Default::default(), ..index.clone() };
            let changes = vec![Change::drop(path.clone()), Change::add_index(&table.name, anew)];
            findings
                .at(&path, format!("{} serves only = on {}", index.name, table.name))
                .why("a hash index cannot sort, find ranges, hold two columns or be read alone")
                .unsafe_fix("make it a B-tree", changes);
        }
    }
}
