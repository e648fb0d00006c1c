use std::collections::BTreeSet;

use model::object::{ConstraintKind, Object};
use model::step::{Action, Maintenance, Transaction};
use model::{Aspect, Change, Kind, LockMode, Migration, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// A long statement runs while the transaction keeps everybody out of another table; commit before it.
    ///
    /// An earlier ALTER TABLE needed its ACCESS EXCLUSIVE for a moment. Here it is held until an index is built, a constraint
    /// validated or a view filled: what needs milliseconds becomes an outage as long as that.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE customers (id bigint PRIMARY KEY, email text);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// CREATE INDEX customers_email ON customers (email);
    /// COMMIT;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    /// CREATE MATERIALIZED VIEW totals AS SELECT sum(total) AS total FROM orders;
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// REFRESH MATERIALIZED VIEW totals;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE customers (id bigint PRIMARY KEY, email text);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN note text;
    /// CREATE INDEX CONCURRENTLY customers_email ON customers (email);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// CREATE TABLE customers (id bigint PRIMARY KEY, email text);
    /// CREATE INDEX customers_email ON customers (email);
    /// COMMIT;
    /// ```
    ///
    /// **How to fix.** The short changes in one migration, the long one in the next; an index with `CONCURRENTLY`, outside of
    /// a transaction.
    "M041", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut held: Vec<(Transaction, QName)> = Vec::new();
        let mut said: BTreeSet<(Transaction, QName)> = BTreeSet::new();
        for step in migration.steps.iter().filter(|step| step.transaction.is_open()) {
            held.retain(|(transaction, _)| *transaction == step.transaction);
            let own = findings.sight().locked(step);
            let long = if held.is_empty() { None } else { long_work(step) };
            if let Some(long) = long {
                // A table that the statement itself locks as hard is another rule's.
                let other = held.iter().find(|(_, table)| !own.contains(table));
                if let Some((transaction, table)) = other.filter(|held| said.insert((*held).clone())) {
                    debug_assert_eq!(*transaction, step.transaction);
                    let edits = findings.commit_before(step);
                    let draft = findings
                        .here(step.place, format!("{table} is locked while {}", long.what))
                        .first_line()
                        .label(format!("ACCESS EXCLUSIVE on {table} is held"))
                        .why(format!("an earlier statement keeps everybody out of {table} until the transaction ends"))
                        .locks(table, LockMode::AccessExclusive)
                        .unsafe_edit("commit before it", edits);
                    match &long.table {
                        Some(worked) => draft.sized(worked, long.work),
                        None => draft,
                    };
                }
            }
            held.extend(own.iter().map(|table| (step.transaction, table.clone())));
        }
    }
}

struct Long {
    what: String,
    table: Option<QName>,
    work: Work,
}

/// What the statement does to all rows of something that was there before.
fn long_work(step: &Step) -> Option<Long> {
    if let Action::Maintain { what: Maintenance::RefreshView, target: Some(path) } = &step.action {
        let filled = step.existed(path) && !step.how.no_data;
        return filled.then(|| Long { what: format!("{path} is filled"), table: None, work: Work::Read });
    }
    step.changes.iter().find_map(|change| {
        let table = change.path().qname();
        let (what, work) = match change {
            Change::Create { object: Object::Index(index), .. } if !index.inherited && !step.how.only => {
                (format!("an index on {table} is built"), Work::Build)
            }
            Change::Create { path, object: Object::Constraint(constraint) } if constraint.valid => {
                match &constraint.kind {
                    ConstraintKind::ForeignKey(key) if adds_column(step, &key.columns) => return None,
                    ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) if key.using_index.is_none() => {
                        (format!("an index on {table} is built"), Work::Build)
                    }
                    ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => return None,
                    ConstraintKind::Exclude(_) => (format!("an index on {table} is built"), Work::Build),
                    _ if path.kind == Kind::Constraint && constraint.enforced => {
                        (format!("{table} is validated"), Work::Read)
                    }
                    _ => return None,
                }
            }
            Change::Alter { path, aspect: Aspect::NotNull(Some(not_null)) } if !not_null.not_valid => {
                let column = step.before.column(&table, &path.part)?;
                column.is_nullable().then(|| (format!("{table} is scanned"), Work::Read))?
            }
            _ => return None,
        };
        // Most of what a migration does is nothing of this, and needs no look into the schema.
        let existed = step.table_existed(&table) && step.before.table(&table).is_some();
        existed.then_some(Long { what, table: Some(table), work })
    })
}

/// A new column has nothing to look up.
fn adds_column(step: &Step, columns: &[model::Name]) -> bool {
    step.changes.iter().any(
        |change| matches!(change, Change::Create { object: Object::Column(column), .. } if columns.contains(&column.name)),
    )
}
