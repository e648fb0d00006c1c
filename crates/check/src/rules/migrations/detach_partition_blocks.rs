use model::{Aspect, Change, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Detaching a partition waits for every query on the whole partitioned table and makes later ones wait; detach it with `CONCURRENTLY`.
    ///
    /// `DETACH PARTITION` takes ACCESS EXCLUSIVE on the parent. `CONCURRENTLY` (PostgreSQL 14) takes SHARE UPDATE EXCLUSIVE;
    /// it cannot run inside a transaction, nor when there is a default partition.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// -- next migration
    /// ALTER TABLE events DETACH PARTITION events_2024;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// -- next migration
    /// ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;
    /// ```
    "M019", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::DetachPartition { partition } } = change else { continue };
        let can = findings.dialect().alter.detach_partition_concurrently.at(findings.settings.version);
        if step.how.concurrently || !can || !step.existed(path) || !step.table_existed(partition) {
            continue;
        }
        let parent = path.qname();
        let mut parts = step.before.tables().filter_map(|table| table.partition_of.as_ref());
        let has_default = parts.any(|part| part.parent == parent && part.bound.to_string() == "DEFAULT");
        let movable = !step.transaction.is_open() && !has_default && !step.conditional;
        let edits = if movable { vec![findings.append(step.place, "CONCURRENTLY")] } else { Vec::new() };
        let draft = findings
            .here(place, format!("queries on {parent} wait behind the detaching of {partition}"))
            .about(path.clone())
            .words("DETACH PARTITION")
            .label(format!("ACCESS EXCLUSIVE on {parent}"))
            .locks(&parent, LockMode::AccessExclusive);
        if has_default {
            draft.why(format!("{parent} has a default partition: CONCURRENTLY is refused, so set a lock_timeout"));
        } else {
            draft.edit("detach it without the lock", edits);
        }
    }
}
