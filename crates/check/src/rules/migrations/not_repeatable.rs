use model::object::{Object, Persistence};
use model::step::{Action, Layout, Transaction};
use model::{Change, Edit, Kind, Migration, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;
use crate::words::counted;

rule! {
    /// A migration without a transaction cannot be run again after it failed half-way; say `IF NOT EXISTS` and `IF EXISTS`.
    ///
    /// Each statement is committed by itself. When a later one fails, those before it stay, and the next attempt stops at the
    /// first of them: "already exists". Somebody then has to mend the database by hand.
    ///
    /// ```sql,bad
    /// -- file: migrations/1_orders.sql
    /// -- +goose NO TRANSACTION
    /// -- +goose Up
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX CONCURRENTLY orders_status ON orders (status);
    /// ```
    /// ```sql,bad
    /// -- file: migrations/20240101000000_orders.sql
    /// -- migrate:up
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// -- file: migrations/20240102000000_note.sql
    /// -- migrate:up transaction:false
    /// ALTER TABLE orders ADD COLUMN note text;
    /// CREATE INDEX CONCURRENTLY orders_note ON orders (note);
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_orders.sql
    /// -- +goose Up
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_orders.sql
    /// -- +goose NO TRANSACTION
    /// -- +goose Up
    /// CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, status text);
    /// DROP INDEX CONCURRENTLY IF EXISTS orders_status;
    /// CREATE INDEX CONCURRENTLY orders_status ON orders (status);
    /// ```
    "M065", note, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations).filter(|migration| opens_one(migration.layout)) {
        // After a COMMIT of its own the rest may share a transaction again.
        if migration.steps.iter().any(|step| step.action == Action::Commit) {
            continue;
        }
        let apart = |step: &&Step| step.transaction == Transaction::None && does_something(step);
        let steps: Vec<&Step> = migration.steps.iter().filter(apart).collect();
        // The last one has nothing behind it that could fail.
        let Some((_, before)) = steps.split_last() else { continue };
        let once: Vec<(&Step, &'static [&'static str], &'static str)> =
            before.iter().filter_map(|step| guard(step).map(|(words, guard)| (*step, words, guard))).collect();
        let Some((first, ..)) = once.first() else { continue };
        let edits: Vec<Edit> = once
            .iter()
            .filter_map(|(step, words, guard)| {
                words.iter().find_map(|words| findings.insert_after(step.place, words, guard).pop())
            })
            .collect();
        let edits = if edits.len() == once.len() { edits } else { Vec::new() };
        findings
            .here(first.place, "this stands in the way of a second attempt")
            .first_line()
            .why(format!(
                "{} runs {} outside of a transaction, and {} of them cannot be run twice",
                migration.name,
                counted(steps.len(), "statement", "statements"),
                once.len()
            ))
            .edit("let the statements run twice", edits);
    }
}

/// Tools that open a transaction themselves unless they are told not to. golang-migrate and Prisma leave that to the server.
fn opens_one(layout: Layout) -> bool {
    layout.in_transaction() && !matches!(layout, Layout::GolangMigrate | Layout::Prisma)
}

fn does_something(step: &Step) -> bool {
    !step.changes.is_empty() || matches!(step.action, Action::Query(_) | Action::Truncate { .. })
}

/// The words behind which the guard would stand that lets the statement run twice, where it has none.
fn guard(step: &Step) -> Option<(&'static [&'static str], &'static str)> {
    if step.how.if_exists || step.how.if_not_exists || step.conditional || step.changes.len() != 1 {
        return None;
    }
    const NOT: &str = "IF NOT EXISTS";
    const IS: &str = "IF EXISTS";
    match step.changes.first()? {
        Change::Create { object, .. } => match object {
            // What is temporary is gone with its session.
            Object::Table(table) if table.persistence == Persistence::Temporary => None,
            Object::Table(_) => Some((&["CREATE TABLE", "CREATE UNLOGGED TABLE"], NOT)),
            Object::Sequence(_) => Some((&["CREATE SEQUENCE"], NOT)),
            Object::Namespace(_) => Some((&["CREATE SCHEMA"], NOT)),
            Object::Extension(_) => Some((&["CREATE EXTENSION"], NOT)),
            Object::Column(_) => Some((&["ADD COLUMN"], NOT)),
            // A concurrent build that failed leaves a broken index, which IF NOT EXISTS would keep.
            Object::Index(index) if !step.how.concurrently && !index.name.is_empty() => {
                Some((&["CREATE INDEX", "CREATE UNIQUE INDEX"], NOT))
            }
            _ => None,
        },
        Change::Drop { path, .. } => match path.kind {
            Kind::Table => Some((&["DROP TABLE"], IS)),
            Kind::Index if step.how.concurrently => Some((&["DROP INDEX CONCURRENTLY"], IS)),
            Kind::Index => Some((&["DROP INDEX"], IS)),
            Kind::View => Some((&["DROP VIEW"], IS)),
            Kind::Column => Some((&["DROP COLUMN"], IS)),
            Kind::Constraint => Some((&["DROP CONSTRAINT"], IS)),
            _ => None,
        },
        _ => None,
    }
}
