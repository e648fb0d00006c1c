//! Indexes that are there, looked at with the workload: which of them could go.
//!
//! The planner is asked with an index hidden. One that no plan uses goes when no plan gets dearer without it (statistics of
//! its expressions may have been what it was good for) and writes of the workload get cheaper. One that plans use goes
//! when another begins with its keys and what these plans cost more is less than what writes save. An index that keeps a
//! promise, or is the only one for a foreign key, is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use model::advice::Drop;
use model::object::{Index, Table};
use model::served::{extends, is_leaned_on, is_own, served_by_none_but};
use model::stats::Stats;
use model::usage::usage;
use model::{QName, Schema};

use crate::costs::Costs;
use crate::shapes::Seen;

/// What is looked at, and what stands meanwhile.
pub(crate) struct Reviewed<'r> {
    pub(crate) schema: &'r Schema,
    pub(crate) stats: &'r Stats,
    pub(crate) seen: &'r [Seen<'r>],
    /// The new indexes that were chosen.
    pub(crate) standing: Vec<usize>,
    /// Those that go already.
    pub(crate) dropped: &'r [Drop],
}

/// What writes to an index cost over the workload, in the planner's units.
pub(crate) type Upkeep<'u> = &'u dyn Fn(&Table, &Index) -> f64;

/// Costs that differ by less are the same.
const SAME: f64 = 1.001;
/// No query gets dearer than this for the sake of writes.
const DEARER: f64 = 1.2;

struct Old<'r> {
    name: QName,
    table: &'r Table,
    index: &'r Index,
    /// Its name, and those of its parts: plans name them without a schema.
    names: BTreeSet<&'r str>,
    upkeep: f64,
    bytes: u64,
}

/// What could go, the largest first; nothing where the planner cannot be asked that way.
pub(crate) fn review(reviewed: &Reviewed<'_>, costs: &mut Costs<'_>, upkeep: Upkeep<'_>) -> Vec<Drop> {
    let mut gone: Vec<QName> = reviewed.dropped.iter().map(|drop| drop.index.clone()).collect();
    let olds = olds(reviewed, upkeep, &gone);
    let Some(now) = plans(reviewed, costs, &gone, None) else { return Vec::new() };
    let users = |old: &Old<'_>| -> Vec<usize> {
        let uses = |(_, plan): &(usize, &Option<Plan>)| {
            plan.as_ref().is_some_and(|plan| plan.existing.iter().any(|name| old.names.contains(name.as_str())))
        };
        now.iter().enumerate().filter(uses).map(|(at, _)| at).collect()
    };
    let (unread, read): (Vec<&Old<'_>>, Vec<&Old<'_>>) = olds.iter().partition(|old| users(old).is_empty());
    let mut drops = Vec::new();
    for old in keepable(&unread, &mut gone, reviewed, costs, &now) {
        let queries = reviewed.seen.len();
        let why = format!(
            "no plan of the {} that were looked at uses it, and their writes pay for it",
            if queries == 1 { "1 query".to_owned() } else { format!("{queries} queries") }
        );
        drops.push(Drop { index: old.name.clone(), why, bytes: old.bytes });
    }
    for old in read {
        let others = old.table.indexes.iter().filter(|other| !gone.contains(&name_of(old.table, other)));
        let Some(longer) = others.into_iter().find(|other| extends(other, old.index)) else { continue };
        if is_needed(old, &gone) {
            continue;
        }
        let asked = users(old);
        let mut hidden = gone.clone();
        hidden.push(old.name.clone());
        let Some(without) = plans(reviewed, costs, &hidden, Some(&asked)) else { break };
        let mut dearer = 0.0;
        let mut most: f64 = 1.0;
        for (at, plan) in asked.iter().zip(&without) {
            let (Some(before), Some(after)) = (&now[*at], plan) else { continue };
            dearer += (after.cost - before.cost) * reviewed.seen[*at].query.calls;
            most = most.max(after.cost / before.cost.max(f64::MIN_POSITIVE));
        }
        if most <= DEARER && dearer < old.upkeep {
            let why = format!(
                "{} begins with its keys: {} cost {:.0} % more at most, and writes save more than that",
                longer.name,
                if asked.len() == 1 { "1 query".to_owned() } else { format!("{} queries", asked.len()) },
                (most - 1.0) * 100.0
            );
            drops.push(Drop { index: old.name.clone(), why, bytes: old.bytes });
            gone = hidden;
        }
    }
    let _ = costs.hide(&[]);
    drops.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.index.cmp(&other.index)));
    drops
}

/// Of those that no plan uses, those without which none gets dearer.
fn keepable<'o, 'r>(
    unread: &[&'o Old<'r>],
    gone: &mut Vec<QName>,
    reviewed: &Reviewed<'_>,
    costs: &mut Costs<'_>,
    now: &[Option<Plan>],
) -> Vec<&'o Old<'r>> {
    let mut going = Vec::new();
    let mut hidden = gone.clone();
    for old in unread {
        if !is_needed(old, &hidden) {
            hidden.push(old.name.clone());
            going.push(*old);
        }
    }
    let is_same = |plans: &[Option<Plan>]| {
        now.iter().zip(plans).all(|pair| match pair {
            (Some(before), Some(after)) => after.cost <= before.cost * SAME,
            (before, after) => before.is_none() == after.is_none(),
        })
    };
    if going.is_empty() {
        return going;
    }
    // Nearly always nothing changes, and one look at all of them is enough.
    if plans(reviewed, costs, &hidden, None).is_some_and(|plans| is_same(&plans)) {
        *gone = hidden;
        return going;
    }
    let mut sure = Vec::new();
    for old in going {
        let mut hidden = gone.clone();
        hidden.push(old.name.clone());
        if plans(reviewed, costs, &hidden, None).is_some_and(|plans| is_same(&plans)) {
            *gone = hidden;
            sure.push(old);
        }
    }
    sure
}

/// A plan, as far as it counts here.
struct Plan {
    cost: f64,
    existing: Vec<String>,
}

/// The plans of these queries, or of all, without some indexes.
fn plans(
    reviewed: &Reviewed<'_>,
    costs: &mut Costs<'_>,
    hidden: &[QName],
    of: Option<&[usize]>,
) -> Option<Vec<Option<Plan>>> {
    costs.hide(hidden).ok()?;
    let all: Vec<usize> = of.map_or_else(|| (0..reviewed.seen.len()).collect(), <[usize]>::to_vec);
    let sql: Vec<&str> = all.iter().map(|at| reviewed.seen[*at].query.sql.as_str()).collect();
    let planned = costs.explain_all(&sql, &reviewed.standing);
    let plan = |planned: Result<crate::Estimate, String>| {
        planned.ok().map(|estimate| Plan { cost: estimate.cost, existing: estimate.existing })
    };
    Some(planned.into_iter().map(plan).collect())
}

/// The indexes that may be looked at, by name.
fn olds<'r>(reviewed: &Reviewed<'r>, upkeep: Upkeep<'_>, gone: &[QName]) -> Vec<Old<'r>> {
    let mut parts: BTreeMap<&QName, Vec<&str>> = BTreeMap::new();
    for table in reviewed.schema.tables() {
        for index in &table.indexes {
            if let Some(whole) = &index.attached_to {
                parts.entry(whole).or_default().push(index.name.as_str());
            }
        }
    }
    let mut olds = Vec::new();
    for table in reviewed.schema.tables() {
        for index in table.indexes.iter().filter(|index| is_own(index) && !index.unique && !is_leaned_on(table, index))
        {
            let name = name_of(table, index);
            let Some(usage) = usage(reviewed.stats, reviewed.schema, table, index).filter(|_| !gone.contains(&name))
            else {
                continue;
            };
            let upkeep = upkeep(table, index);
            if upkeep <= 0.0 {
                continue;
            }
            let mut names = BTreeSet::from([index.name.as_str()]);
            names.extend(below(&parts, reviewed.schema, &name));
            olds.push(Old { name, table, index, names, upkeep, bytes: usage.bytes });
        }
    }
    olds.sort_by(|one, other| one.name.cmp(&other.name));
    olds
}

/// The names of the parts of an index, at every level.
fn below<'r>(parts: &BTreeMap<&QName, Vec<&'r str>>, schema: &Schema, whole: &QName) -> Vec<&'r str> {
    let mut found: Vec<&str> = Vec::new();
    let mut open = vec![whole.clone()];
    while let Some(name) = open.pop() {
        for part in parts.get(&name).into_iter().flatten() {
            found.push(part);
            open.extend(schema.tables().filter_map(|table| {
                let own = table.indexes.iter().find(|index| index.attached_to.as_ref() == Some(&name))?;
                (own.name.as_str() == *part).then(|| name_of(table, own))
            }));
        }
    }
    found
}

/// Without it, and without those that go, a foreign key would have none.
fn is_needed(old: &Old<'_>, gone: &[QName]) -> bool {
    let stays = |other: &Index| !gone.contains(&name_of(old.table, other));
    served_by_none_but(old.table, old.index, stays).is_some()
}

fn name_of(table: &Table, index: &Index) -> QName {
    QName::new(table.name.schema.clone(), index.name.clone())
}
