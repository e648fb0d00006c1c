use model::Migration;
use model::step::{Action, Layout};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// `session_replication_role = replica` switches foreign keys and triggers off; do without it, or check afterwards what it let in.
    ///
    /// Rows that point at nothing are stored, and nothing finds them later: the constraint still counts as valid, and the
    /// planner and every JOIN believe it. `ALTER TABLE … VALIDATE CONSTRAINT` looks only at constraints that are NOT VALID.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET session_replication_role = replica;
    /// DELETE FROM orders WHERE id = 1;
    /// SET session_replication_role = DEFAULT;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// SET LOCAL session_replication_role = 'replica';
    /// UPDATE orders SET id = 2 WHERE id = 1;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET session_replication_role = DEFAULT;
    /// DELETE FROM orders WHERE id = 1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers DEFERRABLE);
    /// CREATE INDEX ON orders (customer_id);
    /// -- next migration
    /// BEGIN;
    /// SET CONSTRAINTS ALL DEFERRED;
    /// DELETE FROM customers WHERE id = 1;
    /// COMMIT;
    /// ```
    ///
    /// **How to fix.** Make the foreign keys `DEFERRABLE` and say `SET CONSTRAINTS ALL DEFERRED`, or write the rows in the
    /// order of their foreign keys.
    "M045", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    // A script of data alone is restored into an empty database.
    for migration in ups(migrations).filter(|migration| migration.layout != Layout::Schema) {
        for step in &migration.steps {
            let Action::Set { name, value: Some(value), .. } = &step.action else { continue };
            let is_role = name.eq_ignore_ascii_case("session_replication_role");
            if is_role && value.to_string().trim_matches('\'').eq_ignore_ascii_case("replica") {
                let edits = if step.conditional { Vec::new() } else { vec![findings.remove(step.place)] };
                findings
                    .here(step.place, "foreign keys and triggers are off from here on")
                    .words("session_replication_role")
                    .why("rows that point at nothing are stored, and the constraints still count as valid")
                    .unsafe_edit("leave them on", edits);
            }
        }
    }
}
