use model::Migration;
use model::step::Layout;

use crate::define::rule;
use crate::findings::Findings;
use crate::history::folders;
use crate::rule::Check;

rule! {
    /// A new migration stands before one that may have run already, so some databases never get it; give it a later version.
    ///
    /// It happens when a branch is merged after another with a higher number. golang-migrate skips it without a word; Flyway,
    /// goose and refinery stop unless they are told to allow it; the rest apply it in an order that nobody has tried. Only
    /// `check --since` can find this.
    ///
    /// ```sql,bad
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- new file: migrations/2_coupons.up.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// -- file: migrations/3_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// -- new file: migrations/V1_5__coupons.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// -- file: migrations/V2__orders.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- new file: migrations/2_coupons.up.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// -- new file: migrations/3_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/V1__users.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- new file: migrations/V2__orders.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- file: migrations/R__names.sql
    /// CREATE OR REPLACE VIEW ids AS SELECT id FROM users;
    /// ```
    "M055", error, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let settings = findings.settings;
    let Some(fresh) = &settings.fresh else { return };
    for folder in folders(migrations, findings) {
        let repeats = |migration: &&Migration| migration.layout == Layout::Flyway && migration.name.starts_with("R__");
        let versioned: Vec<&Migration> = folder.into_iter().filter(|migration| !repeats(migration)).collect();
        let is_new = |migration: &Migration| {
            let file = &migration.place.file;
            fresh.contains(file) && !settings.edited.contains(file)
        };
        let Some(newest) = versioned.iter().rposition(|migration| !is_new(migration)) else { continue };
        if matches!(versioned[newest].layout, Layout::Schema | Layout::Rails) {
            continue;
        }
        for migration in versioned[..newest].iter().filter(|migration| is_new(migration)) {
            let place = migration.steps.first().map_or(migration.place, |step| step.place);
            findings
                .here(
                    place,
                    format!("{} comes before {}, which was there already", migration.name, versioned[newest].name),
                )
                .first_line()
                .why("where the later one has run, this one is skipped, refused, or run in another order");
        }
    }
}
