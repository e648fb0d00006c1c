use std::collections::BTreeSet;

use model::object::{Object, PartitionOf, Table};
use model::{Change, Path, QName, Schema, Sql};

use crate::bounds::{Bound, partitions};
use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A part of the hashes has no partition, so that a share of all rows is refused; make the missing ones.
    ///
    /// With 3 partitions of modulus 4 every fourth row fails, by chance as it seems. Hash partitions have no default.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY) PARTITION BY HASH (id);
    /// CREATE TABLE orders_0 PARTITION OF orders FOR VALUES WITH (MODULUS 3, REMAINDER 0);
    /// CREATE TABLE orders_1 PARTITION OF orders FOR VALUES WITH (MODULUS 3, REMAINDER 1);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY) PARTITION BY HASH (id);
    /// CREATE TABLE orders_0 PARTITION OF orders FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    /// CREATE TABLE orders_1 PARTITION OF orders FOR VALUES WITH (MODULUS 4, REMAINDER 1);
    /// CREATE TABLE orders_3 PARTITION OF orders FOR VALUES WITH (MODULUS 4, REMAINDER 3);
    /// ```
    "R005", error, known, fix, Check::Schema(check)
}

/// A larger modulus is not walked through.
const LARGEST: u32 = 4096;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables().filter(|table| table.is_partitioned()) {
        let mut hashes: Vec<(u32, u32)> = Vec::new();
        for (_, bound) in partitions(schema, &table.name) {
            if let Bound::Hash { modulus, remainder } = bound {
                hashes.push((modulus, remainder));
            }
        }
        // Each modulus divides the next larger one: the largest is the common measure.
        let Some(largest) =
            hashes.iter().map(|(modulus, _)| *modulus).max().filter(|largest| (1..=LARGEST).contains(largest))
        else {
            continue;
        };
        let taken = |hash: &u32| hashes.iter().any(|(modulus, remainder)| *modulus > 0 && hash % modulus == *remainder);
        let missing: BTreeSet<u32> = (0..largest).filter(|hash| !taken(hash)).collect();
        if missing.is_empty() {
            continue;
        }
        let changes: Vec<Change> =
            missing.iter().filter_map(|remainder| partition(schema, table, largest, *remainder)).collect();
        let share = 100.0 * missing.len() as f64 / f64::from(largest);
        let complete = changes.len() == missing.len();
        let draft = findings
            .at(&Path::table(&table.name), format!("{share:.0} % of all rows of {} have no partition", table.name))
            .why(format!("of modulus {largest} the remainder {} is missing", listed(missing.iter().take(3))));
        if complete {
            draft.fix("make the missing partitions", changes);
        }
    }
}

fn partition(schema: &Schema, table: &Table, modulus: u32, remainder: u32) -> Option<Change> {
    let name = QName::new(table.name.schema.clone(), format!("{}_{remainder}", table.name.name));
    if schema.relation(&name).is_some() {
        return None;
    }
    let mut partition = Table::new(name.clone());
    let bound = Sql::text(format!("FOR VALUES WITH (modulus {modulus}, remainder {remainder})"));
    partition.partition_of = Some(PartitionOf { parent: table.name.clone(), bound });
    Some(Change::Create { path: Path::table(&name), object: Object::Table(partition.into()) })
}
