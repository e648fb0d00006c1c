use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// A constraint was added NOT VALID and never validated; validate it.
    ///
    /// Old rows may break it, so neither people nor the planner can rely on it, and the dump of the database may fail to
    /// restore. `VALIDATE CONSTRAINT` reads the table under SHARE UPDATE EXCLUSIVE, which lets reads and writes through.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;
    /// ALTER TABLE orders VALIDATE CONSTRAINT total_positive;
    /// ```
    "K007", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema) {
        if constraint.valid || !constraint.enforced {
            continue;
        }
        let path = Path::constraint(&table.name, constraint.name.clone());
        findings
            .at(&path, format!("old rows of {} were never checked against {}", table.name, constraint.name))
            .why("VALIDATE CONSTRAINT reads the table and blocks neither reads nor writes")
            .fix(format!("validate {}", constraint.name), vec![Change::alter(path, Aspect::Validate)]);
    }
}
