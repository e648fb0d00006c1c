use std::collections::BTreeSet;

use model::{Aspect, Change, LockMode, Migration, QName};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// Row security of a table in use is switched off, so everybody who may read it sees every row from the commit on; change the policies instead.
    ///
    /// The policies stay where they are and look as if they held. Where a job must see all rows, a role with its own policy, or
    /// BYPASSRLS, gives it that alone.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// -- next migration
    /// ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// -- next migration
    /// DROP POLICY own_orders ON orders;
    /// ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
    /// UPDATE orders SET tenant = 'north' WHERE id = 1;
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
    /// ```
    "S019", known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut closed: BTreeSet<QName> = BTreeSet::new();
        let mut reports = Vec::new();
        // From the end: what is switched on again later was off for the migration alone.
        for step in migration.steps.iter().rev() {
            let changes: Vec<_> = step.placed_changes().collect();
            for (change, place) in changes.into_iter().rev() {
                match change {
                    Change::Alter { path, aspect: Aspect::RowSecurity(now) } if now.enabled => {
                        closed.insert(path.qname());
                    }
                    Change::Alter { path, aspect: Aspect::RowSecurity(_) } => {
                        let was_on = step.before.table(&path.qname()).is_some_and(|table| table.row_security.enabled);
                        if was_on && step.table_existed(&path.qname()) && !closed.contains(&path.qname()) {
                            reports.push((path, place));
                        }
                    }
                    // What goes away needs no guard.
                    Change::Drop { path, .. } if path.kind == model::Kind::Table => {
                        closed.insert(path.qname());
                    }
                    _ => {}
                }
            }
        }
        for (path, place) in reports {
            let table = path.qname();
            findings
                .here(place, format!("whoever may read {table} sees every row from here on"))
                .about(path.clone())
                .words("DISABLE ROW LEVEL SECURITY")
                .why("its policies stay, and hold for nobody")
                .locks(&table, LockMode::AccessExclusive);
        }
    }
}
