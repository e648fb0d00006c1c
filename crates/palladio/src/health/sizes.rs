//! How large indexes would be if they were built now: computed from statistics, or counted by the server where it can.

use live::Client;
use live::activity;
use live::statistics::PlannerStats;
use model::activity::Needed;
use model::object::{Index, Key, Table};
use model::stats::Stats;
use model::{Name, QName, Schema};
use report::count::{counted, list};

use crate::Failure;

/// Nobody gains anything from building a smaller one anew.
const SMALL: u64 = 1 << 20;
/// From how many times its size on an index is worth being read as a whole, in percent.
const SUSPECT: u64 = 150;
/// The server reads so many bytes at most.
const READ: u64 = 4 << 30;

/// From statistics, where those decide it.
pub(super) fn compute(schema: &Schema, planner: &PlannerStats, stats: &mut Stats) {
    let mut found = Vec::new();
    for known in &planner.indexes {
        let Some(name) = qname(&known.name).filter(|_| known.method == "btree" && known.bytes >= SMALL) else {
            continue;
        };
        let Some((table, index)) = of_schema(schema, &name) else { continue };
        let Some(of_table) = stats.tables.get(&table.name) else { continue };
        if let Some(bytes) = advise::needed::needed(schema, table, of_table, &index, f64::from(known.rows)) {
            found.push((name, Needed { bytes, is_measured: false }));
        }
    }
    put(stats, found);
}

/// By the server, of those that are suspected of being too large and those of which nothing else is known; the largest
/// first.
pub(super) fn measure(client: &mut Client, stats: &mut Stats) -> Result<(), Failure> {
    let Some(activity) = &stats.activity else { return Ok(()) };
    let is_suspect = |name: &QName, bytes: u64| {
        let needed = activity.indexes.get(name).and_then(|used| used.needed);
        bytes >= SMALL && needed.is_none_or(|needed| bytes.saturating_mul(100) >= needed.bytes.saturating_mul(SUSPECT))
    };
    let all = stats.indexes.iter().map(|(name, index)| (name.clone(), index.bytes));
    let mut suspects: Vec<(QName, u64)> = all.filter(|(name, bytes)| is_suspect(name, *bytes)).collect();
    suspects.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let mut left = READ;
    let mut wanted = Vec::new();
    for (name, bytes) in suspects {
        if bytes <= left {
            left -= bytes;
            wanted.push(name);
        }
    }
    if !wanted.is_empty() {
        let found = activity::measured(client, &wanted)?;
        put(stats, found);
    }
    Ok(())
}

/// Which sizes nobody could say, and why.
pub(super) fn not_said(planner: &PlannerStats, stats: &Stats) -> Vec<String> {
    let Some(activity) = &stats.activity else { return Vec::new() };
    let unsaid: Vec<_> = planner
        .indexes
        .iter()
        .filter(|index| index.bytes >= SMALL)
        .filter(|index| {
            qname(&index.name).and_then(|name| activity.indexes.get(&name)).is_none_or(|used| used.needed.is_none())
        })
        .collect();
    let unseen = |table: &str| {
        let known = qname(table).and_then(|name| stats.tables.get(&name));
        known.is_none_or(|known| known.columns.is_empty())
    };
    let mut blind: Vec<String> =
        unsaid.iter().filter(|index| unseen(&index.table)).map(|index| index.table.clone()).collect();
    blind.sort();
    blind.dedup();
    let others = unsaid.iter().filter(|index| !unseen(&index.table)).count();
    let mut notes = Vec::new();
    if !blind.is_empty() {
        const NAMED: usize = 5;
        let more = blind.len().saturating_sub(NAMED);
        blind.truncate(NAMED);
        if more > 0 {
            blind.push(format!("{more} more"));
        }
        notes.push(format!(
            "this role sees no statistics of {}: it may not SELECT there, or ANALYZE never ran; how bloated indexes are is \
             not said of them",
            list(&blind)
        ));
    }
    if others > 0 {
        notes.push(format!(
            "of {} it is not said how bloated they are: statistics do not decide it or are not fresh, and pgstattuple \
             is not here or not for this role",
            counted(others, "index")
        ));
    }
    notes
}

fn put(stats: &mut Stats, found: Vec<(QName, Needed)>) {
    let Some(activity) = &mut stats.activity else { return };
    for (name, needed) in found {
        activity.indexes.entry(name).or_default().needed = Some(needed);
    }
}

fn qname(text: &str) -> Option<QName> {
    live::statistics::qname(text)
}

/// An index, or the one behind a key.
fn of_schema<'s>(schema: &'s Schema, name: &QName) -> Option<(&'s Table, Index)> {
    if let Some((table, index)) = schema.index(name) {
        return Some((schema.table(&table)?, index.clone()));
    }
    let path = schema.relation(name)?;
    let table = schema.table(&path.qname())?;
    let constraint = table.constraints.iter().find(|constraint| constraint.name == path.part)?;
    constraint.as_key().filter(|key| !key.without_overlaps).map(|key| (table, behind(&constraint.name, key)))
}

fn behind(name: &Name, key: &Key) -> Index {
    Index {
        unique: true,
        include: key.include.clone(),
        options: key.options.clone(),
        ..Index::btree(name.clone(), key.columns.iter().cloned())
    }
}
