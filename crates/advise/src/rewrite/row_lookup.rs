//! A sub-query of the SELECT list that looks up one row, as a join.

use std::collections::BTreeSet;

use model::expr::SubqueryKind;
use model::query::{Source, TargetValue};
use model::{Expr, Name};

use super::edits::Edits;
use super::level::{Found, Level, refs};
use super::meaning::{is_known, unique_sets};
use super::parts::equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "row-lookup",
    says: "`(SELECT name FROM … WHERE id = …)` in the SELECT list becomes a LEFT JOIN: the sub-query runs once for \
           every row, a join reads the table once. The same only where a unique key finds at most one row.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    if !level.is_plain() || level.query.targets.iter().any(|target| target.value == TargetValue::Star(None)) {
        return;
    }
    // `FROM a, b LEFT JOIN c` joins to b alone.
    if level.query.from.len() != 1 || level.bounds.iter().any(|bound| bound.columns.is_none()) {
        return;
    }
    for target in &level.query.targets {
        let TargetValue::Expr(Expr::Subquery(subquery)) = &target.value else { continue };
        if subquery.kind != SubqueryKind::Scalar {
            continue;
        }
        let Some(inner) = level.inner(&subquery.query) else { continue };
        let Some((join, value, key)) = joined(level, &inner) else { continue };
        let Some(from) = level.behind_from() else { continue };
        let name = target.alias.clone().or_else(|| named(inner.value()?)).unwrap_or_else(|| "?column?".into());
        let edits = Edits::of(level.placed)
            .replace(target.span, format!("{value} AS {}", model::name::quoted(&name)))
            .insert(from, join);
        let Some(sql) = edits.text() else { continue };
        let conditions = vec![format!("({}) is unique: at most one row is found", key.join(", "))];
        offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
    }
}

fn named(value: &Expr) -> Option<Name> {
    value.as_column().cloned()
}

/// The join, the value in its words, and the key.
fn joined(level: &Level<'_>, inner: &Level<'_>) -> Option<(String, Expr, Vec<String>)> {
    let value = inner.value().filter(|value| is_known(value))?;
    let [Source::Table(source)] = &inner.query.from[..] else { return None };
    let bound = inner.bounds.first()?;
    let table = bound.table?;
    // With `LIMIT 1` it is the same: there is one row at most.
    let plain = inner.is_plain()
        && inner.query.ctes.is_empty()
        && inner.query.offset.is_none()
        && (inner.clauses.limit.is_none() || matches!(&inner.query.limit, Some(Expr::Number(one)) if one == "1"));
    if !plain {
        return None;
    }
    let filter = inner.query.filter.as_ref().filter(|filter| is_known(filter))?;
    let mut found = BTreeSet::new();
    for part in filter.conjuncts() {
        let Some((left, right)) = equal(part) else { continue };
        for (own, other) in [(left, right), (right, left)] {
            let outside = refs(other).iter().all(|column| inner.find(column) == Found::Outer);
            if let Some((_, column)) = inner.column(own)
                && outside
            {
                found.insert(column.name.clone());
            }
        }
    }
    let key = unique_sets(inner.schema, table).into_iter().find(|key| key.iter().all(|own| found.contains(own)))?;
    // A value that is something for a row that is not there would be seen.
    if refs(value).is_empty() || !is_strict(value) {
        return None;
    }
    let alias = match level.has(&bound.name) {
        true => inner.fresh("found").into(),
        false => bound.name.clone(),
    };
    let renamed = |expr: &Expr| -> Option<Expr> {
        let mut made = inner.qualified(expr)?;
        // What is outside has to say where from: it stands beside the new source now.
        rename(&mut made, &bound.name, &alias);
        Some(made)
    };
    let outside = |expr: &Expr| {
        refs(expr).iter().all(|column| match inner.find(column) {
            Found::Own(_) => true,
            Found::Outer => level.bound(column).is_some(),
            Found::Unknown => false,
        })
    };
    if !outside(filter) || !outside(value) {
        return None;
    }
    // A bare name of the outer query must not mean two columns.
    let columns: Vec<Name> = bound.columns.clone()?;
    let is_bare = |expr: &Expr| refs(expr).iter().any(|own| own.qualifier.is_none() && columns.contains(&own.name));
    let ambiguous = level.query.expressions().into_iter().any(|expr| match expr {
        Expr::Subquery(other) if std::ptr::eq(&other.query, inner.query) => false,
        Expr::Subquery(_) => true,
        other => is_bare(other) || !is_known(other) && has_text(other),
    });
    if ambiguous {
        return None;
    }
    let shown = if alias == source.name.name { String::new() } else { format!(" {}", model::name::quoted(&alias)) };
    let join = format!(" LEFT JOIN {}{shown} ON {}", source.name, renamed(filter)?);
    Some((join, renamed(value)?, key.iter().map(ToString::to_string).collect()))
}

fn has_text(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(part, Expr::Text(_) | Expr::Subquery(_)));
    found
}

fn rename(expr: &mut Expr, from: &Name, to: &Name) {
    if let Expr::Column(column) = expr
        && column.qualifier.as_ref() == Some(from)
    {
        column.qualifier = Some(to.clone());
    }
    for child in expr.children_mut() {
        rename(child, from, to);
    }
}

/// NULL wherever one of its columns is: nothing that makes a value of NULL.
pub(super) fn is_strict(expr: &Expr) -> bool {
    let here = match expr {
        Expr::Column(_) | Expr::Number(_) | Expr::String(_) | Expr::Cast { .. } | Expr::Bool(_) => true,
        Expr::Binary { op, .. } => !matches!(op.as_str(), "AND" | "OR" | "IS DISTINCT FROM" | "IS NOT DISTINCT FROM"),
        Expr::Call(call) => {
            matches!(call.function.name.as_str(), "lower" | "upper" | "length" | "abs" | "round" | "left" | "right")
        }
        _ => false,
    };
    here && expr.children().into_iter().all(is_strict)
}
