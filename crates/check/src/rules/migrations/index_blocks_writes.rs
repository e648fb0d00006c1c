use model::object::Object;
use model::{Change, Kind, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// Building an index stops every write to its table until the build ends; build it with `CONCURRENTLY`.
    ///
    /// `CREATE INDEX` holds a SHARE lock, so that INSERT, UPDATE and DELETE wait, while it reads and sorts the whole
    /// table: minutes for tens of millions of rows. `CONCURRENTLY` takes SHARE UPDATE EXCLUSIVE, which lets them through;
    /// it reads the table twice and cannot run inside a transaction.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL);
    /// -- next migration
    /// CREATE INDEX orders_status_idx ON orders (status);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL);
    /// -- next migration
    /// CREATE INDEX CONCURRENTLY orders_status_idx ON orders (status);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL);
    /// CREATE INDEX orders_status_idx ON orders (status);
    /// ```
    ///
    /// **How to fix.** Put the statement into a migration of its own that your tool runs outside a transaction, and add
    /// `CONCURRENTLY`. If the build fails, an invalid index stays behind: drop it and build it again. On a partitioned
    /// table build the index on each partition concurrently, and then on the parent.
    "M001", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    if step.how.concurrently {
        return;
    }
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Index(index) } = change else { continue };
        let table = path.qname();
        if path.kind != Kind::Index || index.inherited || step.how.only || !step.table_existed(&table) {
            continue;
        }
        // Nobody writes to a materialized view, and its readers do not wait.
        if step.before.view(&table).is_some() {
            continue;
        }
        let partitioned = step.before.table(&table).is_some_and(|table| table.is_partitioned());
        let edits = match step.transaction.is_open() || partitioned {
            true => Vec::new(),
            false => findings.insert_after(place, "INDEX", "CONCURRENTLY"),
        };
        let draft = findings
            .here(place, format!("building this index stops every write to {table}"))
            .about(path.clone())
            .words(if index.unique { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" })
            .label("takes SHARE until the build ends")
            .locks(&table, LockMode::Share)
            .scans(&table)
            .sized(&table, Work::Build);
        if step.transaction.is_open() && !partitioned {
            draft.why(
                "CONCURRENTLY cannot run in the transaction of this migration: give the index one of its own without",
            );
        } else if partitioned {
            draft.why(format!("{table} is partitioned: CONCURRENTLY works on each partition, not on the parent"));
        } else {
            draft.edit("build it without the lock, outside a transaction", edits);
        }
    }
}
