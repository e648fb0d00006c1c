use model::object::{Object, PartitionBy, Table};
use model::{Aspect, Change, Edit, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::partitions::{condition_of, default_of, speaks_of};
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
    "M060", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let (parent, words, bound) = match change {
            Change::Alter { path, aspect: Aspect::AttachPartition { bound, .. } } => {
                (path.qname(), "ATTACH PARTITION", bound)
            }
            Change::Create { object: Object::Table(table), .. } => match &table.partition_of {
                Some(of) => (of.parent.clone(), "PARTITION OF", &of.bound),
                None => continue,
            },
            _ => continue,
        };
        let Some(default) = default_of(&step.before, &parent).filter(|default| step.table_existed(&default.name))
        else {
            continue;
        };
        let by = step.before.table(&parent).and_then(|parent| parent.partition_by.as_ref());
        let unread = default.foreign.is_some() || default.is_partitioned();
        let Some(by) = by.filter(|by| !unread && !speaks_of(default, by)) else { continue };
        let movable = !step.transaction.is_open() && !step.conditional && step.changes.len() == 1;
        let edits = if movable { by_check(findings, step, default, by, &bound.to_string()) } else { Vec::new() };
        findings
            .here(place, format!("nobody can use {} while it is scanned", default.name))
            .about(change.path().clone())
            .words(words)
            .label(format!("ACCESS EXCLUSIVE on {}", default.name))
            .why(format!("it is the default partition of {parent}: its rows may belong into the new one"))
            .locks(&default.name, LockMode::AccessExclusive)
            .scans(&default.name)
            .sized(&default.name, Work::Read)
            .edit("prove by a check that the new range is not in it", edits);
    }
}

/// PostgreSQL takes the check for the proof when it says NOT of what the new partition's rows fulfil.
fn by_check(findings: &Findings<'_>, step: &Step, default: &Table, by: &PartitionBy, bound: &str) -> Vec<Edit> {
    let Some(condition) = condition_of(by, bound) else { return Vec::new() };
    let table = &default.name;
    let name = model::name::truncated(&format!("{}_leaves_out", table.name));
    let name = model::name::quoted(&name);
    let first = format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (NOT ({condition})) NOT VALID;\nALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"
    );
    let last = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
    vec![findings.first(step.place, &first), findings.then(step.place, &last)]
}
