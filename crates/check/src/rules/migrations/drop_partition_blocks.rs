use model::{Change, Kind, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Dropping a partition locks the whole partitioned table against everybody; detach it with `CONCURRENTLY`, then drop it.
    ///
    /// `DROP TABLE` of a partition takes ACCESS EXCLUSIVE on the parent as well: it waits for every query on any partition,
    /// and later ones wait behind it.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// -- next migration
    /// DROP TABLE events_2024;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// CREATE TABLE events_rest PARTITION OF events DEFAULT;
    /// -- next migration
    /// DROP TABLE IF EXISTS events_2024;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// -- next migration
    /// ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;
    /// DROP TABLE events_2024;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// -- next migration
    /// DROP TABLE events;
    /// ```
    "M059", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let drops = || step.changes.iter().filter(|change| matches!(change, Change::Drop { .. }));
    for (change, place) in step.placed_changes() {
        let Change::Drop { path, .. } = change else { continue };
        let partition = path.qname();
        let Some(of) = step.before.table(&partition).and_then(|table| table.partition_of.as_ref()) else { continue };
        let parent = &of.parent;
        let goes_along = drops().any(|other| other.path().kind == Kind::Table && other.path().qname() == *parent);
        if path.kind != Kind::Table || !step.table_existed(&partition) || !step.table_existed(parent) || goes_along {
            continue;
        }
        let mut siblings =
            step.before.children(parent).filter_map(|part| step.before.table(part)?.partition_of.as_ref());
        let has_default = siblings.any(|part| part.bound.to_string() == "DEFAULT");
        let can = findings.dialect().alter.detach_partition_concurrently.at(findings.settings.version);
        let movable = can
            && !has_default
            && !step.transaction.is_open()
            && !step.conditional
            && drops().count() == 1
            && !step.how.if_exists;
        let detach = format!("ALTER TABLE {parent} DETACH PARTITION {partition} CONCURRENTLY;\n");
        let edits = if movable { vec![findings.first(step.place, &detach)] } else { Vec::new() };
        let draft = findings
            .here(place, format!("queries on {parent} wait for the drop of {partition}"))
            .about(path.clone())
            .words("DROP TABLE")
            .label(format!("ACCESS EXCLUSIVE on {parent}"))
            .locks(parent, LockMode::AccessExclusive);
        if has_default {
            draft.why(format!(
                "{parent} has a default partition: DETACH … CONCURRENTLY is refused, so set a lock_timeout"
            ));
        } else {
            draft.why("later queries on any partition queue behind it").edit("detach it without the lock first", edits);
        }
    }
}
