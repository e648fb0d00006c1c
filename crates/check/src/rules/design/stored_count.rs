use model::Schema;

use crate::define::rule;
use crate::findings::Findings;
use crate::inflection::plural;
use crate::nouns::{Reference, noun};
use crate::rule::Check;
use crate::subject::{column_path, own_tables, words_of};

rule! {
    /// A row stores how many rows refer to it; know who keeps the number right.
    ///
    /// Each INSERT and DELETE there has to change it here, which makes all writers of one parent wait for each other, and one
    /// that forgets leaves it wrong for ever. A count over an index is often fast enough; a trigger, where there is one, keeps
    /// it right at that price.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY, comments_count integer NOT NULL DEFAULT 0);
    /// CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts);
    /// CREATE INDEX ON comments (post_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, page_count integer NOT NULL DEFAULT 0);
    /// CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts);
    /// CREATE INDEX ON comments (post_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, comments_count integer NOT NULL DEFAULT 0);
    /// CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts);
    /// CREATE INDEX ON comments (post_id);
    /// CREATE FUNCTION count_comment() RETURNS trigger LANGUAGE plpgsql AS
    ///     'BEGIN UPDATE posts SET comments_count = comments_count + 1 WHERE id = new.post_id; RETURN new; END';
    /// CREATE TRIGGER counted AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION count_comment();
    /// ```
    "D011", note, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let sight = findings.sight();
    for table in own_tables(schema) {
        for column in table.columns.iter().filter(|column| column.ty.is_integer() && column.generated.is_none()) {
            let mut words = match &*sight.words(&column.name) {
                [what @ .., count] if count == "count" && matches!(what.len(), 1 | 2) => what.to_vec(),
                [num, what @ ..] if num == "num" && matches!(what.len(), 1 | 2) => what.to_vec(),
                _ => continue,
            };
            if let Some(last) = words.last_mut() {
                *last = plural(last).into();
            }
            let counted = |reference: &&Reference<'_>| {
                let mut other = words_of(&reference.table.name.name);
                if let Some(last) = other.last_mut() {
                    *last = plural(last).into();
                }
                let owner = noun(&table.name.name);
                other == words || other.strip_prefix(owner.as_slice()) == Some(&words)
            };
            let found = sight.references().get(&table.name).into_iter().flatten().find(counted);
            let Some(counted) = found.filter(|it| it.table.triggers.is_empty()) else { continue };
            findings
                .at(
                    &column_path(table, column),
                    format!("{}.{} may disagree with the rows of {}", table.name, column.name, counted.table.name),
                )
                .why(format!(
                    "each INSERT into {} and each DELETE has to change it, and waits for the others",
                    counted.table.name
                ));
        }
    }
}
