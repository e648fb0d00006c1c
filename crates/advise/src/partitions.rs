//! Partitioned tables have no rows of their own: they are as long as their partitions together.

use std::borrow::Cow;

use model::stats::Stats;
use model::{QName, Schema};

/// The statistics, with the rows and bytes of partitions counted where they belong to as well.
pub(crate) fn counted<'s>(schema: &Schema, stats: &'s Stats) -> Cow<'s, Stats> {
    let mut counted = Cow::Borrowed(stats);
    for table in schema.tables().filter(|table| table.partition_by.is_some()) {
        let (mut rows, mut bytes) = (0.0, 0);
        for part in leaves(schema, &table.name) {
            if let Some(known) = stats.tables.get(part) {
                rows += known.rows;
                bytes += known.bytes;
            }
        }
        if let Some(known) = stats.tables.get(&table.name).filter(|known| known.bytes < bytes) {
            let known = model::stats::TableStats { rows, bytes, ..known.clone() };
            counted.to_mut().tables.insert(table.name.clone(), known);
        }
    }
    counted
}

/// The tables with rows below a partitioned one.
fn leaves<'s>(schema: &'s Schema, top: &QName) -> Vec<&'s QName> {
    let is_below = |name: &QName| {
        let mut at = name;
        // No tree of partitions is that deep, and a broken schema has no end.
        for _ in 0..64 {
            match schema.table(at).and_then(|table| table.partition_of.as_ref()) {
                Some(of) if of.parent == *top => return true,
                Some(of) => at = &of.parent,
                None => return false,
            }
        }
        false
    };
    schema
        .tables()
        .filter(|table| table.partition_by.is_none() && table.partition_of.is_some() && is_below(&table.name))
        .map(|table| &table.name)
        .collect()
}
