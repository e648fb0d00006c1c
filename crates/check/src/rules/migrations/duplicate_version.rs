use std::collections::BTreeMap;

use model::step::Layout;
use model::{Migration, Name, Severity};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::folders;
use crate::rule::Check;
use crate::version::version;

rule! {
    /// Two migrations have the same version, which the tool refuses or applies once; give the newer one a number of its own.
    ///
    /// It happens when two branches take the next number. golang-migrate, goose, Flyway and refinery stop before the first
    /// statement; sqlx, diesel and dbmate fail on the primary key of their own table, in the middle of the run.
    ///
    /// ```sql,bad
    /// -- file: migrations/000001_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/000002_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- file: migrations/000002_coupons.up.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// -- file: migrations/V1__users.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/V01__orders.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/V1__users.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/V1.1__orders.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/000001_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/000001_users.down.sql
    /// DROP TABLE users;
    /// -- file: migrations/000002_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    "M052", error, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for folder in folders(migrations, findings) {
        let mut seen: BTreeMap<Name, &Migration> = BTreeMap::new();
        for migration in folder.into_iter().filter(|migration| is_unique(migration.layout)) {
            // Two files that say to be the same version were read as one migration.
            let first = migration.place.file;
            let other = migration.steps.iter().find(|step| step.place.file != first);
            if let (Some(step), true) = (other, migration.layout == Layout::Flyway) {
                report(findings, step.place, migration, &migration.name);
            }
            let Some(version) = version(migration) else { continue };
            match seen.get(&version) {
                // One migration in several files, for several databases or ways to run it.
                Some(known) if title(&known.name) == title(&migration.name) => {}
                Some(known) => {
                    let place = migration.steps.first().map_or(migration.place, |step| step.place);
                    report(findings, place, migration, &known.name.clone());
                }
                None => {
                    seen.insert(version, migration);
                }
            }
        }
    }
}

fn title(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn report(findings: &mut Findings<'_>, place: model::Place, migration: &Migration, other: &Name) {
    // Other tools keep files of the same shape, and may well run both.
    let severity = if migration.layout == Layout::GolangMigrate { Severity::Warning } else { Severity::Error };
    findings
        .here(place, format!("{other} has the same version"))
        .first_line()
        .severity(severity)
        .why(format!("{} takes only one of them", migration.layout.name()));
}

/// The tools that keep one row for each version.
fn is_unique(layout: Layout) -> bool {
    matches!(
        layout,
        Layout::Flyway
            | Layout::GolangMigrate
            | Layout::Dbmate
            | Layout::Goose
            | Layout::Sqlx
            | Layout::Diesel
            | Layout::Refinery
    )
}
