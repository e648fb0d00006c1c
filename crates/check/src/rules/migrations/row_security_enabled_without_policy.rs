use std::collections::BTreeSet;

use model::object::Object;
use model::{Aspect, Change, LockMode, Migration, QName, Severity};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// Row security is enabled on a table in use before it has a policy, so its rows disappear for everybody but the owner; write the policies first.
    ///
    /// From the commit until the first policy, the running release reads no row and no error, and its INSERTs are refused.
    /// Policies can be written while row security is off; then enabling it changes only what is meant.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// -- next migration
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// -- next migration
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// -- next migration
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- next migration
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ```
    "M047", known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let with_policy: BTreeSet<QName> =
            migration.steps.iter().flat_map(|step| &step.changes).filter_map(gets_policy).collect();
        for step in &migration.steps {
            let mut said = BTreeSet::new();
            for (change, place) in step.placed_changes() {
                let Change::Alter { path, aspect: Aspect::RowSecurity(now) } = change else { continue };
                let table = path.qname();
                let Some(before) = step.before.table(&table).filter(|_| step.table_existed(&table)) else { continue };
                let covered = !before.policies.is_empty() || with_policy.contains(&table);
                if !now.enabled || before.row_security.enabled || covered || !said.insert(table.clone()) {
                    continue;
                }
                // Where nobody else was granted anything, the application may well be the owner.
                let others = now.forced || step.before.grants_on(path).is_some_and(|grants| !grants.granted.is_empty());
                let severity = if others { Severity::Warning } else { Severity::Note };
                findings
                    .here(place, format!("nobody but the owner sees a row of {table} from here on"))
                    .about(path.clone())
                    .words("ENABLE ROW LEVEL SECURITY")
                    .label(format!("ACCESS EXCLUSIVE on {table}"))
                    .why("a release that does not run as the owner gets no rows, and no error")
                    .severity(severity)
                    .locks(&table, LockMode::AccessExclusive);
            }
        }
    }
}

fn gets_policy(change: &Change) -> Option<QName> {
    match change {
        Change::Create { path, object: Object::Policy(_) } => Some(path.qname()),
        _ => None,
    }
}
