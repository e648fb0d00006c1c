use model::name::quoted;
use model::query::{Distinct, FoundQuery, Origin, Source, TargetValue};
use model::{Edit, Expr, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::is_plain_from;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// LIMIT without ORDER BY returns any rows; say which ones come first.
    ///
    /// The order is that of the plan: it changes with the table's size, a vacuum, a parallel scan or another query that
    /// scans the same table, so pages repeat and skip rows.
    ///
    /// ```sql,bad
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text);
    /// -- queries
    /// SELECT id, title FROM posts LIMIT 20;
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text);
    /// -- queries
    /// SELECT id, title FROM posts ORDER BY id LIMIT 20;
    /// ```
    /// ```sql,good
    /// CREATE TABLE posts (id bigint PRIMARY KEY, title text);
    /// -- queries
    /// SELECT id, title FROM posts WHERE id = $1 LIMIT 1;
    /// ```
    "Q009", fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    let query = &found.query;
    // One row of any is how existence is asked; rows that are locked are taken as they come.
    let one = matches!(query.limit.as_ref().map(Expr::without_casts), Some(Expr::Number(number)) if number == "1" || number == "0");
    let null = matches!(query.limit, Some(Expr::Null));
    let unordered = query.limit.is_some() && query.order_by.is_empty() && query.set.is_none() && !one && !null;
    let gathered = query.targets.iter().any(|target| matches!(&target.value, TargetValue::Expr(Expr::Call(_))));
    let picked = query.distinct != Distinct::No || !query.group_by.is_empty() || query.locking.is_some() || gathered;
    if unordered && !picked && found.origin == Origin::File && !query.from.is_empty() && is_plain_from(query) {
        let edits = by_key(findings, found, schema);
        findings
            .here(found.place, "which rows come is left to the plan")
            .span(query.span)
            .words("LIMIT")
            .why("the same query may return other rows after a vacuum or beside another scan")
            .unsafe_edit("order by the primary key", edits);
    }
}

fn by_key(findings: &Findings<'_>, found: &FoundQuery, schema: &Schema) -> Vec<Edit> {
    let [Source::Table(source)] = &found.query.from[..] else { return Vec::new() };
    let Some(key) = schema.table(&source.name).and_then(|table| table.primary_key()) else { return Vec::new() };
    let columns = comma(key.columns.iter().map(|column| quoted(column).into_owned()));
    findings.replace(found.place, "LIMIT", &format!("ORDER BY {columns} LIMIT"))
}
