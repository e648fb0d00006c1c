use model::step::Layout;
use model::{Migration, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::folders;
use crate::rule::Check;

rule! {
    /// A migration has no way back while the others of its folder have one; write its undo, or say in it why there is none.
    ///
    /// When a release fails, the tool steps back migration by migration and stops at this one, at the worst moment to write
    /// SQL by hand.
    ///
    /// ```sql,bad
    /// -- file: migrations/000001_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/000001_users.down.sql
    /// DROP TABLE users;
    /// -- file: migrations/000002_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- file: migrations/000002_orders.down.sql
    /// DROP TABLE orders;
    /// -- file: migrations/000003_coupons.up.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// -- file: migrations/1_a.sql
    /// -- +goose Up
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// -- +goose Down
    /// DROP TABLE a;
    /// -- file: migrations/2_b.sql
    /// -- +goose Up
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// -- file: migrations/3_c.sql
    /// -- +goose Up
    /// CREATE TABLE c (id bigint PRIMARY KEY);
    /// -- +goose Down
    /// DROP TABLE c;
    /// ```
    /// ```sql,good
    /// -- file: migrations/000001_users.up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/000002_orders.up.sql
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- file: migrations/000003_coupons.up.sql
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/1_a.sql
    /// -- +goose Up
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// -- +goose Down
    /// DROP TABLE a;
    /// -- file: migrations/2_b.sql
    /// -- +goose Up
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// -- +goose Down
    /// DROP TABLE b;
    /// -- file: migrations/3_look.sql
    /// -- +goose Up
    /// SELECT 1;
    /// ```
    "M049", note, Check::History(check)
}

/// A team that writes undos forgets one now and then; one that writes few does not mean to.
const USUAL: f64 = 0.66;

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for folder in folders(migrations, findings) {
        let with_down = folder.iter().filter(|migration| migration.has_down).count();
        let layout = folder.first().map_or(Layout::Schema, |migration| migration.layout);
        if layout == Layout::Schema || (with_down as f64) < USUAL * folder.len() as f64 {
            continue;
        }
        for migration in folder.iter().filter(|migration| !migration.has_down) {
            let Some(step) = migration.steps.iter().find(|step| defines(step)) else { continue };
            findings
                .here(step.place, format!("nothing undoes {}", migration.name))
                .first_line()
                .why(format!("{with_down} of the {} migrations beside it can be undone", folder.len()));
        }
    }
}

fn defines(step: &Step) -> bool {
    !step.changes.is_empty()
}
