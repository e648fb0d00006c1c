use model::object::{Index, IndexKey, Table};
use model::{Change, Path, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A B-tree over a whole `jsonb` value serves only comparisons of whole documents; use GIN, or index the key that is asked for.
    ///
    /// No operator that looks inside (`->>`, `@>`, `?`) can use it, and a document that is larger than a third of a page
    /// (2,704 bytes) makes the INSERT fail.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_payload ON events (payload);
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_payload ON events USING gin (payload jsonb_path_ops);
    /// ```
    "I006", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| index.method == "btree" && !index.inherited && !index.unique) {
            let mut keys = index.keys.iter().filter_map(|key| key.expr.as_column());
            let json = |name: &&model::Name| table.column(name).is_some_and(|column| column.ty == Type::Jsonb);
            if let Some(column) = keys.find(json) {
                let path = Path::index(&table.name, index.name.clone());
                let changes = if index.keys.len() == 1 { as_gin(table, index) } else { Vec::new() };
                let draft = findings
                    .at(&path, format!("{} compares whole documents of {column}", index.name))
                    .why("->>, @> and ? cannot use it, and a document over 2,704 bytes cannot be stored");
                if !changes.is_empty() {
                    draft.unsafe_fix("make it a GIN index", changes);
                }
            }
        }
    }
}

fn as_gin(table: &Table, index: &Index) -> Vec<Change> {
    let opclass = Some(QName::new("", "jsonb_path_ops"));
    let keys = index.keys.iter().map(|key| IndexKey {
        expr: key.expr.clone(),
        opclass: opclass.clone(),
        ..IndexKey::column("")
    });
    let anew = Index { method: "gin".into(), keys: keys.collect(), include: Vec::new(), ..index.clone() };
    vec![Change::drop(Path::index(&table.name, index.name.clone())), Change::add_index(&table.name, anew)]
}
