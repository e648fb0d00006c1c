use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{before_word, keeps_past, own_tables};

rule! {
    /// A column points into whichever table the column beside it names, so no foreign key can hold; use a column for each.
    ///
    /// When a post is deleted, the comments on it stay and point at nothing, or at the next post with that number. A column for
    /// each target, with a check that exactly one is filled (`num_nonnulls(post_id, photo_id) = 1`), keeps them right and joins
    /// without a case distinction. Logs and audits are left alone: they outlive what they speak of.
    ///
    /// ```sql,bad
    /// CREATE TABLE comments (id bigint PRIMARY KEY, subject_type text NOT NULL, subject_id bigint NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY);
    /// CREATE TABLE photos (id bigint PRIMARY KEY);
    /// CREATE TABLE comments (
    ///     id bigint PRIMARY KEY,
    ///     post_id bigint REFERENCES posts,
    ///     photo_id bigint REFERENCES photos,
    ///     CHECK (num_nonnulls(post_id, photo_id) = 1)
    /// );
    /// CREATE INDEX ON comments (post_id);
    /// CREATE INDEX ON comments (photo_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE accounts (id bigint PRIMARY KEY);
    /// CREATE TABLE transfers (id bigint PRIMARY KEY, account_type text, account_id bigint REFERENCES accounts, type text);
    /// CREATE INDEX ON transfers (account_id);
    /// ```
    "K021", note, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let sight = findings.sight();
    for table in own_tables(schema).filter(|table| table.foreign.is_none() && !keeps_past(&table.name.name)) {
        for column in table.columns.iter().filter(|column| !column.inherited && names_type(&column.name)) {
            let words = sight.words(&column.name);
            let Some(stem) = before_word(&words, "type") else { continue };
            let is_id = |other: &&std::sync::Arc<model::object::Column>| {
                before_word(&sight.words(&other.name), "id") == Some(stem)
            };
            let Some(id) = table.columns.iter().find(is_id) else { continue };
            let refers = table.foreign_keys().any(|(_, key)| key.columns.contains(&id.name));
            let is_word = column.ty.is_text() || column.ty.user_defined().is_some();
            let is_key = table.primary_key().is_some_and(|key| key.columns == [id.name.clone()]);
            // The type of the one thing that the id belongs to.
            let of_one = sight.nouns().any_ends_with(stem);
            if refers || !is_word || is_key || of_one {
                continue;
            }
            findings
                .at(
                    &Path::column(&table.name, id.name.clone()),
                    format!("nothing keeps the row that {}.{} points at", table.name, id.name),
                )
                .why(format!("which table it is in stands in {}; a foreign key refers to one table", column.name));
        }
    }
}

fn names_type(name: &str) -> bool {
    name.len() > 4 && name.is_char_boundary(name.len() - 4) && name[name.len() - 4..].eq_ignore_ascii_case("type")
}
