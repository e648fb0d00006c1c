use model::object::{Object, Table};
use model::{Aspect, Change, LockMode, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::partitions::speaks_of;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// A new partition makes PostgreSQL read the whole default partition under a lock; give the default a validated CHECK that leaves the new range out.
    ///
    /// The rows of the new range must not be in the default partition, so each of its rows is looked at while ACCESS
    /// EXCLUSIVE keeps everybody out of it, and out of the parent's rows that go there. A valid CHECK that excludes the range
    /// makes PostgreSQL skip the scan.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_rest PARTITION OF events DEFAULT;
    /// -- next migration
    /// CREATE TABLE events_2025 (LIKE events INCLUDING ALL);
    /// ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint, region text NOT NULL, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
    /// CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
    /// -- next migration
    /// CREATE TABLE orders_north PARTITION OF orders FOR VALUES IN ('no', 'se');
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_rest PARTITION OF events DEFAULT;
    /// -- next migration
    /// CREATE TABLE events_2025 (LIKE events INCLUDING ALL);
    /// ALTER TABLE events_rest ADD CONSTRAINT before_2025 CHECK (day < '2025-01-01') NOT VALID;
    /// ALTER TABLE events_rest VALIDATE CONSTRAINT before_2025;
    /// ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// -- next migration
    /// CREATE TABLE events_2025 (LIKE events INCLUDING ALL);
    /// ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    "M060", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let (parent, words) = match change {
            Change::Alter { path, aspect: Aspect::AttachPartition { .. } } => (path.qname(), "ATTACH PARTITION"),
            Change::Create { object: Object::Table(table), .. } => match &table.partition_of {
                Some(of) => (of.parent.clone(), "PARTITION OF"),
                None => continue,
            },
            _ => continue,
        };
        let Some(default) = default_of(step, &parent).filter(|default| step.table_existed(&default.name)) else {
            continue;
        };
        let by = step.before.table(&parent).and_then(|parent| parent.partition_by.as_ref());
        let unread = default.foreign.is_some() || default.is_partitioned();
        if unread || by.is_none_or(|by| speaks_of(default, by)) {
            continue;
        }
        findings
            .here(place, format!("nobody can use {} while it is scanned", default.name))
            .about(change.path().clone())
            .words(words)
            .label(format!("ACCESS EXCLUSIVE on {}", default.name))
            .why(format!("it is the default partition of {parent}: its rows may belong into the new one"))
            .locks(&default.name, LockMode::AccessExclusive)
            .scans(&default.name)
            .sized(&default.name, Work::Read);
    }
}

fn default_of<'s>(step: &'s Step, parent: &QName) -> Option<&'s Table> {
    let mut parts = step.before.children(parent).filter_map(|part| step.before.table(part));
    parts.find(|part| part.partition_of.as_ref().is_some_and(|of| of.bound.to_string() == "DEFAULT"))
}
