use model::{Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, before_word, column_path};

rule! {
    /// An array holds the keys of another table; use a table of pairs.
    ///
    /// No foreign key can look into an array: a row that is deleted stays in it, and an id that never was is stored. “Who refers
    /// to 7” reads every row unless there is a GIN index, and two transactions that add an id to one array wait for each
    /// other.
    ///
    /// ```sql,bad
    /// CREATE TABLE tags (id bigint PRIMARY KEY, name text);
    /// CREATE TABLE posts (id bigint PRIMARY KEY, tag_ids bigint[]);
    /// ```
    /// ```sql,good
    /// CREATE TABLE tags (id bigint PRIMARY KEY, name text);
    /// CREATE TABLE posts (id bigint PRIMARY KEY, external_ids bigint[], tags text[]);
    /// CREATE TABLE post_tags (
    ///     post_id bigint REFERENCES posts,
    ///     tag_id bigint REFERENCES tags,
    ///     PRIMARY KEY (post_id, tag_id)
    /// );
    /// CREATE INDEX ON post_tags (tag_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE tags (id bigint PRIMARY KEY, name text);
    /// CREATE TABLE posts (id bigint PRIMARY KEY, tag_ids uuid[]);
    /// ```
    "T020", Check::Schema(check)
}

fn check(_: &Schema, findings: &mut Findings<'_>) {
    let sight = findings.sight();
    for At { table, column, words, .. } in sight.columns() {
        let Type::Array(element) = &column.ty else { continue };
        let Some(stem) = before_word(words, "ids") else { continue };
        let Some(target) = sight.nouns().named(stem, &table.name) else { continue };
        let Some([key]) = target.primary_key().map(|key| key.columns.as_slice()) else { continue };
        if target.column(key).is_none_or(|key| key.ty.without_modifiers() != element.without_modifiers()) {
            continue;
        }
        findings
            .at_type(&column_path(table, column), format!("no foreign key can check {}.{}", table.name, column.name))
            .why(format!("it keeps the ids of rows that were deleted from {}", target.name));
    }
}
