use model::object::{Index, IndexKey};
use model::query::{FoundQuery, Origin};
use model::{Change, Expr, Path, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, levels, resolve};
use crate::rule::Check;

rule! {
    /// A GIN index over jsonb serves `?` as well, and no query asks with it; `jsonb_path_ops` is smaller and quicker for `@>`.
    ///
    /// The default operator class keeps every key and every value apart, so that a key alone can be looked up. With
    /// `jsonb_path_ops` each value is kept once, hashed together with its path: about a third of the size, and fewer rows to
    /// look at again.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_payload ON events USING gin (payload);
    /// -- queries
    /// SELECT id FROM events WHERE payload @> $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_payload ON events USING gin (payload jsonb_ops);
    /// -- queries
    /// SELECT e.id FROM events e WHERE e.payload @> '{"kind": "paid"}' AND e.id > $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_payload ON events USING gin (payload jsonb_path_ops);
    /// -- queries
    /// SELECT id FROM events WHERE payload @> $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_payload ON events USING gin (payload);
    /// -- queries
    /// SELECT id FROM events WHERE payload @> $1;
    /// SELECT id FROM events WHERE payload ? 'kind';
    /// ```
    "I017", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| index.method == "gin" && !index.inherited) {
            let [key] = index.keys.as_slice() else { continue };
            let Some(column) = key.expr.as_column().and_then(|name| table.column(name)) else { continue };
            let is_default = key.opclass.as_ref().is_none_or(|class| class.name == "jsonb_ops");
            if column.ty != Type::Jsonb || !is_default || !only_contains(schema, findings.queries(), &table.name, &column.name)
            {
                continue;
            }
            let path = Path::index(&table.name, index.name.clone());
            let opclass = Some(QName::new("", "jsonb_path_ops"));
            let keys = vec![IndexKey { opclass, ..key.clone() }];
            let anew = Change::add_index(&table.name, Index { keys, ..index.clone() });
            findings
                .at(&path, format!("{} keeps every key of {} for ?, which nobody asks", index.name, column.name))
                .why("the queries of this project ask with @> alone")
                .unsafe_fix("use jsonb_path_ops", vec![Change::drop(path), anew]);
        }
    }
}

/// Some query asks with `@>`, and none with an operator that only the default class has.
fn only_contains(schema: &Schema, queries: &[FoundQuery], table: &QName, column: &str) -> bool {
    let mut contains = false;
    for found in queries.iter().filter(|found| found.origin != Origin::Migration) {
        for level in levels(&found.query) {
            for expr in expressions(level) {
                let Expr::Binary { op, left, .. } = expr else { continue };
                let asks = matches!(op.as_str(), "@>" | "?" | "?|" | "?&");
                let same = asks && resolve(schema, level, left).is_some_and(|(of, named)| of.name == *table && named.name == column);
                if same && op != "@>" {
                    return false;
                }
                contains |= same;
            }
        }
    }
    contains
}
