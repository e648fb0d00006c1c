use std::collections::BTreeSet;

use model::object::{PartitionBy, Table};
use model::{Aspect, Change, Expr, LockMode, Name, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;
use crate::words::comma;

rule! {
    /// Attaching a table as a partition reads all of it under a lock; give it a validated CHECK of the same bounds first.
    ///
    /// The table is locked with ACCESS EXCLUSIVE while each row is held against the bounds. A valid CHECK that implies them,
    /// together with NOT NULL on the key, makes PostgreSQL skip the scan; it can be validated before, while reads and writes
    /// go on, and be dropped afterwards.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE old_events (id bigint, day date NOT NULL, PRIMARY KEY (id, day));
    /// -- next migration
    /// ALTER TABLE events ATTACH PARTITION old_events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE old_events (id bigint, day date NOT NULL, PRIMARY KEY (id, day));
    /// -- next migration
    /// ALTER TABLE old_events ADD CONSTRAINT in_2024 CHECK (day >= '2024-01-01' AND day < '2025-01-01') NOT VALID;
    /// ALTER TABLE old_events VALIDATE CONSTRAINT in_2024;
    /// ALTER TABLE events ATTACH PARTITION old_events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// ALTER TABLE old_events DROP CONSTRAINT in_2024;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// -- next migration
    /// CREATE TABLE events_2025 (id bigint, day date NOT NULL, PRIMARY KEY (id, day));
    /// ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    "M026", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::AttachPartition { partition, .. } } = change else { continue };
        let Some(attached) = step.before.table(partition).filter(|_| step.table_existed(partition)) else { continue };
        let by = step.before.table(&path.qname()).and_then(|parent| parent.partition_by.as_ref());
        // A foreign table is not read, and a partitioned one is proven or read partition by partition.
        let unread = attached.foreign.is_some() || attached.is_partitioned();
        let Some(by) = by.filter(|by| !unread && !speaks_of(attached, by)) else { continue };
        let keys = comma(by.keys.iter().map(|key| &key.expr));
        findings
            .here(place, format!("nobody can use {partition} while it is scanned"))
            .about(path.clone())
            .words("ATTACH PARTITION")
            .label(format!("ACCESS EXCLUSIVE on {partition}"))
            .why(format!("no valid CHECK of {partition} says that ({keys}) is within the bounds"))
            .locks(partition, LockMode::AccessExclusive)
            .scans(partition)
            .sized(partition, Work::Read);
    }
}

/// A valid check names every column of the key. Whether it implies the bounds is for the database to prove; who writes
/// such a check knows why.
fn speaks_of(table: &Table, by: &PartitionBy) -> bool {
    let keys: BTreeSet<&Name> = by.keys.iter().flat_map(|key| key.expr.columns()).collect();
    let names = |condition: &Expr| {
        let named: BTreeSet<&Name> = condition.columns().into_iter().collect();
        keys.is_subset(&named)
    };
    table.checks().any(|(constraint, condition)| constraint.valid && names(condition))
}
