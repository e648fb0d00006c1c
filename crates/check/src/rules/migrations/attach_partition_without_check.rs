use model::object::{PartitionBy, Table};
use model::{Aspect, Change, Edit, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::partitions::{condition_of, speaks_of};
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
    "M026", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::AttachPartition { partition, bound } } = change else { continue };
        let Some(attached) = step.before.table(partition).filter(|_| step.table_existed(partition)) else { continue };
        let by = step.before.table(&path.qname()).and_then(|parent| parent.partition_by.as_ref());
        // A foreign table is not read, and a partitioned one is proven or read partition by partition.
        let unread = attached.foreign.is_some() || attached.is_partitioned();
        let Some(by) = by.filter(|by| !unread && !speaks_of(attached, by)) else { continue };
        let keys = comma(by.keys.iter().map(|key| &key.expr));
        let movable = !step.transaction.is_open() && !step.conditional && step.changes.len() == 1;
        let edits = if movable { by_check(findings, step, attached, by, &bound.to_string()) } else { Vec::new() };
        findings
            .here(place, format!("nobody can use {partition} while it is scanned"))
            .about(path.clone())
            .words("ATTACH PARTITION")
            .label(format!("ACCESS EXCLUSIVE on {partition}"))
            .why(format!("no valid CHECK of {partition} says that ({keys}) is within the bounds"))
            .locks(partition, LockMode::AccessExclusive)
            .scans(partition)
            .sized(partition, Work::Read)
            .edit("prove the bounds by a check that is validated without the lock", edits);
    }
}

/// The check is added and validated before, and dropped after: the bound says the same from then on.
fn by_check(findings: &Findings<'_>, step: &Step, attached: &Table, by: &PartitionBy, bound: &str) -> Vec<Edit> {
    let Some(condition) = condition_of(by, bound) else { return Vec::new() };
    let table = &attached.name;
    let name = model::name::truncated(&format!("{}_bounds", table.name));
    let name = model::name::quoted(&name);
    let first = format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID;\nALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"
    );
    let last = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
    vec![findings.first(step.place, &first), findings.then(step.place, &last)]
}
