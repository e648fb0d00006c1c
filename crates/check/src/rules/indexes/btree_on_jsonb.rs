use model::{Path, Schema, Type};

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
    "I006", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| index.method == "btree" && !index.inherited) {
            let mut keys = index.keys.iter().filter_map(|key| key.expr.as_column());
            let json = |name: &&model::Name| table.column(name).is_some_and(|column| column.ty == Type::Jsonb);
            if let Some(column) = keys.find(json) {
                findings
                    .at(
                        &Path::index(&table.name, index.name.clone()),
                        format!("{} compares whole documents of {column}", index.name),
                    )
                    .why("->>, @> and ? cannot use it, and a document over 2,704 bytes cannot be stored");
            }
        }
    }
}
