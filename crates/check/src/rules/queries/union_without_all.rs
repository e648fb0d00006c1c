use model::query::{FoundQuery, QueryKind, SetOp, TargetValue};
use model::{Expr, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_editable, repeated};
use crate::rule::Check;

rule! {
    /// UNION looks for rows that both sides have, and a constant in each makes sure that there are none; use `UNION ALL`.
    ///
    /// UNION sorts or hashes all rows to leave out repeats. Where the sides differ in a constant, only repeats within one
    /// side could be left out.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE TABLE refunds (id bigint PRIMARY KEY, total numeric);
    /// -- queries
    /// SELECT 'order' AS kind, id, total FROM orders UNION SELECT 'refund', id, total FROM refunds;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- queries
    /// SELECT id, 1 AS rank FROM orders WHERE id = $1 UNION SELECT id, 2 FROM orders WHERE id > $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE TABLE refunds (id bigint PRIMARY KEY, total numeric);
    /// -- queries
    /// SELECT 'order' AS kind, id, total FROM orders UNION ALL SELECT 'refund', id, total FROM refunds;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE TABLE refunds (id bigint PRIMARY KEY, total numeric);
    /// -- queries
    /// SELECT 'payment' AS kind, id FROM orders UNION SELECT 'payment', id FROM refunds;
    /// ```
    "Q016", note, known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, _: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let Some(set) = level.set.as_ref().filter(|set| set.op == SetOp::Union && !set.all) else { continue };
        let (Some(left), Some(right)) = (constants(&set.left), constants(&set.right)) else { continue };
        let mut pairs = left.iter().zip(&right).filter_map(|(left, right)| Some(((*left)?, (*right)?)));
        let Some((one, other)) = pairs.find(|(left, right)| differ(left, right)) else { continue };
        let edits = if is_editable(found) { findings.replace(found.place, "UNION", "UNION ALL") } else { Vec::new() };
        findings
            .here(found.place, format!("no row has {one} and {other} in the same column"))
            .span(level.span)
            .words("UNION")
            .why("all rows are sorted or hashed to find repeats across the two")
            .unsafe_edit("keep all rows", edits);
    }
}

/// The constants of the SELECT list, by position.
fn constants(query: &Query) -> Option<Vec<Option<&Expr>>> {
    if query.kind != QueryKind::Select || query.set.is_some() {
        return None;
    }
    query
        .targets
        .iter()
        .map(|target| match &target.value {
            TargetValue::Star(_) => None,
            TargetValue::Expr(expr) => {
                let bare = expr.without_casts();
                Some(matches!(bare, Expr::String(_) | Expr::Number(_) | Expr::Bool(_)).then_some(bare))
            }
        })
        .collect()
}

fn differ(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::String(left), Expr::String(right)) => left != right,
        (Expr::Number(left), Expr::Number(right)) => match (left.parse::<i64>(), right.parse::<i64>()) {
            (Ok(left), Ok(right)) => left != right,
            _ => false,
        },
        (Expr::Bool(left), Expr::Bool(right)) => left != right,
        _ => false,
    }
}
