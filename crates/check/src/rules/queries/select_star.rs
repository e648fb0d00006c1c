use model::name::quoted;
use model::query::{FoundQuery, Origin, QueryKind, Source, TargetValue};
use model::{Edit, Query, Schema, Span};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::is_plain_from;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// `SELECT *` fetches columns that nobody asked for, and changes its result when a column is added; name the columns.
    ///
    /// Wide columns (text, jsonb) are read from their own storage and sent for nothing, an index alone can never answer,
    /// and code that reads columns by position breaks when the table changes.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT * FROM users WHERE id = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT id, email FROM users WHERE id = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT count(*) FROM users WHERE EXISTS (SELECT * FROM users);
    /// ```
    "Q003", note, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    if found.origin == Origin::File {
        report(&found.query, found, schema, findings);
    }
}

/// Only the level whose rows leave the database: inside, the planner leaves out what is not used.
fn report(query: &Query, found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    if let Some(set) = &query.set {
        report(&set.left, found, schema, findings);
        report(&set.right, found, schema, findings);
    }
    if query.kind != QueryKind::Select || !is_plain_from(query) {
        return;
    }
    let Some(star) = query.targets.iter().find(|target| matches!(target.value, TargetValue::Star(_))) else { return };
    let count: usize = query.tables().iter().filter_map(|source| Some(schema.table(&source.name)?.columns.len())).sum();
    let width = if count > 0 { format!("all {count} columns") } else { "every column".to_string() };
    let edits = by_name(found, query, schema, star.span);
    findings
        .here(found.place, format!("this fetches {width}, and later ones too"))
        .span(star.span)
        .why("an index alone cannot answer it, and wide columns are read and sent for nothing")
        .edit("name the columns", edits);
}

/// The columns of the one table, where the star stands for all of them.
fn by_name(found: &FoundQuery, query: &Query, schema: &Schema, star: Span) -> Vec<Edit> {
    let ([Source::Table(source)], [target]) = (&query.from[..], &query.targets[..]) else { return Vec::new() };
    let Some(table) = schema.table(&source.name).filter(|table| !table.columns.is_empty()) else { return Vec::new() };
    if target.value != TargetValue::Star(None) || star.end <= star.start {
        return Vec::new();
    }
    let text = comma(table.columns.iter().map(|column| quoted(&column.name).into_owned()));
    vec![Edit { place: found.place.narrowed(star), text }]
}
