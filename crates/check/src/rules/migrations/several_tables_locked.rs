use std::collections::BTreeMap;

use model::step::Transaction;
use model::{LockMode, Migration, QName};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// One transaction locks several tables against everybody, and keeps the first while it waits for the next; give each table its own transaction.
    ///
    /// ACCESS EXCLUSIVE is held until the commit. While the second lock waits behind a long query, nobody can use the first
    /// table either, and a session that asks for the two in the other order deadlocks with the migration.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ALTER TABLE customers ADD COLUMN note text;
    /// COMMIT;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    /// CREATE TABLE customers (id bigint PRIMARY KEY, note text);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders DROP COLUMN note;
    /// ALTER TABLE customers RENAME COLUMN note TO remark;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ALTER TABLE customers ADD COLUMN note text;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// ALTER TABLE orders ADD COLUMN note text;
    /// CREATE TABLE customers (id bigint PRIMARY KEY);
    /// ALTER TABLE customers ADD COLUMN note text;
    /// COMMIT;
    /// ```
    "M040", note, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        // In the order of locking, with the statement that took the second.
        let mut held: BTreeMap<Transaction, (Vec<QName>, Option<usize>)> = BTreeMap::new();
        for (index, step) in migration.steps.iter().enumerate().filter(|(_, step)| step.transaction.is_open()) {
            let (tables, second) = held.entry(step.transaction).or_default();
            let others = tables.len();
            for table in findings.sight().locked(step) {
                if !tables.contains(table) {
                    tables.push(table.clone());
                    // What one statement locks by itself cannot be taken apart.
                    *second = second.or((others > 0).then_some(index));
                }
            }
        }
        for (tables, second) in held.into_values() {
            let ([first, next, ..], Some(index)) = (&tables[..], second) else { continue };
            let step = &migration.steps[index];
            let edits = if findings.sight().locked(step).len() < 2 && tables.len() == 2 {
                findings.commit_before(step)
            } else {
                Vec::new()
            };
            findings
                .here(step.place, format!("{first} stays locked while this waits for {next}"))
                .first_line()
                .label(format!("ACCESS EXCLUSIVE on {first} is held"))
                .why(format!("this transaction locks {}", listed(&tables)))
                .locks(first, LockMode::AccessExclusive)
                .locks(next, LockMode::AccessExclusive)
                .unsafe_edit("commit in between", edits);
        }
    }
}
