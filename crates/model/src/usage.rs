//! How an index is used: its scans and its size, with those of its parts where the table is partitioned.

use crate::name::QName;
use crate::object::{Index, Table};
use crate::schema::Schema;
use crate::stats::Stats;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    pub bytes: u64,
    pub scans: u64,
    /// Entries that were written to it, where that is known.
    pub entries: Option<u64>,
}

/// Nothing where the statistics do not name it, nor any part of it.
pub fn usage(stats: &Stats, schema: &Schema, table: &Table, index: &Index) -> Option<Usage> {
    let mut total: Option<Usage> = None;
    let mut parts = vec![(table, index)];
    // Each index has one parent, so that none is met twice.
    while let Some((table, index)) = parts.pop() {
        let name = QName::new(table.name.schema.clone(), index.name.clone());
        if let Some(own) = stats.indexes.get(&name) {
            let total = total.get_or_insert_default();
            total.bytes += own.bytes;
            total.scans += own.scans;
            let writes = stats.activity.as_ref().and_then(|activity| activity.tables.get(&table.name));
            if let Some(writes) = writes {
                total.entries = Some(total.entries.unwrap_or(0) + writes.entries());
            }
        }
        for part in schema.children(&table.name).filter_map(|part| schema.table(part)) {
            let attached = part.indexes.iter().filter(|own| own.attached_to.as_ref() == Some(&name));
            parts.extend(attached.map(|own| (part, own)));
        }
    }
    total
}
