use model::object::{Column, Index, IndexKey, Table};
use model::query::FoundQuery;
use model::{Change, Expr, Name, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, repeated, resolve};
use crate::rule::Check;

rule! {
    /// A LIKE pattern that begins with a wildcard reads the whole table; give the column a trigram index, or use full-text search.
    ///
    /// A B-tree is sorted by the beginning of the value, which the pattern leaves open. A GIN index with `gin_trgm_ops` (of
    /// the extension pg_trgm) finds any three letters.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE '%@example.com';
    /// ```
    /// ```sql,bad
    /// CREATE EXTENSION pg_trgm;
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id FROM users WHERE email ILIKE '%example%';
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE 'info@%';
    /// ```
    "Q006", note, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for expr in level.filter.iter().flat_map(|_| expressions(level)) {
            let Expr::Binary { op, left, right } = expr else { continue };
            let Expr::String(pattern) = right.without_casts() else { continue };
            if !matches!(op.as_str(), "LIKE" | "ILIKE") || !pattern.starts_with('%') || pattern.len() < 2 {
                continue;
            }
            let Some((table, column)) = resolve(schema, level, left) else { continue };
            if table.indexes.iter().any(|index| finds_parts(index, &column.name)) {
                continue;
            }
            let rows = size(findings, table);
            let trigrams = schema.extensions().any(|extension| extension.name == "pg_trgm");
            let changes = if trigrams { vec![by_trigrams(table, column)] } else { Vec::new() };
            let draft = findings
                .here(found.place, format!("no index of {} can find {op} '{pattern}'", table.name))
                .span(level.span)
                .words(op)
                .why(format!(
                    "a B-tree on {} is sorted by the beginning, which the pattern leaves open{rows}",
                    column.name
                ));
            if !changes.is_empty() {
                draft.unsafe_fix("index its trigrams", changes);
            }
        }
    }
}

fn by_trigrams(table: &Table, column: &Column) -> Change {
    let opclass = Some(QName::new("", "gin_trgm_ops"));
    let keys = vec![IndexKey { opclass, ..IndexKey::column(column.name.clone()) }];
    Change::add_index(&table.name, Index { method: "gin".into(), keys, ..Index::btree("", []) })
}

fn size(findings: &Findings<'_>, table: &Table) -> String {
    let rows = findings.rows(&table.name);
    rows.map_or(String::new(), |rows| format!("; {} rows are read", crate::words::grouped(rows)))
}

/// A trigram index on the column.
fn finds_parts(index: &Index, column: &Name) -> bool {
    index.keys.iter().any(|key| {
        let trigrams =
            key.opclass.as_ref().is_some_and(|class| class.name.contains("trgm") || class.name.contains("bigm"));
        trigrams && key.expr.columns().contains(&column)
    })
}
