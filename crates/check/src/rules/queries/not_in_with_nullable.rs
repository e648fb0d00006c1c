use model::expr::SubqueryKind;
use model::query::{FoundQuery, QueryKind, TargetValue};
use model::{Edit, Expr, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, is_editable, levels, resolve};
use crate::rule::Check;

rule! {
    /// `NOT IN` over a column that may be NULL returns no row as soon as one is; use `NOT EXISTS`.
    ///
    /// `x NOT IN (1, NULL)` is never true: it may be that NULL is x. `NOT EXISTS` answers what is meant, and the planner can
    /// run it as an anti-join.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT id FROM users WHERE NOT EXISTS (SELECT FROM orders WHERE orders.user_id = users.id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE user_id IS NOT NULL);
    /// ```
    "Q005", known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        for expr in expressions(level) {
            let Expr::Subquery(subquery) = expr else { continue };
            let negated = match &subquery.kind {
                SubqueryKind::In { negated, .. } => *negated,
                SubqueryKind::Quantified { op, all, .. } => *all && matches!(op.as_str(), "<>" | "!="),
                SubqueryKind::Scalar | SubqueryKind::Exists | SubqueryKind::Array => false,
            };
            let Some(column) = nullable_target(schema, &subquery.query).filter(|_| negated) else { continue };
            let edits = without_null(findings, found, &subquery.query);
            findings
                .here(found.place, format!("one NULL in {column} returns no row"))
                .span(subquery.query.span)
                .why(format!("{column} may be NULL, and x NOT IN (…, NULL) is never true"))
                .unsafe_edit("leave NULL out", edits);
        }
    }
}

/// A condition at the end of the subquery, where nothing stands behind WHERE.
fn without_null(findings: &Findings<'_>, found: &FoundQuery, query: &Query) -> Vec<Edit> {
    let [target] = query.targets.as_slice() else { return Vec::new() };
    let TargetValue::Expr(column) = &target.value else { return Vec::new() };
    let ends =
        query.group_by.is_empty() && query.order_by.is_empty() && query.limit.is_none() && query.having.is_none();
    let (word, alone) = match &query.filter {
        None => ("WHERE", true),
        Some(filter) => ("AND", !matches!(filter, Expr::Binary { op, .. } if op == "OR")),
    };
    let whole = query.span.end > query.span.start && is_editable(found);
    if !ends || !alone || !whole || query.locking.is_some() || query.offset.is_some() {
        return Vec::new();
    }
    vec![findings.append(found.place.narrowed(query.span), &format!("{word} {column} IS NOT NULL"))]
}

/// The column that the subquery returns, when it may be NULL and nothing in the subquery leaves NULLs out.
fn nullable_target(schema: &Schema, query: &Query) -> Option<String> {
    let [target] = query.targets.as_slice() else { return None };
    let TargetValue::Expr(expr) = &target.value else { return None };
    let (table, column) = resolve(schema, query, expr).filter(|_| query.kind == QueryKind::Select)?;
    let in_key = table.primary_key().is_some_and(|key| key.columns.contains(&column.name));
    let name = |expr: &Expr| expr.without_casts().as_column() == Some(&column.name);
    // A comparison is not true for NULL, so any of them on the column leaves NULLs out.
    let conditions = query.filter.iter().flat_map(|filter| filter.conjuncts());
    let excluded = conditions.into_iter().any(|condition| match condition {
        Expr::Test { operand, test } => name(operand) && test.as_str() != "IS NULL" && test.as_str() != "IS UNKNOWN",
        Expr::Binary { op, left, right } => {
            !matches!(op.as_str(), "OR" | "IS DISTINCT FROM" | "IS NOT DISTINCT FROM") && (name(left) || name(right))
        }
        Expr::In { operand, .. } | Expr::Between { operand, .. } => name(operand),
        Expr::Text(_) => true,
        _ => false,
    });
    (column.is_nullable() && !in_key && !excluded).then(|| format!("{}.{}", table.name, column.name))
}
