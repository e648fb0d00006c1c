use model::object::{Constraint, ConstraintKind, Object};
use model::{Change, Expr, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// Adding a CHECK reads the whole table while nobody may touch it; add it NOT VALID and validate it afterwards.
    ///
    /// `ADD CHECK` holds ACCESS EXCLUSIVE during the scan: even SELECT waits. With `NOT VALID` the lock is held for a
    /// moment; `VALIDATE CONSTRAINT` then scans under SHARE UPDATE EXCLUSIVE, which lets reads and writes through. Both in
    /// one transaction gain nothing.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT total_positive;
    /// ```
    "M004", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Constraint(constraint) } = change else { continue };
        let ConstraintKind::Check(condition) = &constraint.kind else { continue };
        let table = path.qname();
        if !constraint.valid || !constraint.enforced || !step.table_existed(&table) {
            continue;
        }
        let with_column =
            step.changes.iter().any(|change| matches!(change, Change::Create { object: Object::Column(_), .. }));
        let movable = !constraint.name.is_empty() && !step.transaction.is_open() && !with_column && !step.conditional;
        let name = model::name::quoted(&constraint.name);
        let edits = match movable {
            true => vec![
                findings.append(place, "NOT VALID"),
                findings.then(step.place, &format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")),
            ],
            false => Vec::new(),
        };
        let draft = findings
            .here(place, format!("nobody can use {table} while it is scanned"))
            .about(path.clone())
            .words("CHECK")
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why(format!("every row is checked against {}", shown(constraint, condition)))
            .locks(&table, LockMode::AccessExclusive)
            .scans(&table)
            .sized(&table, Work::Read);
        if step.transaction.is_open() {
            draft.why("add it NOT VALID here and validate it in the next migration, after this one committed");
        } else {
            draft.edit("add it NOT VALID, then validate it", edits);
        }
    }
}

/// The condition, unless it is too long for a message.
fn shown(constraint: &Constraint, condition: &Expr) -> String {
    const LONG: usize = 60;
    let text = condition.to_string();
    match text.len() > LONG && !constraint.name.is_empty() {
        true => constraint.name.to_string(),
        false if text.len() > LONG => "the new constraint".to_string(),
        false => text,
    }
}
