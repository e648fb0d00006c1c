//! How the database is used, laid beside what the planner knows of each table and index.

use model::activity;

use super::super::file::{Counted, Index, Table, Writes};
use super::super::name;

pub(super) fn put(activity: &activity::Activity, tables: &mut [Table], indexes: &mut [Index]) {
    for table in tables {
        let writes = name::read(&table.name).and_then(|name| activity.tables.get(&name));
        table.writes = writes.map(|writes| Writes {
            inserted: writes.inserted,
            updated: writes.updated,
            in_place: writes.in_place,
            deleted: writes.deleted,
        });
    }
    for index in indexes {
        let Some(used) = name::read(&index.name).and_then(|name| activity.indexes.get(&name)) else { continue };
        index.last_scan.clone_from(&used.last_scan);
        index.built_now = used.is_built_now;
        index.referred_by = used.referred_by.as_ref().map(ToString::to_string);
    }
}

pub(super) fn counted(counted: &activity::Counted) -> Counted {
    // A tenth of a day is as exact as it is useful.
    let days = (counted.days * 10.0).floor() / 10.0;
    Counted { days, since: counted.since.clone(), at_least: counted.at_least }
}
