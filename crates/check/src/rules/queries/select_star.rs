use model::query::{FoundQuery, Origin, QueryKind, TargetValue};
use model::{Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::is_plain_from;
use crate::rule::Check;

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
    "Q003", note, Check::Query(check)
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
    findings
        .here(found.place, format!("this fetches {width}, and later ones too"))
        .span(star.span)
        .why("an index alone cannot answer it, and wide columns are read and sent for nothing");
}
