use model::step::{Action, Layout, Transaction};
use model::{Migration, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// A transaction is begun and never committed, so nothing of it stays; add the COMMIT.
    ///
    /// When the session ends, PostgreSQL rolls everything back without an error. A tool that keeps the connection writes its
    /// own bookkeeping into the open transaction, locks included.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,bad
    /// BEGIN;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// COMMIT;
    /// BEGIN;
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// START TRANSACTION;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// END;
    /// ```
    "M057", error, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations).filter(|migration| ends_with_its_file(migration)) {
        let Some(last) = migration.steps.last() else { continue };
        let Transaction::Explicit(_) = last.transaction else { continue };
        if ends(last) {
            continue;
        }
        // Whoever ends a transaction that they did not begin has a tool that begins one and ends the last.
        let control = migration.steps.iter().find(|step| step.action == Action::Begin || ends(step));
        if control.is_none_or(ends) {
            continue;
        }
        let of_it = |step: &&Step| step.transaction == last.transaction;
        let Some(begin) = migration.steps.iter().filter(of_it).find(|step| step.action == Action::Begin) else {
            continue;
        };
        let commit = findings.then(last.place, "COMMIT");
        findings
            .here(begin.place, "no COMMIT ends this transaction")
            .first_line()
            .why("what it did is rolled back when the session ends")
            .edit("commit it", vec![commit]);
    }
}

/// The pieces of one schema, and the files that another includes, may share a transaction.
fn ends_with_its_file(migration: &Migration) -> bool {
    let one_file = migration.steps.iter().all(|step| step.place.file == migration.place.file);
    one_file && migration.layout != Layout::Liquibase
}

fn ends(step: &Step) -> bool {
    matches!(step.action, Action::Commit | Action::Rollback)
}
