//! `x NOT IN (SELECT y …)` as `NOT EXISTS`.

use model::Expr;
use model::expr::{Subquery, SubqueryKind};

use super::edits::Edits;
use super::level::Level;
use super::meaning::{is_calm, is_known};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "not-in",
    says: "`NOT IN (SELECT …)` becomes `NOT EXISTS`, an anti-join: a list is looked through for every row. \
           The same only where neither side is NULL.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    for (span, part) in level.conjuncts() {
        let Some((operand, subquery)) = excluded(part) else { continue };
        if let Some((sql, conditions)) = rewritten(level, operand, subquery) {
            let Some(sql) = Edits::of(level.placed).replace(span, format!("NOT {sql}")).text() else { continue };
            offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
        }
    }
}

/// `x NOT IN (…)`, `NOT x IN (…)` and `x <> ALL (…)`.
fn excluded(part: &Expr) -> Option<(&Expr, &Subquery)> {
    match part {
        Expr::Subquery(subquery) => match &subquery.kind {
            SubqueryKind::In { operand, negated: true } => Some((operand, subquery)),
            SubqueryKind::Quantified { op, operand, all: true } if op == "<>" => Some((operand, subquery)),
            _ => None,
        },
        Expr::Unary { op, operand } if op == "NOT" => match &**operand {
            Expr::Subquery(subquery) => match &subquery.kind {
                SubqueryKind::In { operand, negated: false } => Some((operand, subquery)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn rewritten(level: &Level<'_>, operand: &Expr, subquery: &Subquery) -> Option<(String, Vec<String>)> {
    let inner = level.inner(&subquery.query)?;
    let value = inner.value()?;
    let sql = exists_equal(level, &inner, operand, value)?;
    Some((sql, vec![level.never_null(operand)?, inner.never_null(value)?]))
}

/// `EXISTS (SELECT 1 FROM … WHERE … AND value = operand)`, with the operand under the name of its source.
pub(super) fn exists_equal(level: &Level<'_>, inner: &Level<'_>, operand: &Expr, value: &Expr) -> Option<String> {
    let bare = inner.is_plain()
        && inner.query.order_by.is_empty()
        && inner.query.limit.is_none()
        && inner.clauses.limit.is_none()
        && inner.query.offset.is_none()
        && inner.query.ctes.is_empty()
        && matches!(inner.query.distinct, model::query::Distinct::No | model::query::Distinct::All);
    if !bare || !is_calm(inner.query) || !is_known(operand) || !is_known(value) {
        return None;
    }
    let operand = level.qualified(operand)?;
    // Inside, a source of the same name would take the operand for its own.
    let hidden =
        super::level::refs(&operand).iter().any(|column| column.qualifier.as_ref().is_none_or(|name| inner.has(name)));
    if hidden {
        return None;
    }
    let value = inner.qualified(value)?;
    inner.exists(Some(&Expr::binary("=", value, operand).to_string()))
}
