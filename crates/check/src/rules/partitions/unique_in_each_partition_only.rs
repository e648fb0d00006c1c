use std::collections::{BTreeMap, BTreeSet};

use model::object::Table;
use model::{Name, Path, Schema};

use crate::bounds::partitions;
use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::{comma, counted};

rule! {
    /// Each partition has a unique key by itself, so the value may stand once in every one of them; know that it is not unique.
    ///
    /// An index of a partition sees the rows of that partition. The partitioned table cannot have the key, as it lacks the
    /// partition key; what should be unique over all needs a table of its own.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint, email text NOT NULL, country text NOT NULL, PRIMARY KEY (id, country)) PARTITION BY LIST (country);
    /// CREATE TABLE users_de PARTITION OF users FOR VALUES IN ('de');
    /// CREATE TABLE users_rest PARTITION OF users DEFAULT;
    /// CREATE UNIQUE INDEX ON users_de (email);
    /// CREATE UNIQUE INDEX ON users_rest (email);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint, email text NOT NULL, country text NOT NULL, PRIMARY KEY (id, country)) PARTITION BY LIST (country);
    /// CREATE TABLE users_de PARTITION OF users FOR VALUES IN ('de');
    /// CREATE TABLE users_rest PARTITION OF users DEFAULT;
    /// CREATE UNIQUE INDEX ON users (email, country);
    /// ```
    "R007", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables().filter(|table| table.is_partitioned()) {
        let partitions = partitions(schema, &table.name);
        let mut own: BTreeMap<BTreeSet<&Name>, usize> = BTreeMap::new();
        for (partition, _) in &partitions {
            for key in keys(partition) {
                *own.entry(key).or_default() += 1;
            }
        }
        let everywhere = own.into_iter().filter(|(_, count)| *count > 1 && *count == partitions.len());
        for (key, count) in everywhere {
            // A key that holds the partition key is as good as one of the whole table.
            let by = table
                .partition_by
                .iter()
                .flat_map(|by| &by.keys)
                .all(|by| by.expr.columns().iter().all(|name| key.contains(name)));
            if by {
                continue;
            }
            let columns = comma(&key);
            findings
                .at(&Path::table(&table.name), format!("({columns}) may stand {count} times in {}", table.name))
                .why(format!("each of {} is unique by itself", counted(count, "partition", "partitions")));
        }
    }
}

/// The unique keys that a partition does not have from its parent.
fn keys(partition: &Table) -> Vec<BTreeSet<&Name>> {
    let own = partition.constraints.iter().filter(|constraint| !constraint.inherited);
    let by_constraint = own.filter_map(|constraint| constraint.as_key()).map(|key| key.columns.iter().collect());
    let indexes =
        partition.indexes.iter().filter(|index| index.unique && !index.inherited && index.attached_to.is_none());
    let by_index =
        indexes.filter(|index| index.predicate.is_none()).filter_map(|index| index.key_columns().into_iter().collect());
    by_constraint.chain(by_index).collect()
}
