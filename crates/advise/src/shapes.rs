//! Queries that ask the same of the same tables: one of them is studied, and stands for the others.
//!
//! An application of ten thousand statements asks a few hundred things. What is learnt of a representative holds for
//! those like it in proportion to their costs; in the end each is asked of the planner itself, so that no figure is one
//! that was only carried over.

use std::collections::{BTreeMap, BTreeSet};

use model::workload::WorkloadQuery;

use crate::asked::Asked;

/// A query that can be planned.
#[derive(Debug)]
pub(crate) struct Seen<'w> {
    pub(crate) query: &'w WorkloadQuery,
    pub(crate) asked: Vec<Asked>,
    /// Its cost as the database is.
    pub(crate) before: f64,
}

/// Queries alike, by their places among those seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    /// The one that is asked for all of them: the dearest.
    pub(crate) first: usize,
    pub(crate) members: Vec<usize>,
    /// How many calls of the first one cost as much as all calls of all of them.
    pub(crate) weight: f64,
}

/// What a large workload is made smaller to.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// The dearest first.
    pub(crate) studied: Vec<Shape>,
    /// What the others cost, for which nothing studied stands.
    pub(crate) others: f64,
    /// How many they are, of those that an index could serve at all.
    pub(crate) alone: usize,
}

/// How many shapes are studied; those that follow are left to representatives of the same conditions.
const STUDIED: usize = 1000;
/// Queries whose costs differ by more than this part are planned differently.
const NEAR: f64 = 0.8;

impl Shapes {
    pub(crate) fn of(seen: &[Seen<'_>]) -> Shapes {
        let mut shapes = alike(seen);
        let cost = |shape: &Shape| shape.weight * seen[shape.first].before;
        shapes.sort_by(|one, other| {
            let sql = |shape: &Shape| &seen[shape.first].query.sql;
            cost(other).total_cmp(&cost(one)).then_with(|| sql(one).cmp(sql(other)))
        });
        let (studied, beyond): (Vec<Shape>, Vec<Shape>) =
            shapes.into_iter().partition(|shape| !seen[shape.first].asked.is_empty());
        let mut shapes = Shapes { others: beyond.iter().map(cost).sum(), ..Shapes::default() };
        let mut by_conditions: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for shape in studied {
            let conditions = conditions(&seen[shape.first].asked);
            if shapes.studied.len() < STUDIED {
                by_conditions.entry(conditions).or_insert(shapes.studied.len());
                shapes.studied.push(shape);
            } else if let Some(at) = by_conditions.get(&conditions) {
                let like = &mut shapes.studied[*at];
                like.weight += cost(&shape) / seen[like.first].before.max(f64::MIN_POSITIVE);
                like.members.extend(shape.members);
            } else {
                shapes.others += cost(&shape);
                shapes.alone += shape.members.len();
            }
        }
        shapes
    }
}

fn alike(seen: &[Seen<'_>]) -> Vec<Shape> {
    let mut order: Vec<(String, usize)> =
        seen.iter().enumerate().map(|(at, seen)| (format!("{:?}", seen.asked), at)).collect();
    order.sort_by(|(one, first), (other, second)| {
        let (first, second) = (&seen[*first], &seen[*second]);
        one.cmp(other)
            .then_with(|| second.before.total_cmp(&first.before))
            .then_with(|| first.query.sql.cmp(&second.query.sql))
    });
    let mut shapes: Vec<Shape> = Vec::new();
    let mut last = "";
    for (text, at) in &order {
        let known = shapes.last_mut().filter(|shape| {
            last == text.as_str() && seen[*at].before >= NEAR * seen[shape.first].before && !text.is_empty()
        });
        match known {
            Some(shape) => shape.members.push(*at),
            None => shapes.push(Shape { first: *at, members: vec![*at], weight: 0.0 }),
        }
        last = text;
    }
    for shape in &mut shapes {
        let calls = |at: &usize| seen[*at].query.calls;
        let first = seen[shape.first].before;
        shape.weight = match first > 0.0 {
            true => shape.members.iter().map(|at| calls(at) * seen[*at].before / first).sum(),
            false => shape.members.iter().map(calls).sum(),
        };
    }
    shapes
}

/// The tables, with what each is asked by; whatever is read or sorted besides.
fn conditions(asked: &[Asked]) -> Vec<String> {
    let mut all: Vec<String> = asked
        .iter()
        .map(|asked| {
            let keys: BTreeSet<String> =
                asked.conditions.iter().map(|condition| format!("{} {:?}", condition.key, condition.kind)).collect();
            format!("{} {keys:?}", asked.table)
        })
        .collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests;
