use model::name::quoted;
use model::{Change, Edit, Kind, Migration, Path, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// Renaming a table breaks every query of the release that is still running; leave a view under the old name, or keep the name.
    ///
    /// Old and new code run side by side while a release rolls out. A simple view under the old name takes reads and writes
    /// for the table, when it is made in the same transaction.
    ///
    /// ```sql,bad
    /// CREATE TABLE clients (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE clients RENAME TO customers;
    /// ```
    /// ```sql,good
    /// CREATE TABLE clients (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE clients RENAME TO customers;
    /// CREATE VIEW clients AS SELECT id FROM customers;
    /// COMMIT;
    /// ```
    "M013", fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in migrations.iter().filter(|migration| !migration.down) {
        for (index, step) in migration.steps.iter().enumerate() {
            for (change, place) in step.placed_changes() {
                let (path, to) = match change {
                    Change::Rename { path, to } => (path, format!("it is {to}")),
                    Change::Move { path, to } => (path, format!("it is in {to}")),
                    _ => continue,
                };
                if path.kind != Kind::Table || !step.existed(path) || is_replaced(&migration.steps[index..], path) {
                    continue;
                }
                let edits = with_view(findings, step, change);
                findings
                    .here(place, format!("queries that name {path} fail as soon as {to}"))
                    .about(path.clone())
                    .words(if matches!(change, Change::Rename { .. }) { "RENAME TO" } else { "SET SCHEMA" })
                    .why("the old release runs until the new one has replaced it everywhere")
                    .edit("leave a view under the old name", edits);
            }
        }
    }
}

/// A view of all columns under the old name, in the transaction of the rename.
fn with_view(findings: &Findings<'_>, step: &Step, change: &Change) -> Vec<Edit> {
    let Change::Rename { path, to } = change else { return Vec::new() };
    let Some(table) = step.before.table(&path.qname()).filter(|_| step.changes.len() == 1 && !step.conditional) else {
        return Vec::new();
    };
    let new = QName { schema: path.schema.clone(), name: to.clone() };
    let columns = comma(table.columns.iter().map(|column| quoted(&column.name).into_owned()));
    let view = format!("CREATE VIEW {path} AS SELECT {columns} FROM {new}");
    match step.transaction.is_open() {
        true => vec![findings.then(step.place, &view)],
        false => vec![findings.first(step.place, "BEGIN;\n"), findings.then(step.place, &format!("{view};\nCOMMIT"))],
    }
}

/// A view or another table takes the old name in the same transaction.
fn is_replaced(steps: &[Step], old: &Path) -> bool {
    let transaction = steps[0].transaction;
    let makes = |change: &Change| match change {
        Change::Create { path, .. } | Change::Replace { path, .. } => {
            matches!(path.kind, Kind::View | Kind::Table) && path.qname() == old.qname()
        }
        Change::Rename { path, to } => path.kind == Kind::Table && path.schema == old.schema && *to == old.name,
        _ => false,
    };
    let same = |step: &&Step| step.transaction == transaction && transaction.is_open();
    steps.iter().skip(1).take_while(same).any(|step| step.changes.iter().any(makes))
}
