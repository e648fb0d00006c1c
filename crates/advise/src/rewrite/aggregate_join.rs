//! A sub-query that aggregates for every row, as a join with all of its groups.

use model::expr::SubqueryKind;
use model::query::{Distinct, TargetValue};
use model::{Expr, Span, Type};

use super::edits::Edits;
use super::level::{Found, Level, refs};
use super::meaning::{is_calm, is_exact, is_known};
use super::parts::{equal, turned};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "aggregate-join",
    says: "`(SELECT sum(x) … WHERE key = outer.key)` becomes a join with the groups of all keys: one pass over the \
           table in place of one for every row.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    if !level.is_plain() || level.query.from.len() != 1 || level.bounds.iter().any(|bound| bound.columns.is_none()) {
        return;
    }
    if level.query.targets.iter().any(|target| target.value == TargetValue::Star(None)) {
        return;
    }
    for target in &level.query.targets {
        let TargetValue::Expr(Expr::Subquery(subquery)) = &target.value else { continue };
        if subquery.kind != SubqueryKind::Scalar {
            continue;
        }
        let Some(inner) = level.inner(&subquery.query) else { continue };
        let Some(grouped) = grouped(level, &inner) else { continue };
        let name = target.alias.clone().unwrap_or_else(|| grouped.function.as_str().into());
        let value = format!("{} AS {}", grouped.value(), model::name::quoted(&name));
        push(level, target.span, value, &grouped, offers);
    }
    for (span, part) in level.conjuncts() {
        let Expr::Binary { op, left, right } = part else { continue };
        let (op, other, subquery) = match (&**left, &**right) {
            (other, Expr::Subquery(subquery)) => (op.as_str(), other, subquery),
            (Expr::Subquery(subquery), other) => match turned(op) {
                Some(op) => (op, other, subquery),
                None => continue,
            },
            _ => continue,
        };
        let plain = turned(op).is_some() && subquery.kind == SubqueryKind::Scalar && is_known(other);
        let Some(inner) = level.inner(&subquery.query).filter(|_| plain) else { continue };
        let Some(grouped) = grouped(level, &inner) else { continue };
        let Some(other) = level.qualified(other) else { continue };
        push(level, span, format!("{other} {op} {}", grouped.value()), &grouped, offers);
    }
}

fn push(level: &Level<'_>, span: Span, value: String, grouped: &Grouped, offers: &mut Vec<Offer>) {
    let Some(from) = level.behind_from() else { return };
    let Some(sql) = Edits::of(level.placed).replace(span, value).insert(from, &grouped.join).text() else { return };
    let conditions = vec![
        "each row finds one group at most: both sides of the key have one type".to_owned(),
        format!("{} of no rows is {}", grouped.function, if grouped.counts { "0" } else { "NULL" }),
    ];
    offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
}

struct Grouped {
    join: String,
    alias: String,
    function: String,
    counts: bool,
}

impl Grouped {
    fn value(&self) -> String {
        match self.counts {
            true => format!("coalesce({}.value, 0)", self.alias),
            false => format!("{}.value", self.alias),
        }
    }
}

/// The sub-query as a LEFT JOIN with the groups of its keys.
fn grouped(level: &Level<'_>, inner: &Level<'_>) -> Option<Grouped> {
    let value = inner.value()?;
    let Expr::Call(call) = value else { return None };
    let function = call.function.name.as_str();
    let plain = matches!(call.function.schema.as_str(), "" | "pg_catalog") && call.over.is_none();
    let args_known = call.args.iter().chain(call.filter.as_deref()).all(|arg| is_known(arg) && is_inside(inner, arg));
    let argument = call.args.first().and_then(|arg| inner.type_of(arg));
    let exact = match function {
        "count" => true,
        "sum" | "avg" => argument.is_some_and(|ty| ty.is_integer() || matches!(ty, Type::Numeric(Some(_)))),
        "min" | "max" => argument.is_some_and(|ty| is_exact(&ty) && !matches!(ty, Type::Boolean | Type::Uuid)),
        "bool_and" | "bool_or" | "every" => argument == Some(Type::Boolean),
        _ => false,
    };
    let query = inner.query;
    let bare = inner.is_plain()
        && is_calm(query)
        && query.ctes.is_empty()
        && query.distinct == Distinct::No
        && query.limit.is_none()
        && inner.clauses.limit.is_none()
        && query.offset.is_none()
        && query.order_by.is_empty();
    if !plain || !args_known || !exact || !bare || inner.bounds.iter().any(|bound| bound.columns.is_none()) {
        return None;
    }
    let (mut keys, mut gone) = (Vec::new(), Vec::new());
    for (at, (_, part)) in inner.conjuncts().into_iter().enumerate() {
        if is_inside(inner, part) {
            continue;
        }
        let (left, right) = equal(part)?;
        let (own, other) = if inner.column(left).is_some() { (left, right) } else { (right, left) };
        let (own_type, other_type) = (inner.type_of(own)?, level.type_of(other)?);
        let collated = !own_type.is_text() || inner.is_plainly_collated(own) && level.is_plainly_collated(other);
        let is_key = inner.column(own).is_some() && level.column(other).is_some();
        if !is_key || own_type != other_type || !is_exact(&own_type) || !collated {
            return None;
        }
        keys.push((inner.qualified(own)?, level.qualified(other)?));
        gone.push(at);
    }
    if keys.is_empty() {
        return None;
    }
    let alias = level.fresh("grouped");
    let from = inner.at(inner.clauses.from?);
    let kept = inner.kept(&gone);
    let filter = if kept.is_empty() { String::new() } else { format!(" WHERE {}", kept.join(" AND ")) };
    let named: Vec<String> = keys.iter().enumerate().map(|(at, (own, _))| format!("{own} AS key_{}", at + 1)).collect();
    let by: Vec<String> = keys.iter().map(|(own, _)| own.to_string()).collect();
    let on: Vec<String> =
        keys.iter().enumerate().map(|(at, (_, other))| format!("{alias}.key_{} = {other}", at + 1)).collect();
    let (named, by, on) = (named.join(", "), by.join(", "), on.join(" AND "));
    let join = format!(" LEFT JOIN (SELECT {named}, {value} AS value {from}{filter} GROUP BY {by}) {alias} ON {on}");
    Some(Grouped { join, alias, function: function.to_owned(), counts: function == "count" })
}

/// It says nothing of the rows around.
fn is_inside(inner: &Level<'_>, expr: &Expr) -> bool {
    is_known(expr) && refs(expr).iter().all(|column| matches!(inner.find(column), Found::Own(_)))
}
