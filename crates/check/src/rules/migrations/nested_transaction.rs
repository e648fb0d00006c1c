use model::step::{Action, Layout};
use model::{Edit, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// BEGIN and COMMIT stand in a migration that the tool wraps in a transaction already; leave them out.
    ///
    /// The inner BEGIN does nothing ("there is already a transaction in progress"), and the COMMIT ends the tool's own: what
    /// comes later runs outside, and if it fails, the first half stays while the tool believes that nothing was done.
    ///
    /// ```sql,bad
    /// -- file: migrations/1_orders.sql
    /// -- +goose Up
    /// BEGIN;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// COMMIT;
    /// ```
    /// ```sql,bad
    /// -- file: migrations/20240101000000_orders.sql
    /// -- migrate:up
    /// BEGIN;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// COMMIT;
    /// -- migrate:down
    /// DROP TABLE coupons;
    /// DROP TABLE orders;
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_orders.sql
    /// -- +goose NO TRANSACTION
    /// -- +goose Up
    /// BEGIN;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// COMMIT;
    /// ```
    /// ```sql,good
    /// -- file: migrations/000001_orders.up.sql
    /// BEGIN;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// COMMIT;
    /// ```
    "M056", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations).filter(|migration| opens_one(migration.layout)) {
        let controls = |action: &Action| matches!(action, Action::Begin | Action::Commit | Action::Rollback);
        // Whoever ends the transaction of the tool without a BEGIN knows that there is one.
        let mut control = migration.steps.iter().filter(|step| controls(&step.action));
        let Some(first) = control.next().filter(|first| first.action == Action::Begin) else { continue };
        // The tool opened none, because the file says so, or a statement needs it so.
        let by_tool =
            migration.steps.first().is_some_and(|step| matches!(step.transaction, model::step::Transaction::Tool(_)));
        if !by_tool {
            continue;
        }
        let edits: Vec<Edit> = migration
            .steps
            .iter()
            .filter(|step| controls(&step.action))
            .map(|step| findings.remove(step.place))
            .collect();
        let rolls_back = migration.steps.iter().any(|step| step.action == Action::Rollback);
        findings
            .here(first.place, "a transaction is open already")
            .first_line()
            .why(format!(
                "{} runs each migration in a transaction, and the COMMIT ends that one",
                migration.layout.name()
            ))
            .unsafe_edit("leave it to the tool", if rolls_back { Vec::new() } else { edits });
    }
}

/// Tools that send BEGIN themselves. golang-migrate and Prisma send the file as one string, in which BEGIN and COMMIT mean
/// what they say.
fn opens_one(layout: Layout) -> bool {
    matches!(
        layout,
        Layout::Flyway
            | Layout::Dbmate
            | Layout::Goose
            | Layout::Sqlx
            | Layout::Diesel
            | Layout::Refinery
            | Layout::Drizzle
            | Layout::Liquibase
    )
}
