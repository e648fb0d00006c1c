use model::object::Table;
use model::{Aspect, Change, Kind, LockMode, Name, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::null_proof::{by_check, proves};
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// SET NOT NULL reads the whole table while nobody may touch it; prove it by a validated CHECK first.
    ///
    /// The scan runs under ACCESS EXCLUSIVE, so even SELECT waits. A valid `CHECK (column IS NOT NULL)` makes PostgreSQL 12
    /// and later skip the scan, and that check can be validated while reads and writes go on.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN status SET NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT status_set CHECK (status IS NOT NULL) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT status_set;
    /// ALTER TABLE orders ALTER COLUMN status SET NOT NULL;
    /// ALTER TABLE orders DROP CONSTRAINT status_set;
    /// ```
    ///
    /// **How to fix.** Four statements, in separate transactions: the check NOT VALID, VALIDATE, SET NOT NULL, and the check
    /// away again. PostgreSQL 18 can do it in two: `ADD CONSTRAINT … NOT NULL status NOT VALID`, then VALIDATE.
    "M005", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::NotNull(Some(not_null)) } = change else { continue };
        let table = path.qname();
        if path.kind != Kind::Column || not_null.not_valid || !step.table_existed(&table) {
            continue;
        }
        let column = &path.part;
        let before = step.before.table(&table);
        let is_proven = before.is_some_and(|before| proves(before, column) || is_required(before, column));
        if is_proven && findings.dialect().alter.not_null_from_check.at(findings.settings.version) {
            continue;
        }
        let movable = step.changes.len() == 1 && !step.transaction.is_open() && !step.conditional;
        let edits = if movable { by_check(findings, step.place, &table.to_string(), column) } else { Vec::new() };
        let draft = findings
            .here(place, format!("nobody can use {table} while it is scanned"))
            .about(path.clone())
            .words("SET NOT NULL")
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why(format!("every row is checked for NULL in {column}"))
            .locks(&table, LockMode::AccessExclusive)
            .scans(&table)
            .sized(&table, Work::Read);
        if step.transaction.is_open() {
            draft.why(format!(
                "a CHECK ({column} IS NOT NULL) that an earlier migration validated would spare the scan"
            ));
        } else {
            draft.edit("prove it by a check that is validated without the lock", edits);
        }
    }
}

fn is_required(table: &Table, column: &Name) -> bool {
    table.column(column).is_some_and(|column| !column.is_nullable())
}
