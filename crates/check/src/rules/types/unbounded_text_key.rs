use std::collections::BTreeSet;

use model::object::{Column, Table};
use model::{Name, Schema, Severity, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, words_of};

rule! {
    /// A B-tree over long text refuses rows: index a hash or bound the length.
    ///
    /// An entry of a B-tree may have 2,704 bytes. An INSERT or UPDATE with a longer value, after compression, fails with “index
    /// row size exceeds btree maximum”, mostly years later and only for some user. `md5(body)` or a hash index finds equal
    /// texts, a GIN index finds words.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY, body text);
    /// CREATE INDEX ON posts (body);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE pages (id bigint PRIMARY KEY, url text NOT NULL UNIQUE);
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, body text, title text, url text CHECK (length(url) <= 2000));
    /// CREATE INDEX ON posts (md5(body));
    /// CREATE INDEX ON posts (title);
    /// CREATE UNIQUE INDEX ON posts (url);
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, body text);
    /// CREATE INDEX ON posts USING hash (body);
    /// ```
    "T022", known, Check::Table(check)
}

/// What people write at length.
const LONG: &[&str] = &[
    "bio",
    "body",
    "comment",
    "content",
    "contents",
    "description",
    "html",
    "markdown",
    "message",
    "notes",
    "payload",
    "prompt",
    "stacktrace",
    "summary",
    "text",
    "transcript",
];
/// What is short as a rule, and not always.
const SOMETIMES_LONG: &[&str] = &["agent", "uri", "url"];

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let plain = table.indexes.iter().filter(|index| index.method == "btree");
    let in_indexes = plain.flat_map(|index| index.key_columns().into_iter().flatten());
    let in_keys = table.constraints.iter().filter_map(|it| it.as_key()).flat_map(|key| &key.columns);
    let indexed: BTreeSet<&Name> = in_indexes.chain(in_keys).collect();
    for column in indexed.into_iter().filter_map(|name| table.column(name)) {
        let Some(severity) = length(column).filter(|_| !is_bounded(table, column) && !column.inherited) else {
            continue;
        };
        findings
            .at(&column_path(table, column), format!("a long {}.{} is refused by its index", table.name, column.name))
            .why("an entry of a B-tree ends at 2,704 bytes; a longer value fails the INSERT")
            .severity(severity);
    }
}

fn length(column: &Column) -> Option<Severity> {
    let unbounded = match column.ty {
        Type::Text | Type::Varchar(None) => true,
        Type::Varchar(Some(length)) => length > 2704,
        _ => false,
    };
    let words = words_of(&column.name);
    let last = words.last().filter(|_| unbounded)?.as_str();
    match (LONG.contains(&last), SOMETIMES_LONG.contains(&last)) {
        (true, _) => Some(Severity::Warning),
        (_, true) => Some(Severity::Note),
        _ => None,
    }
}

/// Some check speaks of it, of its length or its few values, or it refers to a key that is short itself.
fn is_bounded(table: &Table, column: &Column) -> bool {
    let refers = table.foreign_keys().any(|(_, key)| key.columns.contains(&column.name));
    refers || table.checks().any(|(_, expr)| expr.columns().contains(&&column.name))
}
