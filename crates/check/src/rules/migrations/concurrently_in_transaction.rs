use model::step::{Action, Layout, Maintenance, Transaction};
use model::{Edit, Migration, Place, Step};

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
    "M002", error, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in migrations.iter().filter(|migration| !migration.down) {
        for step in migration.steps.iter().filter(|step| step.transaction.is_open()) {
            let Some(words) = refused_words(step) else { continue };
            let opener = match step.transaction {
                Transaction::Explicit(_) => "BEGIN opened the transaction".to_string(),
                _ => format!("{} runs each migration in a transaction", migration.layout.name()),
            };
            let edits = outside(findings, migration, step);
            findings
                .here(step.place, format!("{words} cannot run inside a transaction"))
                .words(words)
                .why(opener)
                .refused("25001")
                .edit("run it outside of a transaction", edits);
        }
    }
}

/// Without the BEGIN and COMMIT around it, or with the tool's own word for it: where nothing else needs the transaction.
fn outside(findings: &Findings<'_>, migration: &Migration, step: &Step) -> Vec<Edit> {
    let together: Vec<&Step> = migration.steps.iter().filter(|other| other.transaction == step.transaction).collect();
    let controls = |step: &&&Step| matches!(step.action, Action::Begin | Action::Commit);
    let alone = together.iter().filter(|other| !controls(other)).all(|other| refused_words(other).is_some());
    let start = Place { end: 0, start: 0, ..step.place };
    match (step.transaction, migration.layout) {
        (Transaction::Explicit(_), _) if alone => {
            together.iter().filter(controls).map(|other| findings.remove(other.place)).collect()
        }
        (Transaction::Tool(_), Layout::Goose) if alone => {
            vec![Edit { place: start, text: "-- +goose NO TRANSACTION\n".to_owned() }]
        }
        (Transaction::Tool(_), Layout::Sqlx) if alone => {
            vec![Edit { place: start, text: "-- no-transaction\n".to_owned() }]
        }
        _ => Vec::new(),
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
