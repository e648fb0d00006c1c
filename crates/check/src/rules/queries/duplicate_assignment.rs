use std::collections::BTreeSet;

use model::query::{FoundQuery, QueryKind};
use model::{Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;

rule! {
    /// An UPDATE or INSERT names a column twice, which the database refuses; leave one out.
    ///
    /// PostgreSQL answers "multiple assignments to same column" or "column specified more than once". It is what is left of
    /// two branches that both added the column.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text, seen_at timestamptz);
    /// -- queries
    /// UPDATE users SET plan = $1, seen_at = now(), plan = $2 WHERE id = $3;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    /// -- queries
    /// INSERT INTO users (id, plan, plan) VALUES ($1, $2, $3);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text, seen_at timestamptz);
    /// -- queries
    /// UPDATE users SET plan = $1, seen_at = now() WHERE id = $2;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, tags text[]);
    /// -- queries
    /// UPDATE users SET tags[1] = $1, tags[2] = $2 WHERE id = $3;
    /// ```
    "Q036", error, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        let Some(write) = &level.write else { continue };
        let assigned: Vec<_> = match level.kind {
            QueryKind::Update => write.assignments.iter().map(|(column, _)| column).collect(),
            QueryKind::Insert => write.columns.iter().collect(),
            _ => continue,
        };
        let mut seen = BTreeSet::new();
        // Parts of an array, a document or a composite may be set one by one.
        let is_whole = |name: &Name| {
            let column = schema.column(&write.table, name);
            column.is_some_and(|column| !matches!(column.ty, Type::Array(_) | Type::Jsonb | Type::Named(_)))
        };
        let twice = assigned.into_iter().find(|column| !seen.insert(*column));
        let Some(twice) = twice.filter(|column| is_whole(column)) else { continue };
        findings
            .here(found.place, format!("{twice} of {} is set twice", write.table))
            .span(level.span)
            .words(twice)
            .why("the database refuses the statement");
    }
}
