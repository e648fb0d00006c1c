use model::object::{Index, IndexKey, Table};
use model::query::FoundQuery;
use model::{Change, Expr, Name, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{conditions, is_indexed, repeated, resolve};
use crate::rule::Check;

rule! {
    /// `LIKE 'abc%'` cannot use an ordinary index of the column; index it with `text_pattern_ops` beside.
    ///
    /// A B-tree is sorted by the rules of the database's language, in which a prefix is no range. `text_pattern_ops` sorts by
    /// bytes, and so does the collation "C": if the whole database has that one, the ordinary index serves.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE 'info@%';
    /// ```
    /// ```sql,bad
    /// CREATE TABLE products (id bigint PRIMARY KEY, code varchar(20));
    /// CREATE INDEX products_code ON products (code);
    /// -- queries
    /// SELECT p.id FROM products p WHERE p.code LIKE 'A1-%' AND p.id > 5;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// CREATE INDEX users_email_prefix ON users (email text_pattern_ops);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE 'info@%';
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text COLLATE "C" UNIQUE, name text);
    /// -- queries
    /// SELECT id FROM users WHERE email LIKE 'info@%' AND name LIKE 'A%';
    /// ```
    "Q035", note, known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        for condition in conditions(level) {
            let Expr::Binary { op, left, right } = condition else { continue };
            let (Expr::String(pattern), "LIKE") = (right.without_casts(), op.as_str()) else { continue };
            let prefix = pattern.find(['%', '_']).unwrap_or(0);
            let Some((table, column)) = resolve(schema, level, left) else { continue };
            let by_bytes =
                column.collation.as_ref().is_some_and(|name| matches!(name.name.as_str(), "C" | "POSIX" | "ucs_basic"));
            let text = column.ty.is_text() && matches!(**left, Expr::Column(_));
            if prefix == 0 || !text || by_bytes || !is_indexed(table, &column.name) || finds_prefix(table, &column.name)
            {
                continue;
            }
            let opclass = Some(QName::new("", "text_pattern_ops"));
            let key = IndexKey { opclass, ..IndexKey::column(column.name.clone()) };
            let index = Index { keys: vec![key], ..Index::btree("", []) };
            findings
                .here(
                    found.place,
                    format!("the index on {} cannot find what begins with '{}'", column.name, &pattern[..prefix]),
                )
                .span(level.span)
                .words("LIKE")
                .why("it is sorted by the rules of a language, unless the database has the collation C")
                .unsafe_fix("index it by bytes as well", vec![Change::add_index(&table.name, index)]);
        }
    }
}

/// An index of the column that is sorted by bytes, or knows any part of the text.
fn finds_prefix(table: &Table, column: &Name) -> bool {
    let serves = |key: &IndexKey| {
        let by_class =
            key.opclass.as_ref().is_some_and(|class| class.name.contains("pattern") || class.name.contains("trgm"));
        let by_collation = key.collation.as_ref().is_some_and(|name| name.name == "C" || name.name == "POSIX");
        key.expr.as_column() == Some(column) && (by_class || by_collation)
    };
    table.indexes.iter().any(|index| index.keys.first().is_some_and(serves))
}
