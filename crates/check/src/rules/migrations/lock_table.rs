use model::step::Action;
use model::{LockMode, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// LOCK TABLE keeps others out until the transaction ends; let each statement take the lock that it needs.
    ///
    /// Every ALTER TABLE takes its own lock, mostly a weaker one and later. What is meant is most often that a copy or a
    /// check must see no other writer: a trigger, or SERIALIZABLE, gives that without a queue.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
    /// COMMIT;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// BEGIN;
    /// LOCK TABLE orders IN ROW SHARE MODE;
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// BEGIN;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
    /// COMMIT;
    /// ```
    "M042", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    let Action::LockTable { tables, mode } = &step.action else { return };
    let Some(mode) = LockMode::named(mode).filter(|mode| mode.blocks_writes()) else { return };
    let Some(table) = tables.iter().find(|table| step.before.table(table).is_some() && step.table_existed(table))
    else {
        return;
    };
    let edits = if step.conditional { Vec::new() } else { vec![findings.remove(step.place)] };
    let who = if mode.blocks_reads() { "everybody" } else { "every writer" };
    findings
        .here(step.place, format!("this keeps {who} out of {table} until the transaction ends"))
        .words("LOCK")
        .label(format!("{} on {table}", mode.name()))
        .why("the statements behind it would each take their own lock, later and mostly weaker")
        .locks(table, mode)
        .unsafe_edit("leave it out", edits);
}
