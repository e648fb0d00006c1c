use model::step::{Action, Maintenance, Transaction};
use model::{Migration, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A statement that refuses to run inside a transaction stands in one; move it out.
    ///
    /// `CONCURRENTLY` commits several times on its own, so PostgreSQL answers "cannot run inside a transaction block" and
    /// the migration fails. `VACUUM` does the same.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// BEGIN;
    /// CREATE INDEX CONCURRENTLY orders_status ON orders (status);
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// CREATE INDEX CONCURRENTLY orders_status ON orders (status);
    /// ```
    ///
    /// **How to fix.** Give the statement a migration of its own, and tell your tool to run that one without a transaction:
    /// `-- +goose NO TRANSACTION`, `-- migrate:up transaction:false` (dbmate), `-- no-transaction` (sqlx),
    /// `run_in_transaction = false` (diesel), `disable_ddl_transaction!` (Rails).
    "M002", error, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in migrations.iter().filter(|migration| !migration.down) {
        for step in migration.steps.iter().filter(|step| step.transaction.is_open()) {
            let Some(words) = refused_words(step) else { continue };
            let opener = match step.transaction {
                Transaction::Explicit(_) => "BEGIN opened the transaction".to_string(),
                _ => format!("{} runs each migration in a transaction", migration.layout.name()),
            };
            findings
                .here(step.place, format!("{words} cannot run inside a transaction"))
                .words(words)
                .why(opener)
                .refused("25001");
        }
    }
}

fn refused_words(step: &Step) -> Option<&'static str> {
    match &step.action {
        // REFRESH MATERIALIZED VIEW CONCURRENTLY alone may stand in a transaction.
        Action::Maintain { what: Maintenance::RefreshView, .. } => None,
        Action::Maintain { what: Maintenance::Vacuum | Maintenance::VacuumFull, .. } => Some("VACUUM"),
        _ => step.how.concurrently.then_some("CONCURRENTLY"),
    }
}
