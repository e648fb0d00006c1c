//! What may be concluded from how an index is used.

use model::Schema;
use model::activity::Activity;
use model::object::{Index, Table};
use model::served::{does_all_of, extends, is_leaned_on, is_own, served_by_none_but};
use model::stats::Stats;
use model::usage::{Usage, usage};

use crate::words::{grouped, listed};

/// Nobody gains anything from dropping a smaller one.
pub(crate) const SMALL: u64 = 1 << 20;

/// Every index that serves nothing but reading, with its usage: dropping it loses no promise, and no foreign key needs it.
pub(crate) fn for_reading<'s>(
    stats: &'s Stats,
    schema: &'s Schema,
) -> impl Iterator<Item = (&'s Table, &'s Index, Usage)> {
    let of = |table: &'s Table| table.indexes.iter().map(move |index| (table, index));
    let used = |(table, index): (&'s Table, &'s Index)| Some((table, index, usage(stats, schema, table, index)?));
    let plain = |(table, index): &(&Table, &Index)| {
        let is_at_work =
            stats.activity.as_ref().is_some_and(|activity| activity.is_built_now(&table.name, &index.name));
        is_own(index)
            && !index.unique
            && !is_leaned_on(table, index)
            && !is_at_work
            && served_by_none_but(table, index, |other| stays(stats, schema, table, other)).is_none()
            && !takes_over(stats, schema, table, index)
    };
    schema.tables().flat_map(of).filter(plain).filter_map(used)
}

/// Nobody takes it for unused.
fn stays(stats: &Stats, schema: &Schema, table: &Table, index: &Index) -> bool {
    index.unique || usage(stats, schema, table, index).is_none_or(|usage| usage.scans > 0)
}

/// Another index that is read does the same or less: it goes, and its queries come here.
fn takes_over(stats: &Stats, schema: &Schema, table: &Table, index: &Index) -> bool {
    table.indexes.iter().any(|other| {
        let is_spare = other.name != index.name
            && is_own(other)
            && !other.unique
            && (does_all_of(index, other) || extends(index, other));
        is_spare && usage(stats, schema, table, other).is_some_and(|other| other.scans > 0)
    })
}

/// `in 41 days, since 2026-03-02`
pub(crate) fn counted(activity: &Activity) -> String {
    let counted = &activity.counted;
    let days = crate::words::counted(counted.days as usize, "day", "days");
    match counted.at_least {
        false => format!("in {days}, since {}", counted.since),
        true => format!("in {days} at least, as the server has run since {}", counted.since),
    }
}

/// What is not in the counts, where there is something.
pub(crate) fn not_counted(activity: &Activity) -> Option<String> {
    if activity.replicas.len() <= activity.added.len() {
        return None;
    }
    Some(format!("what replicas read is not counted here: {}", listed(&activity.replicas)))
}

/// `4,120,000 entries were written to it`
pub(crate) fn written(entries: u64) -> String {
    match entries {
        1 => "1 entry was written to it".to_owned(),
        _ => format!("{} entries were written to it", grouped(entries as f64)),
    }
}
