//! The rows that have the greatest value of their group, by a window in place of a join with the groups.

use model::query::{JoinCondition, JoinKind, Source, TargetValue};
use model::{Expr, Name};

use super::edits::Edits;
use super::level::Level;
use super::meaning::is_required;
use super::parts::equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "self-join-window",
    says: "A join of a table with its own groups (`max(x) … GROUP BY key`) becomes a window over the table, which is \
           then read once.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    offers.extend(rewritten(level));
}

fn rewritten(level: &Level<'_>) -> Option<Offer> {
    let [Source::Join(join)] = &level.query.from[..] else { return None };
    let (left, right) = (&join.left, &join.right);
    let (source, query, grouped) = match (left, right) {
        (Source::Table(source), Source::Subquery { query, lateral: false, .. }) => (source, query, 1),
        (Source::Subquery { query, lateral: false, .. }, Source::Table(source)) => (source, query, 0),
        _ => return None,
    };
    let (JoinKind::Inner, JoinCondition::On(on)) = (join.kind, &join.condition) else { return None };
    let inner = Level::of(level.schema, level.placed, query, level.outer, super::level::Position::Derived)?;
    let table = level.bounds[1 - grouped].table?;
    let same = inner.only_source().is_some() && inner.bounds[0].table.is_some_and(|other| other.name == table.name);
    let plain = inner.query.filter.is_none()
        && inner.query.having.is_none()
        && inner.query.ctes.is_empty()
        && inner.query.distinct == model::query::Distinct::No
        && inner.clauses.others.is_empty()
        && inner.clauses.limit.is_none()
        && inner.query.offset.is_none()
        && level.query.locking.is_none()
        && level.clauses.others.is_empty()
        && level.query.set.is_none()
        && level.query.write.is_none();
    if !same || !plain {
        return None;
    }
    // Its keys, each with the name outside, and the aggregate with its column.
    let keys: Vec<Name> = inner
        .query
        .group_by
        .iter()
        .map(|key| inner.column(key).map(|(_, column)| column.name.clone()))
        .collect::<Option<_>>()?;
    let mut outside: Vec<(Name, Name)> = Vec::new();
    let mut greatest = None;
    for target in &inner.query.targets {
        match &target.value {
            TargetValue::Expr(Expr::Call(call))
                if matches!(call.function.name.as_str(), "min" | "max")
                    && call.filter.is_none()
                    && call.over.is_none()
                    && greatest.is_none() =>
            {
                let [argument] = &call.args[..] else { return None };
                let (_, column) = inner.column(argument)?;
                greatest = Some((call.function.name.clone(), column.name.clone(), target.alias.clone()?));
            }
            TargetValue::Expr(value) => {
                let (_, column) = inner.column(value)?;
                let name = target.alias.clone().unwrap_or_else(|| column.name.clone());
                outside.push((name, column.name.clone()));
            }
            TargetValue::Star(_) => return None,
        }
    }
    let (function, column, name) = greatest?;
    let group = &level.bounds[grouped].name;
    let mut wanted: Vec<(Name, Name)> = outside.iter().filter(|(_, own)| keys.contains(own)).cloned().collect();
    wanted.push((name, column.clone()));
    let whole = keys.iter().all(|key| outside.iter().any(|(_, own)| own == key)) && outside.len() == keys.len();
    for part in on.conjuncts() {
        let (left, right) = equal(part)?;
        let (Expr::Column(left), Expr::Column(right)) = (left, right) else { return None };
        let (theirs, own) = if left.qualifier.as_ref() == Some(group) { (left, right) } else { (right, left) };
        if theirs.qualifier.as_ref() != Some(group) || own.qualifier.as_ref() != Some(&level.bounds[1 - grouped].name) {
            return None;
        }
        let at = wanted.iter().position(|(name, column)| *name == theirs.name && *column == own.name)?;
        wanted.remove(at);
    }
    let starred = level.query.targets.iter().any(|target| matches!(target.value, TargetValue::Star(_)));
    if !whole || !wanted.is_empty() || keys.is_empty() || starred || level.uses(grouped, &[on]) {
        return None;
    }
    let alias = model::name::quoted(&level.bounds[1 - grouped].name);
    let best = level.fresh("of_group");
    let quoted = |name: &Name| model::name::quoted(name).into_owned();
    let by: Vec<String> = keys.iter().map(|key| format!("{alias}.{}", quoted(key))).collect();
    let shown = level.at(source.span);
    let window = format!(
        "(SELECT {alias}.*, {function}({alias}.{}) OVER (PARTITION BY {}) AS {best} FROM {shown}) {alias}",
        quoted(&column),
        by.join(", ")
    );
    let mut condition = vec![format!("{alias}.{} = {alias}.{best}", quoted(&column))];
    let mut conditions = vec![format!("both sides are all rows of {}", table.name)];
    for key in &keys {
        if is_required(level.schema, table, key) {
            conditions.push(format!("{}.{key} is NOT NULL", table.name));
        } else {
            condition.push(format!("{alias}.{} IS NOT NULL", quoted(key)));
        }
    }
    let edits = Edits::of(level.placed).replace(join.span, window);
    let condition = condition.join(" AND ");
    let sql = match &level.clauses.filter {
        Some(_) => level.and(edits, &condition)?,
        None => edits.insert(level.clauses.from?.end, format!(" WHERE {condition}")),
    };
    Some(Offer { rule: RULE.name, sql: sql.text()?, conditions, caveat: None, proof: Proof::Rows })
}
