use std::collections::BTreeSet;

use model::object::{Grant, Grantee, Object};
use model::{Change, Kind, Migration, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::{after, ups};
use crate::rule::Check;
use crate::words::{comma, listed};

rule! {
    /// A thing is dropped and made again, and the privileges on it are not granted again; grant them.
    ///
    /// Privileges belong to the object and go with it. The new one has the same name, and every role that could read it gets
    /// "permission denied". `CREATE OR REPLACE` keeps them.
    ///
    /// ```sql,bad
    /// CREATE ROLE reporting;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'open';
    /// GRANT SELECT ON open_orders TO reporting;
    /// -- next migration
    /// DROP VIEW open_orders;
    /// CREATE VIEW open_orders AS SELECT id, status FROM orders WHERE status = 'open';
    /// ```
    /// ```sql,bad
    /// CREATE ROLE reporting;
    /// CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 1::bigint';
    /// GRANT EXECUTE ON FUNCTION total() TO reporting;
    /// -- next migration
    /// DROP FUNCTION total();
    /// CREATE FUNCTION total() RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 1::numeric';
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'open';
    /// GRANT SELECT ON open_orders TO reporting;
    /// -- next migration
    /// DROP VIEW open_orders;
    /// CREATE VIEW open_orders AS SELECT id, status FROM orders WHERE status = 'open';
    /// GRANT SELECT ON open_orders TO reporting;
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reporting;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'open';
    /// GRANT SELECT ON open_orders TO reporting;
    /// -- next migration
    /// DROP VIEW open_orders;
    /// CREATE VIEW open_orders AS SELECT id, status FROM orders WHERE status = 'open';
    /// ```
    "M063", known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        // What was dropped with privileges on it, and where it is made again.
        let mut dropped: Vec<(Path, Vec<Grant>)> = Vec::new();
        let mut anew = Vec::new();
        for step in &migration.steps {
            for (change, place) in step.placed_changes() {
                match change {
                    Change::Drop { path, .. } if !path.kind.is_part() && step.existed(path) => {
                        let grants = step.before.grants_on(path).map(|grants| grants.granted.clone());
                        dropped.extend(grants.filter(|grants| !grants.is_empty()).map(|grants| (path.clone(), grants)));
                    }
                    Change::Create { path, .. } | Change::Replace { path, .. } => {
                        if let Some(at) = dropped.iter().position(|(other, _)| other == path) {
                            let (path, grants) = dropped.remove(at);
                            anew.push((path, grants, step, place));
                        }
                    }
                    _ => {}
                }
            }
        }
        if anew.is_empty() {
            continue;
        }
        let Some(end) = after(&migration.steps) else { continue };
        for (path, grants, step, place) in anew {
            let lost: Vec<&Grant> = grants.iter().filter(|grant| is_lost(&end, &path, grant)).collect();
            if lost.is_empty() || !end.contains(&path) {
                continue;
            }
            let again: Option<Vec<String>> = lost.iter().map(|grant| sql(&path, grant)).collect();
            let edits = again.filter(|_| !step.conditional).map(|again| findings.then(step.place, &again.join(";\n")));
            let names: BTreeSet<String> = lost.iter().map(|grant| role(&grant.grantee)).collect();
            findings
                .here(place, format!("{} may not use the new {path}", listed(names)))
                .about(path.clone())
                .first_line()
                .why("the privileges went with the old one")
                .edit("grant them again", edits.into_iter().collect());
        }
    }
}

/// The role has not all of it on the new object, and no default gives it.
fn is_lost(end: &Schema, path: &Path, grant: &Grant) -> bool {
    let now = end.grants_on(path).into_iter().flat_map(|grants| &grants.granted);
    let now: BTreeSet<&Name> =
        now.filter(|other| other.grantee == grant.grantee).flat_map(|other| &other.privileges).collect();
    let has = |privilege: &Name| now.contains(privilege) || now.contains(&Name::new_static("ALL"));
    let by_default = end.of_kind(Kind::DefaultPrivileges).any(|object| match object {
        Object::DefaultPrivileges(defaults) => {
            let schema = defaults.schema.as_ref().is_none_or(|schema| *schema == path.schema);
            schema && defaults.granted.iter().any(|other| other.grantee == grant.grantee)
        }
        _ => false,
    });
    !by_default && !grant.privileges.iter().all(has)
}

fn role(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Public => "PUBLIC".to_string(),
        Grantee::Role(name) => name.to_string(),
    }
}

fn sql(path: &Path, grant: &Grant) -> Option<String> {
    let kind = match path.kind {
        Kind::Table | Kind::View | Kind::MaterializedView => "",
        Kind::Function | Kind::Procedure | Kind::Sequence => path.kind.sql(),
        Kind::Namespace | Kind::Domain => path.kind.sql(),
        Kind::Enum | Kind::Composite | Kind::Range => "TYPE",
        _ => return None,
    };
    let space = if kind.is_empty() { "" } else { " " };
    let to = match &grant.grantee {
        Grantee::Public => "PUBLIC".into(),
        Grantee::Role(name) => model::name::quoted(name),
    };
    let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
    Some(format!("GRANT {} ON {kind}{space}{path} TO {to}{option}", comma(&grant.privileges)))
}
