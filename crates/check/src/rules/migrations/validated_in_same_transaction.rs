use model::{Aspect, Change, Kind, Path, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// A constraint is added NOT VALID and validated in one transaction, which keeps the first lock during the scan; commit between the two.
    ///
    /// NOT VALID takes the strong lock for a moment only if the transaction ends. Here it is held until the validation has
    /// read the whole table, so nothing was gained.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT total_positive;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// -- next migration
    /// ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT total_positive;
    /// ```
    "M024", known, fix, Check::History(check)
}

fn check(migrations: &[model::Migration], findings: &mut Findings<'_>) {
    for migration in migrations.iter().filter(|migration| !migration.down) {
        for (index, step) in migration.steps.iter().enumerate().filter(|(_, step)| step.transaction.is_open()) {
            for (change, place) in step.placed_changes() {
                let Change::Alter { path, aspect: Aspect::Validate } = change else { continue };
                let earlier = &migration.steps[..index];
                if step.table_existed(&path.qname()) && earlier.iter().any(|other| adds(other, step, path)) {
                    let table = path.qname();
                    let edits = findings.commit_before(step);
                    findings
                        .here(
                            place,
                            format!("{table} stays locked from the adding of {} until this scan ends", path.part),
                        )
                        .about(path.clone())
                        .words("VALIDATE CONSTRAINT")
                        .scans(&table)
                        .sized(&table, Work::Read)
                        .unsafe_edit("commit before the scan", edits);
                }
            }
        }
    }
}

fn adds(other: &Step, step: &Step, constraint: &Path) -> bool {
    let makes = |change: &Change| matches!(change, Change::Create { path, .. } if path.kind == Kind::Constraint && path == constraint);
    other.transaction == step.transaction && other.changes.iter().any(makes)
}
