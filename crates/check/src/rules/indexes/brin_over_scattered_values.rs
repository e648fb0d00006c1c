use model::object::Index;
use model::{Change, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A BRIN index over values in no order finds nothing: every range of pages holds every value; use a B-tree.
    ///
    /// BRIN keeps the least and the greatest value of each 128 pages, and skips those that cannot hold what is asked for. It
    /// works for what grows with the table, such as a time. A uuid, a hash or a flag is spread over all pages.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, token uuid DEFAULT gen_random_uuid());
    /// CREATE INDEX events_token ON events USING brin (token);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, device inet);
    /// CREATE INDEX events_device ON events USING brin (device);
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz);
    /// CREATE INDEX events_at ON events USING brin (at);
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id uuid PRIMARY KEY, device text);
    /// CREATE INDEX events_device ON events USING brin (device text_bloom_ops);
    /// ```
    "I015", fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| index.method == "brin" && !index.inherited) {
            let scattered = index.keys.iter().filter(|key| key.opclass.is_none()).find_map(|key| {
                let column = table.column(key.expr.as_column()?)?;
                matches!(column.ty, Type::Uuid | Type::Boolean | Type::Bytea | Type::Inet).then_some(column)
            });
            let Some(column) = scattered.filter(|_| index.keys.len() == 1) else { continue };
            let path = Path::index(&table.name, index.name.clone());
            let anew = Change::add_index(&table.name, Index { name: index.name.clone(), ..tree(index) });
            findings
                .at(&path, format!("{} skips no page", index.name))
                .why(format!("{} is {}, which comes in no order", column.name, column.ty))
                .unsafe_fix("make it a B-tree", vec![Change::drop(path), anew]);
        }
    }
}

fn tree(index: &Index) -> Index {
    Index { method: "btree".into(), options: Default::default(), ..index.clone() }
}
