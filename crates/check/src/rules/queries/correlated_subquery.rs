use model::expr::SubqueryKind;
use model::query::{FoundQuery, TargetValue};
use model::{Expr, Name, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_one_row, name_in_query, repeated};
use crate::rule::Check;

rule! {
    /// A subquery in the SELECT list runs once for every row that is returned; join the grouped rows instead.
    ///
    /// A thousand rows mean a thousand look-ups, each by an index at best. Grouped once in a subquery of FROM and joined, the
    /// other table is read once.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders FROM users u;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric);
    /// -- queries
    /// SELECT users.id, (SELECT sum(total) FROM orders WHERE orders.user_id = users.id) FROM users WHERE users.id > $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT u.id, o.orders FROM users u
    /// LEFT JOIN (SELECT user_id, count(*) AS orders FROM orders GROUP BY user_id) o ON o.user_id = u.id;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders FROM users u WHERE u.id = $1;
    /// ```
    "Q034", note, known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        // A page of rows needs as many look-ups as it has rows, and that is what LIMIT bounds.
        if is_one_row(schema, level) || level.limit.is_some() || level.from.is_empty() {
            continue;
        }
        let outer: Vec<&Name> = level.tables().into_iter().map(name_in_query).collect();
        for target in &level.targets {
            let TargetValue::Expr(expr) = &target.value else { continue };
            let mut inner = None;
            expr.walk(&mut |part| {
                if let Expr::Subquery(subquery) = part
                    && subquery.kind == SubqueryKind::Scalar
                {
                    inner = inner.or(Some(&subquery.query));
                }
            });
            let Some(inner) = inner.filter(|inner| depends(inner, &outer)) else { continue };
            let Some(table) = inner.tables().first().map(|table| table.name.clone()) else { continue };
            findings
                .here(found.place, format!("{table} is asked once for each row"))
                .span(inner.span)
                .first_line()
                .why("grouped in FROM and joined, it is read once");
        }
    }
}

/// It aggregates rows that it finds by a column of the query around it.
fn depends(inner: &Query, outer: &[&Name]) -> bool {
    let own: Vec<&Name> = inner.tables().into_iter().map(name_in_query).collect();
    let gathers = inner
        .targets
        .iter()
        .any(|target| matches!(&target.value, TargetValue::Expr(Expr::Call(call)) if call.is_aggregate()));
    let mut names_outer = false;
    if let Some(filter) = &inner.filter {
        filter.walk(&mut |part| {
            let Expr::Column(column) = part else { return };
            names_outer |= column.qualifier.as_ref().is_some_and(|name| outer.contains(&name) && !own.contains(&name));
        });
    }
    gathers && names_outer
}
