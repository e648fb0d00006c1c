use model::object::{Grant, Grantee};
use model::{Aspect, Change, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A role may pass on what it was granted, and nobody sees to whom; grant WITH GRANT OPTION to no application.
    ///
    /// What it passes on is revoked only with CASCADE, and then from everybody at once. Who may use a table no longer stands
    /// in the migrations.
    ///
    /// ```sql,bad
    /// CREATE ROLE app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT SELECT ON orders TO app WITH GRANT OPTION;
    /// ```
    /// ```sql,bad
    /// CREATE ROLE app;
    /// CREATE SCHEMA shop;
    /// GRANT USAGE ON SCHEMA shop TO app WITH GRANT OPTION;
    /// ```
    /// ```sql,good
    /// CREATE ROLE app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT SELECT ON orders TO app;
    /// ```
    /// ```sql,good
    /// CREATE ROLE app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// GRANT SELECT ON orders TO app WITH GRANT OPTION;
    /// REVOKE GRANT OPTION FOR SELECT ON orders FROM app;
    /// ```
    "S028", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (path, grants) in schema.grants() {
        for grant in grants.granted.iter().filter(|grant| grant.grantable) {
            let Grantee::Role(role) = &grant.grantee else { continue };
            if role == "postgres" || schema.owner(path) == Some(role) {
                continue;
            }
            let option = Grant { grantable: true, ..grant.clone() };
            findings
                .at_words(
                    path,
                    "WITH GRANT OPTION",
                    format!("{role} may pass {} on {path} on", listed(&grant.privileges)),
                )
                .why("to whom it does does not stand in the migrations")
                .unsafe_fix("take the option back", vec![Change::alter(path.clone(), Aspect::Revoke(option))]);
        }
    }
}
