//! DISTINCT over rows that are distinct already.

use std::collections::BTreeSet;

use model::query::{Distinct, JoinCondition, JoinKind, Source};
use model::{Expr, Name};

use super::edits::Edits;
use super::level::{Found, Level};
use super::meaning::{keys, unique_sets};
use super::parts::equal;
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "distinct-key",
    says: "DISTINCT goes where the SELECT list has a key of every table whose rows can come more than once: nothing is \
           sorted or hashed to find what cannot be there.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    if level.query.distinct != Distinct::All || !level.is_plain() {
        return;
    }
    let Some(conditions) = distinct(level) else { return };
    let Some(quantifier) = level.clauses.quantifier else { return };
    let Some(sql) = Edits::of(level.placed).remove(quantifier).text() else { return };
    offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
}

/// Why no two rows of the level are the same.
pub(super) fn distinct(level: &Level<'_>) -> Option<Vec<String>> {
    let mut given: BTreeSet<(usize, Name)> = BTreeSet::new();
    for (_, value) in level.values()? {
        if let Expr::Column(column) = value
            && let Found::Own(at) = level.find(column)
        {
            given.insert((at, column.name.clone()));
        }
    }
    let equalities = equalities(level);
    let (mut settled, mut conditions) = (BTreeSet::new(), Vec::new());
    // A source is settled when its row is known from what is given, or from sources that are settled.
    while settled.len() < level.bounds.len() {
        let next = (0..level.bounds.len()).filter(|at| !settled.contains(at)).find_map(|at| {
            let table = level.bounds[at].table?;
            let has = |column: &Name| given.contains(&(at, column.clone()));
            if let Some(key) = keys(level.schema, table).into_iter().find(|key| key.iter().all(has)) {
                return Some((at, format!("({}) is a key of {}, and is given", joined(&key), table.name)));
            }
            let found = |column: &Name| {
                equalities.iter().any(|(own, own_column, other)| {
                    *own == at && own_column == column && other.is_none_or(|other| settled.contains(&other))
                })
            };
            let key = unique_sets(level.schema, table).into_iter().find(|key| key.iter().all(found))?;
            Some((at, format!("({}) is unique in {}: one row at most is joined", joined(&key), table.name)))
        });
        let (at, why) = next?;
        settled.insert(at);
        conditions.push(why);
    }
    Some(conditions).filter(|_| !settled.is_empty())
}

fn joined(key: &[Name]) -> String {
    key.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A source, its column, and the source of what the column equals; none for a constant.
type Equality = (usize, Name, Option<usize>);

/// What each row obeys: `t.column = u.column`, `t.column = 1`. Conditions of outer joins say only what the source that
/// may be missing equals.
fn equalities(level: &Level<'_>) -> Vec<Equality> {
    let mut found = Vec::new();
    for (_, part) in level.conjuncts() {
        note(level, part, None, &mut found);
    }
    for source in &level.query.from {
        joins(level, source, &mut found);
    }
    found
}

fn joins(level: &Level<'_>, source: &Source, found: &mut Vec<Equality>) {
    let Source::Join(join) = source else { return };
    joins(level, &join.left, found);
    joins(level, &join.right, found);
    let JoinCondition::On(condition) = &join.condition else { return };
    // The side whose row is looked up; in a left join only the right one.
    let looked_up = match join.kind {
        JoinKind::Inner => None,
        JoinKind::Left => match &join.right {
            Source::Table(table) => level.bounds.iter().position(|bound| bound.span.start == table.span.start),
            _ => return,
        },
        _ => return,
    };
    for part in condition.conjuncts() {
        note(level, part, looked_up.or(Some(usize::MAX)).filter(|_| join.kind == JoinKind::Left), found);
    }
}

fn note(level: &Level<'_>, part: &Expr, only: Option<usize>, found: &mut Vec<Equality>) {
    let Some((left, right)) = equal(part) else { return };
    for (own, other) in [(left, right), (right, left)] {
        let Some((at, column)) = level.column(own) else { continue };
        let target = match level.column(other) {
            Some((target, _)) => Some(target),
            None if super::meaning::is_constant(other) => None,
            None => continue,
        };
        if only.is_none_or(|only| only == at) && target != Some(at) {
            found.push((at, column.name.clone(), target));
        }
    }
}
