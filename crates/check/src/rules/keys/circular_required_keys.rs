use std::collections::{BTreeMap, BTreeSet};

use model::object::{Constraint, Deferrable, ForeignKey, Table};
use model::{Aspect, Change, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::listed;

rule! {
    /// Tables require each other in a circle, so that no first row can be inserted; defer one of the keys.
    ///
    /// Each row needs the other to be there. Without `DEFERRABLE` only a single statement with several INSERTs in it can make the
    /// pair, which no ORM writes; a dump cannot be loaded table by table, and deleting needs the same trick.
    ///
    /// ```sql,bad
    /// CREATE TABLE teams (id bigint PRIMARY KEY, captain_id bigint NOT NULL UNIQUE);
    /// CREATE TABLE players (id bigint PRIMARY KEY, team_id bigint NOT NULL REFERENCES teams);
    /// CREATE INDEX ON players (team_id);
    /// ALTER TABLE teams ADD FOREIGN KEY (captain_id) REFERENCES players;
    /// ```
    /// ```sql,good
    /// CREATE TABLE teams (id bigint PRIMARY KEY, captain_id bigint UNIQUE);
    /// CREATE TABLE players (id bigint PRIMARY KEY, team_id bigint NOT NULL REFERENCES teams);
    /// CREATE INDEX ON players (team_id);
    /// ALTER TABLE teams ADD FOREIGN KEY (captain_id) REFERENCES players;
    /// ```
    /// ```sql,good
    /// CREATE TABLE teams (id bigint PRIMARY KEY, captain_id bigint NOT NULL UNIQUE);
    /// CREATE TABLE players (id bigint PRIMARY KEY, team_id bigint NOT NULL REFERENCES teams);
    /// CREATE INDEX ON players (team_id);
    /// ALTER TABLE teams ADD FOREIGN KEY (captain_id) REFERENCES players DEFERRABLE INITIALLY DEFERRED;
    /// ```
    "K014", known, fix, Check::Schema(check)
}

type Edges<'a> = BTreeMap<&'a QName, Vec<(&'a Table, &'a Constraint, &'a ForeignKey)>>;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut edges: Edges<'_> = BTreeMap::new();
    for table in own_tables(schema) {
        for (constraint, key) in table.foreign_keys() {
            let required = key.columns.iter().all(|name| is_required(table, name));
            if required && constraint.deferrable == Deferrable::No && key.table != table.name {
                edges.entry(&table.name).or_default().push((table, constraint, key));
            }
        }
    }
    let mut told: BTreeSet<&QName> = BTreeSet::new();
    for (start, required) in &edges {
        for (table, constraint, key) in required {
            if told.contains(start) {
                break;
            }
            let Some(circle) = way(&key.table, start, &edges) else { continue };
            told.extend(circle.iter().copied());
            told.insert(start);
            let path = Path::constraint(&table.name, constraint.name.clone());
            let names = listed(std::iter::once(*start).chain(circle));
            findings
                .at(&path, format!("no first row can be inserted: {names} require each other"))
                .why("each INSERT needs a row that only the other INSERT makes")
                .unsafe_fix(
                    format!("check {} at the end of the transaction", constraint.name),
                    vec![Change::alter(path, Aspect::Deferrable(Deferrable::InitiallyDeferred))],
                );
        }
    }
}

fn is_required(table: &Table, name: &str) -> bool {
    let in_key = table.primary_key().is_some_and(|key| key.columns.iter().any(|column| column == name));
    in_key || table.column(name).is_some_and(|column| !column.is_nullable())
}

/// The tables from one to the other along required keys, without the last; the shortest way.
fn way<'a>(from: &'a QName, to: &QName, edges: &Edges<'a>) -> Option<Vec<&'a QName>> {
    let mut before: BTreeMap<&QName, Option<&QName>> = BTreeMap::from([(from, None)]);
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(name) = queue.pop_front() {
        if name == to {
            let steps =
                std::iter::successors(before.get(name).copied().flatten(), |name| before.get(*name).copied().flatten());
            let mut way: Vec<&QName> = steps.collect();
            way.reverse();
            return Some(way);
        }
        for (_, _, key) in edges.get(name).into_iter().flatten() {
            before.entry(&key.table).or_insert_with(|| {
                queue.push_back(&key.table);
                Some(name)
            });
        }
    }
    None
}
