use std::collections::BTreeSet;

use model::object::{Column, Index, IndexKey, Table};
use model::query::{FoundQuery, Origin};
use model::{Change, Expr, Name, Path, QName, Schema, Type};

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
    let indexed: Vec<(&Table, &Index, &Column)> = schema.tables().flat_map(indexes).collect();
    if indexed.is_empty() {
        return;
    }
    let (contains, keys) = asked(schema, findings.queries());
    for (table, index, column) in indexed {
        let named = (&table.name, &column.name);
        if !contains.contains(&named) || keys.contains(&named) {
            continue;
        }
        let path = Path::index(&table.name, index.name.clone());
        let opclass = Some(QName::new("", "jsonb_path_ops"));
        let keys = index.keys.iter().map(|key| IndexKey { opclass: opclass.clone(), ..key.clone() }).collect();
        let anew = Change::add_index(&table.name, Index { keys, ..index.clone() });
        findings
            .at(&path, format!("{} keeps every key of {} for ?, which nobody asks", index.name, column.name))
            .why("the queries of this project ask with @> alone")
            .unsafe_fix("use jsonb_path_ops", vec![Change::drop(path), anew]);
    }
}

/// The GIN indexes over one jsonb column whose operator class serves every operator.
fn indexes(table: &Table) -> impl Iterator<Item = (&Table, &Index, &Column)> {
    let own = table.indexes.iter().filter(|index| index.method == "gin" && !index.inherited);
    own.filter_map(move |index| {
        let [key] = index.keys.as_slice() else { return None };
        let column = key.expr.as_column().and_then(|name| table.column(name))?;
        let is_default = key.opclass.as_ref().is_none_or(|class| class.name == "jsonb_ops");
        (column.ty == Type::Jsonb && is_default).then_some((table, index, column))
    })
}

type Asked<'s> = BTreeSet<(&'s QName, &'s Name)>;

/// The columns that queries ask with `@>`, and those that they ask for keys.
fn asked<'s>(schema: &'s Schema, queries: &[FoundQuery]) -> (Asked<'s>, Asked<'s>) {
    let (mut contains, mut keys) = (Asked::new(), Asked::new());
    for found in queries.iter().filter(|found| found.origin != Origin::Migration) {
        for level in levels(&found.query) {
            for expr in expressions(level) {
                let Expr::Binary { op, left, .. } = expr else { continue };
                let asked = match op.as_str() {
                    "@>" => &mut contains,
                    "?" | "?|" | "?&" => &mut keys,
                    _ => continue,
                };
                asked.extend(resolve(schema, level, left).map(|(table, column)| (&table.name, &column.name)));
            }
        }
    }
    (contains, keys)
}
