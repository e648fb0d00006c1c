use std::collections::BTreeMap;

use model::query::{FoundQuery, Origin};
use model::{Change, Kind, Migration, Path, Place, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::ups;
use crate::rule::Check;
use crate::used::Used;
use crate::words::counted;

rule! {
    /// A query of this project still uses what the migration takes away or renames; change the query first.
    ///
    /// The query fails from the commit on. PostgreSQL does not look at the queries of an application, nor into the bodies of
    /// functions.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, nickname text);
    /// -- next migration
    /// ALTER TABLE users DROP COLUMN nickname;
    /// -- queries
    /// SELECT id FROM users WHERE nickname = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE coupons (id bigint PRIMARY KEY);
    /// CREATE FUNCTION coupon_count() RETURNS bigint LANGUAGE plpgsql AS
    /// $$ BEGIN RETURN (SELECT count(*) FROM coupons); END $$;
    /// -- next migration
    /// DROP TABLE coupons;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, nickname text);
    /// -- next migration
    /// ALTER TABLE users DROP COLUMN nickname;
    /// -- queries
    /// SELECT id FROM users WHERE id = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, nickname text);
    /// CREATE TABLE pets (id bigint PRIMARY KEY, nickname text);
    /// -- next migration
    /// ALTER TABLE users DROP COLUMN nickname;
    /// -- queries
    /// SELECT users.id FROM users JOIN pets ON pets.id = users.id WHERE nickname = $1;
    /// ```
    "M066", error, known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let mut gone: BTreeMap<Path, (Place, &'static str)> = BTreeMap::new();
    for step in ups(migrations).flat_map(|migration| &migration.steps) {
        for (change, place) in step.placed_changes() {
            if let Some((path, words)) = takes_away(step, change) {
                gone.insert(path.clone(), (place, words));
            }
        }
    }
    let schema = findings.schema();
    gone.retain(|path, _| match path.kind {
        Kind::Column => schema.table(&path.qname()).is_some_and(|table| table.column(&path.part).is_none()),
        _ => schema.relation(&path.qname()).is_none(),
    });
    if gone.is_empty() {
        return;
    }
    let used = Used::by(findings.queries());
    let mut reports = Vec::new();
    for (path, (place, words)) in gone {
        let users = match path.kind {
            Kind::Column => used.column(schema, &path.qname(), &path.part),
            _ => used.table(&path.qname()).to_vec(),
        };
        let users: Vec<_> = users.into_iter().filter(|found| !findings.is_test(found.place)).collect();
        let Some(first) = users.first() else { continue };
        let first = user(findings, first);
        let others = if users.len() > 1 {
            format!(", and {} more", counted(users.len() - 1, "query", "queries"))
        } else {
            String::new()
        };
        reports.push((path, place, words, format!("{first}{others}")));
    }
    for (path, place, words, who) in reports {
        findings
            .here(place, format!("{who} still uses {path}"))
            .about(path)
            .words(words)
            .why("it fails as soon as this is committed");
    }
}

fn takes_away<'c>(step: &Step, change: &'c Change) -> Option<(&'c Path, &'static str)> {
    let (path, words) = match change {
        Change::Drop { path, .. } if path.kind == Kind::Column => (path, "DROP COLUMN"),
        Change::Drop { path, .. } => (path, "DROP"),
        Change::Rename { path, .. } => (path, "RENAME"),
        Change::Move { path, .. } => (path, "SET SCHEMA"),
        _ => return None,
    };
    let counts = matches!(path.kind, Kind::Table | Kind::View | Kind::MaterializedView | Kind::Column);
    (counts && step.before.contains(path) && step.existed(path)).then_some((path, words))
}

/// `the function total`, `GetUser in queries/users.sql`
fn user(findings: &Findings<'_>, found: &FoundQuery) -> String {
    match (&found.origin, &found.name) {
        (Origin::Routine(name) | Origin::View(name), _) => format!("the function {name}"),
        (_, Some(name)) => format!("{name} in {}", findings.file(found.place)),
        (_, None) => format!("a query in {}", findings.file(found.place)),
    }
}
