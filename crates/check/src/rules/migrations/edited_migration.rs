use model::step::Layout;
use model::{Migration, Severity};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;

rule! {
    /// A migration was edited after it was committed, and whoever has applied it never sees the change; write a new one.
    ///
    /// Databases that ran the old text keep what it made; those set up later get something else. Flyway, Liquibase, sqlx,
    /// refinery and Prisma compare checksums and stop; the other tools say nothing. Only `check --since` can find this.
    ///
    /// ```sql,bad
    /// -- edited file: migrations/V1__users.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- file: migrations/V2__orders.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- edited file: migrations/2_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- new file: migrations/3_coupons.up.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/V1__users.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- new file: migrations/V2__email.sql
    /// ALTER TABLE users ADD COLUMN email text;
    /// ```
    /// ```sql,good
    /// -- file: migrations/V1__users.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- edited file: migrations/R__names.sql
    /// CREATE OR REPLACE VIEW ids AS SELECT id FROM users;
    /// ```
    "M054", known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let is_history = !matches!(migration.layout, Layout::Schema | Layout::Rails);
        // Flyway runs these again whenever they change.
        let repeats = migration.layout == Layout::Flyway && migration.name.starts_with("R__");
        if !is_history || repeats || !findings.settings.edited.contains(&migration.place.file) {
            continue;
        }
        let place = migration.steps.first().map_or(migration.place, |step| step.place);
        let tool = migration.layout.name();
        let (severity, why) = match compares(migration.layout) {
            true => (Severity::Error, format!("{tool} compares checksums and stops where the old text has run")),
            false => (Severity::Warning, format!("{tool} does not look: databases differ by when they were made")),
        };
        findings
            .here(place, format!("{} says something else than what was applied", migration.name))
            .first_line()
            .why(why)
            .severity(severity);
    }
}

/// The tool stores a checksum of what it applied.
fn compares(layout: Layout) -> bool {
    matches!(layout, Layout::Flyway | Layout::Liquibase | Layout::Sqlx | Layout::Refinery | Layout::Prisma)
}
