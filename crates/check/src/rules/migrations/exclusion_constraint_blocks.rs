use model::object::{ConstraintKind, Object};
use model::{Change, LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// Adding an exclusion constraint builds its index while nobody may touch the table, and there is no concurrent form; do it while the table is small or idle.
    ///
    /// It holds ACCESS EXCLUSIVE until the index is built. `USING INDEX` and `NOT VALID` do not exist for it.
    ///
    /// ```sql,bad
    /// CREATE TABLE bookings (id bigint PRIMARY KEY, during tstzrange);
    /// -- next migration
    /// ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);
    /// ```
    /// ```sql,good
    /// CREATE TABLE bookings (id bigint PRIMARY KEY, during tstzrange, EXCLUDE USING gist (during WITH &&));
    /// ```
    ///
    /// **How to fix.** Set a `lock_timeout`, choose a quiet hour, or copy the rows into a new table that has the constraint
    /// and switch the names.
    "M009", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Constraint(constraint) } = change else { continue };
        let table = path.qname();
        if !matches!(constraint.kind, ConstraintKind::Exclude(_)) || !step.table_existed(&table) {
            continue;
        }
        findings
            .here(place, format!("nobody can use {table} during a build"))
            .about(path.clone())
            .words("EXCLUDE")
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why("the lock is held until the index of the constraint is built")
            .locks(&table, LockMode::AccessExclusive)
            .scans(&table)
            .sized(&table, Work::Build);
    }
}
