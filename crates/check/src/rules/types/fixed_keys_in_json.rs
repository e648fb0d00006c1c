use std::collections::{BTreeMap, BTreeSet};

use model::object::{ConstraintKind, Table};
use model::{Expr, Name, Path, QName, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::{counted, listed};

rule! {
    /// Rows are searched by fixed keys inside a JSON document; make them columns.
    ///
    /// A key that queries filter by, or that an index or a check names, is an attribute of the row. Inside the document it has no
    /// type, no NOT NULL and no statistics: the planner takes one row in 200 whatever the value is, and joins go wrong from
    /// there. A generated column is the smallest step.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX ON events ((payload ->> 'user_id'));
    /// CREATE INDEX ON events ((payload ->> 'kind'), (payload ->> 'source'));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// -- queries
    /// SELECT id FROM events e WHERE e.payload ->> 'user_id' = $1;
    /// SELECT id FROM events WHERE payload ->> 'kind' = $1 AND payload ->> 'source' = $2;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX ON events USING gin (payload jsonb_path_ops);
    /// -- queries
    /// SELECT payload ->> 'a', payload ->> 'b', payload ->> 'c' FROM events WHERE payload ->> 'kind' = $1;
    /// ```
    "T021", note, Check::Schema(check)
}

/// One or two keys may be an afterthought; three are columns.
const FEWEST: usize = 3;

type Found<'a> = BTreeMap<(&'a QName, Name), BTreeSet<Name>>;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut found: Found<'_> = BTreeMap::new();
    for table in own_tables(schema).filter(|table| table.columns.iter().any(|column| is_json(&column.ty))) {
        let in_keys =
            table.indexes.iter().flat_map(|index| index.keys.iter().map(|key| &key.expr).chain(&index.predicate));
        let in_checks = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::Check(expr) => Some(expr),
            _ => None,
        });
        in_keys.chain(in_checks).for_each(|expr| note_keys(expr, &mut |_| Some(table), &mut found));
    }
    for query in findings.queries() {
        query.query.walk(&mut |query| {
            let sources = query.tables();
            let table_of = |qualifier: Option<&Name>| {
                let named = |name: &Name| {
                    sources.iter().find(|source| source.alias.as_ref().unwrap_or(&source.name.name) == name)
                };
                let source = match (qualifier, sources.as_slice()) {
                    (Some(name), _) => named(name).copied(),
                    (None, [only]) => Some(*only),
                    _ => None,
                };
                source.and_then(|source| schema.table(&source.name))
            };
            if let Some(filter) = &query.filter {
                note_keys(filter, &mut |qualifier| table_of(qualifier), &mut found);
            }
        });
    }
    for ((table, column), keys) in found.into_iter().filter(|(_, keys)| keys.len() >= FEWEST) {
        let sample = listed(keys.iter().take(3));
        let keys = counted(keys.len(), "fixed key", "fixed keys");
        findings
            .at(&Path::column(table, column.clone()), format!("rows of {table} are searched by {keys} inside {column}"))
            .why(format!("{sample} have no type, no NOT NULL and no statistics there"));
    }
}

fn is_json(ty: &Type) -> bool {
    matches!(ty, Type::Json | Type::Jsonb)
}

/// Every `column ->> 'key'` of the expression, where the column is JSON.
fn note_keys<'a>(expr: &Expr, table_of: &mut dyn FnMut(Option<&Name>) -> Option<&'a Table>, found: &mut Found<'a>) {
    expr.walk(&mut |expr| {
        let Expr::Binary { op, left, right } = expr else { return };
        let (Expr::Column(column), Expr::String(key)) = (&**left, right.without_casts()) else { return };
        if op != "->>" && op != "->" {
            return;
        }
        let Some(table) = table_of(column.qualifier.as_ref()) else { return };
        if table.column(&column.name).is_some_and(|column| is_json(&column.ty)) {
            found.entry((&table.name, column.name.clone())).or_default().insert(key.clone());
        }
    });
}
