use model::object::{Index, IndexKey};
use model::query::FoundQuery;
use model::{Change, Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{comparisons, has_index_on, is_indexed, only_column, repeated, unqualified};
use crate::rule::Check;

rule! {
    /// A function around an indexed column hides the index from the query; index the expression, or compare the column itself.
    ///
    /// The index is sorted by the column and not by what the function makes of it, so every row is read. An index on the
    /// expression, or a range on the bare column (`>= day AND < day + 1` instead of `date_trunc`), is found by its key.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// -- queries
    /// SELECT id FROM users WHERE lower(email) = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamptz);
    /// CREATE INDEX orders_placed ON orders (placed_at);
    /// -- queries
    /// SELECT o.id FROM orders o WHERE date_trunc('day', o.placed_at) = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// CREATE INDEX users_lower_email ON users (lower(email));
    /// -- queries
    /// SELECT id FROM users WHERE lower(email) = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE, name text);
    /// -- queries
    /// SELECT id FROM users WHERE email = lower($1) AND upper(name) = $2;
    /// ```
    "Q013", known, fix, Check::Query(check)
}

/// Functions of one value that an index may be built on: immutable for text and numbers.
const IMMUTABLE: &[&str] = &[
    "abs", "btrim", "left", "length", "lower", "ltrim", "md5", "replace", "right", "rtrim", "substr", "trim", "upper",
];

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for comparison in comparisons(level) {
            let expr = comparison.side.without_casts();
            let Expr::Call(call) = expr else { continue };
            let Some((table, column)) = only_column(schema, level, expr) else { continue };
            if call.over.is_some()
                || call.filter.is_some()
                || !is_indexed(table, &column.name)
                || has_index_on(table, expr)
            {
                continue;
            }
            let changes = if IMMUTABLE.contains(&call.function.name.as_str()) && column.ty.is_text() {
                let key = IndexKey { expr: unqualified(expr), ..IndexKey::column("") };
                vec![Change::add_index(&table.name, Index { keys: vec![key], ..Index::btree("", []) })]
            } else {
                Vec::new()
            };
            let draft = findings
                .here(found.place, format!("the index on {} cannot find {}", column.name, unqualified(expr)))
                .span(level.span)
                .words(&call.function.name)
                .why(format!("it is sorted by {}, so every row of {} is read", column.name, table.name));
            if !changes.is_empty() {
                draft.unsafe_fix("index the expression", changes);
            }
        }
    }
}
