use model::{Change, Kind, LockMode, Path, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Dropping an index waits for every running query on its table and makes all later ones wait behind it; drop it with `CONCURRENTLY`.
    ///
    /// `DROP INDEX` takes ACCESS EXCLUSIVE on the table. The drop itself is quick, but until the longest query before it is
    /// done, nobody else gets in.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- next migration
    /// DROP INDEX orders_status;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- next migration
    /// DROP INDEX CONCURRENTLY orders_status;
    /// ```
    "M014", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    if step.how.concurrently {
        return;
    }
    let dropped: Vec<&Path> = step.changes.iter().filter_map(dropped_index).collect();
    for path in &dropped {
        let unknown = !step.before.contains(path);
        if (unknown && step.how.if_exists) || !step.existed(path) || !step.table_existed(&path.qname()) {
            continue;
        }
        let partitioned = step.before.table(&path.qname()).is_some_and(|table| table.is_partitioned());
        let movable = !step.transaction.is_open() && dropped.len() == 1 && !step.how.cascade && !partitioned;
        let edits = if movable { findings.insert_after(step.place, "DROP INDEX", "CONCURRENTLY") } else { Vec::new() };
        let table = if path.name.is_empty() { "its table".to_string() } else { path.qname().to_string() };
        let draft = findings
            .here(step.place, format!("queries on {table} wait for the drop of {path}"))
            .about((*path).clone())
            .words("DROP INDEX")
            .label(format!("ACCESS EXCLUSIVE on {table}"));
        let draft = match path.name.is_empty() {
            true => draft,
            false => draft.locks(&path.qname(), LockMode::AccessExclusive),
        };
        if step.transaction.is_open() {
            draft.why("CONCURRENTLY cannot run in the transaction of this migration: give it one of its own without");
        } else {
            draft.edit("drop it without the lock", edits);
        }
    }
}

fn dropped_index(change: &Change) -> Option<&Path> {
    match change {
        Change::Drop { path, .. } if path.kind == Kind::Index => Some(path),
        _ => None,
    }
}
