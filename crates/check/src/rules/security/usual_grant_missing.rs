use std::collections::{BTreeMap, BTreeSet};

use model::object::{Grant, Grantee};
use model::{Aspect, Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::listed;

rule! {
    /// A role has privileges on nearly every table of the schema and not on this one; grant them, or make it the default.
    ///
    /// It is most often the newest table: whoever wrote its migration did not know of the role, which now gets "permission
    /// denied". `ALTER DEFAULT PRIVILEGES` gives the privileges to tables that are made later.
    ///
    /// ```sql,bad
    /// CREATE ROLE reporting;
    /// CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY);
    /// CREATE TABLE c (id bigint PRIMARY KEY); CREATE TABLE d (id bigint PRIMARY KEY);
    /// GRANT SELECT ON a, b, c, d TO reporting;
    /// CREATE TABLE e (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// CREATE ROLE app;
    /// CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY);
    /// CREATE TABLE c (id bigint PRIMARY KEY); CREATE TABLE d (id bigint PRIMARY KEY);
    /// GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO app;
    /// CREATE TABLE e (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY);
    /// CREATE TABLE c (id bigint PRIMARY KEY); CREATE TABLE d (id bigint PRIMARY KEY);
    /// ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reporting;
    /// GRANT SELECT ON a, b, c, d TO reporting;
    /// CREATE TABLE e (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY);
    /// CREATE TABLE c (id bigint PRIMARY KEY); CREATE TABLE d (id bigint PRIMARY KEY);
    /// GRANT SELECT ON a, b TO reporting;
    /// ```
    "S026", note, fix, Check::Schema(check)
}

/// Fewer tables than this make no habit, and one in so many may be left out by mistake.
const FEW: usize = 4;
const USUAL: f64 = 0.75;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut tables: BTreeMap<&Name, Vec<&model::object::Table>> = BTreeMap::new();
    for table in own_tables(schema) {
        tables.entry(&table.name.schema).or_default().push(table);
    }
    for tables in tables.values().filter(|tables| tables.len() > FEW) {
        let mut privileges: BTreeMap<&Name, Vec<&BTreeSet<Name>>> = BTreeMap::new();
        for table in tables {
            for grant in grants(schema, table) {
                if let Grantee::Role(role) = &grant.grantee {
                    privileges.entry(role).or_default().push(&grant.privileges);
                }
            }
        }
        for (role, given) in privileges.into_iter().filter(|(_, given)| given.len() >= FEW) {
            if (given.len() as f64) < USUAL * tables.len() as f64 || given_by_default(schema, role) {
                continue;
            }
            let every =
                given.iter().skip(1).fold(given[0].clone(), |all, more| all.intersection(more).cloned().collect());
            let lacks = |table: &&&model::object::Table| {
                let mut own = grants(schema, table);
                let owner = schema.owner(&Path::table(&table.name)) == Some(role);
                !owner && !own.any(|grant| grant.grantee == Grantee::Role(role.clone()))
            };
            for table in tables.iter().filter(lacks).filter(|_| !every.is_empty()) {
                let path = Path::table(&table.name);
                let grant = Grant { grantee: Grantee::Role(role.clone()), privileges: every.clone(), grantable: false };
                findings
                    .at(&path, format!("{role} may not use {}", table.name))
                    .why(format!(
                        "it has {} on {} of {} tables of the schema",
                        listed(&every),
                        given.len(),
                        tables.len()
                    ))
                    .unsafe_fix("grant it as on the others", vec![Change::alter(path, Aspect::Grant(grant))]);
            }
        }
    }
}

fn grants<'s>(schema: &'s Schema, table: &model::object::Table) -> impl Iterator<Item = &'s Grant> {
    schema.grants_on(&Path::table(&table.name)).into_iter().flat_map(|grants| &grants.granted)
}

fn given_by_default(schema: &Schema, role: &Name) -> bool {
    schema.of_kind(model::Kind::DefaultPrivileges).any(|object| match object {
        model::object::Object::DefaultPrivileges(defaults) => {
            defaults.granted.iter().any(|grant| grant.grantee == Grantee::Role(role.clone()))
        }
        _ => false,
    })
}
