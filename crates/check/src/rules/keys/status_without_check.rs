use model::object::{Column, Table};
use model::{Expr, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};

rule! {
    /// A status is a text without a list of its values; name them in a check, an enum or a table.
    ///
    /// `'shiped'` is stored, matches no query, and the row belongs to no list any more: neither open nor done, nobody sees
    /// it. A check costs nothing to read and can be changed in one statement.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, state varchar(20) NOT NULL DEFAULT 'queued');
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'done')));
    /// ```
    /// ```sql,good
    /// CREATE TABLE addresses (id bigint PRIMARY KEY, state text, status_message text, http_status text);
    /// ```
    "K016", note, Check::Column(check)
}

fn check(_: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if !matches!(column.ty, Type::Text | Type::Varchar(_)) || !is_status(at) || is_bound(table, column) {
        return;
    }
    findings
        .at(&column_path(table, column), format!("{}.{} takes any word", table.name, column.name))
        .why("a row with a misspelled one is in no list and found by no query");
}

/// A status is a word of a list, and the default is one of them; `state` may be a part of a country.
fn is_status(at: &At<'_>) -> bool {
    let At { column, words, .. } = at;
    let word_by_default =
        matches!(column.default.as_ref().map(Expr::without_casts), Some(Expr::String(text)) if !text.is_empty());
    matches!(words.last().map(Name::as_str), Some("status" | "state")) && word_by_default
}

fn is_bound(table: &Table, column: &Column) -> bool {
    table.checks().any(|(_, expr)| expr.columns().contains(&&column.name))
        || table.foreign_keys().any(|(_, key)| key.columns.contains(&column.name))
}
