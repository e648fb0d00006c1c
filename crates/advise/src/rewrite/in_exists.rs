//! `x IN (SELECT y …)` as `EXISTS`.

use model::Expr;
use model::expr::{Subquery, SubqueryKind};

use super::edits::Edits;
use super::level::Level;
use super::not_in::exists_equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "in-exists",
    says: "`IN (SELECT …)` that looks at the outer row becomes `EXISTS`: before PostgreSQL 17 such a list is made anew \
           for every row and never joined. As a condition both say the same, NULL or not.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    for (span, part) in level.conjuncts() {
        let Some((operand, subquery)) = listed(part) else { continue };
        let Some(sql) = rewritten(level, operand, subquery) else { continue };
        let Some(sql) = Edits::of(level.placed).replace(span, sql).text() else { continue };
        let conditions = vec!["a condition of WHERE: NULL and false leave the row out alike".to_owned()];
        offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
    }
}

fn listed(part: &Expr) -> Option<(&Expr, &Subquery)> {
    let Expr::Subquery(subquery) = part else { return None };
    match &subquery.kind {
        SubqueryKind::In { operand, negated: false } => Some((operand, subquery)),
        SubqueryKind::Quantified { op, operand, all: false } if op == "=" => Some((operand, subquery)),
        _ => None,
    }
}

fn rewritten(level: &Level<'_>, operand: &Expr, subquery: &Subquery) -> Option<String> {
    let inner = level.inner(&subquery.query)?;
    exists_equal(level, &inner, operand, inner.value()?)
}
