//! `(SELECT count(*) …) > 0` as `EXISTS`.

use model::Expr;
use model::expr::SubqueryKind;
use model::query::Distinct;

use super::edits::Edits;
use super::level::Level;
use super::meaning::{is_calm, is_known};
use super::parts::turned;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "count-exists",
    says: "`(SELECT count(*) …) > 0` becomes `EXISTS`, which ends at the first row and can be joined.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    for (span, part) in level.conjuncts() {
        if let Some(sql) = rewritten(level, part) {
            push(level, span, sql, offers);
        }
    }
    // In the SELECT list the value keeps its name.
    for target in &level.query.targets {
        let model::query::TargetValue::Expr(value) = &target.value else { continue };
        let Some(sql) = rewritten(level, value) else { continue };
        let name = target.alias.as_ref().map_or("\"?column?\"".into(), |alias| model::name::quoted(alias));
        push(level, target.span, format!("{sql} AS {name}"), offers);
    }
}

fn push(level: &Level<'_>, span: model::Span, sql: String, offers: &mut Vec<Offer>) {
    let Some(sql) = Edits::of(level.placed).replace(span, sql).text() else { return };
    let conditions = vec!["the count is only asked whether it is 0".to_owned()];
    offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
}

fn rewritten(level: &Level<'_>, part: &Expr) -> Option<String> {
    let Expr::Binary { op, left, right } = part else { return None };
    let (count, op, number) = match (&**left, &**right) {
        (Expr::Subquery(count), Expr::Number(number)) => (count, op.as_str(), number),
        (Expr::Number(number), Expr::Subquery(count)) => (count, turned(op)?, number),
        _ => return None,
    };
    let exists = match (op, number.as_str()) {
        (">" | "<>", "0") | (">=", "1") => "",
        ("=" | "<=", "0") | ("<", "1") => "NOT ",
        _ => return None,
    };
    if count.kind != SubqueryKind::Scalar {
        return None;
    }
    let inner = level.inner(&count.query)?;
    let Expr::Call(call) = inner.value()? else { return None };
    let counts = call.function.name == "count"
        && matches!(call.function.schema.as_str(), "" | "pg_catalog")
        && call.over.is_none()
        && call.filter.is_none();
    let plain = inner.is_plain()
        && inner.query.ctes.is_empty()
        && inner.query.distinct == Distinct::No
        && inner.query.limit.is_none()
        && inner.clauses.limit.is_none()
        && inner.query.offset.is_none()
        && inner.query.order_by.is_empty();
    if !counts || !plain || !is_calm(inner.query) {
        return None;
    }
    // `count(x)`, also of distinct ones, is 0 exactly where no x has a value.
    let known = match &call.args[..] {
        [] if call.star => None,
        [value] if super::meaning::is_constant(value) => match value {
            Expr::Parameter(_) => return None,
            _ => None,
        },
        [value] if is_known(value) => Some(Expr::Test { operand: Box::new(value.clone()), test: "IS NOT NULL".into() }),
        _ => return None,
    };
    let known = known.map(|known| known.to_string());
    Some(format!("{exists}{}", inner.exists(known.as_deref())?))
}
