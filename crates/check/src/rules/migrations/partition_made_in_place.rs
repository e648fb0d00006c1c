use model::object::{Object, Table};
use model::{Change, Edit, LockMode, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// `CREATE TABLE … PARTITION OF` locks the whole partitioned table against everybody; create the table first, and attach it.
    ///
    /// It takes ACCESS EXCLUSIVE on the parent: it waits for every query on any partition, and later ones wait behind it.
    /// `ATTACH PARTITION` takes SHARE UPDATE EXCLUSIVE, which lets reads and writes through, and an empty table is checked in
    /// no time.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// -- next migration
    /// CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
    /// -- next migration
    /// CREATE TABLE orders_north PARTITION OF orders FOR VALUES IN ('no', 'se');
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// -- next migration
    /// CREATE TABLE events_2025 (LIKE events INCLUDING ALL EXCLUDING IDENTITY);
    /// ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- next migration
    /// CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    /// ```
    "M058", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Table(table) } = change else { continue };
        let Some(of) = &table.partition_of else { continue };
        let parent = &of.parent;
        let known = step.before.table(parent).is_some() && step.table_existed(parent);
        if !known || step.before.contains(path) || is_new_branch(step, parent) {
            continue;
        }
        let edits = if is_plain(table) && !step.conditional && !step.how.if_not_exists {
            vec![attached(findings, step, table, &of.bound.to_string())]
        } else {
            Vec::new()
        };
        findings
            .here(place, format!("queries on {parent} wait for the making of {}", table.name))
            .about(path.clone())
            .words("PARTITION OF")
            .label(format!("ACCESS EXCLUSIVE on {parent}"))
            .why("later queries on any partition queue behind it")
            .locks(parent, LockMode::AccessExclusive)
            .edit("create it apart, then attach it", edits);
    }
}

/// The parent is itself a partition that nobody has put rows into: it has no partition yet.
fn is_new_branch(step: &Step, parent: &QName) -> bool {
    step.before
        .table(parent)
        .is_some_and(|table| table.partition_of.is_some() && step.before.children(parent).next().is_none())
}

/// It says nothing but whose partition it is.
fn is_plain(table: &Table) -> bool {
    table.columns.is_empty()
        && table.constraints.is_empty()
        && table.partition_by.is_none()
        && table.options.is_empty()
        && table.tablespace.is_none()
        && table.foreign.is_none()
        && table.access_method.is_none()
}

fn attached(findings: &Findings<'_>, step: &Step, table: &Table, bound: &str) -> Edit {
    let parent = &table.partition_of.as_ref().expect("only partitions are attached").parent;
    let name = &table.name;
    let text = format!(
        "CREATE TABLE {name} (LIKE {parent} INCLUDING ALL EXCLUDING IDENTITY);\nALTER TABLE {parent} ATTACH PARTITION {name} {bound}"
    );
    findings.rewrite(step.place, &text)
}
