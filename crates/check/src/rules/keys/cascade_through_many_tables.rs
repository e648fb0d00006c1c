use std::collections::{BTreeMap, BTreeSet};

use model::object::RefAction;
use model::{Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::nouns::Reference;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::{counted, listed};

rule! {
    /// One DELETE takes rows of many tables along, over several steps; let the far ones refuse or be deleted by name.
    ///
    /// The statement says nothing of what it takes, and PostgreSQL answers `DELETE 1` however many rows are gone. A wrong id then
    /// costs a restore, and a right one locks rows in all these tables at once, for as long as the slowest of them lasts.
    ///
    /// ```sql,bad
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a ON DELETE CASCADE);
    /// CREATE TABLE c (id bigint PRIMARY KEY, b_id bigint REFERENCES b ON DELETE CASCADE);
    /// CREATE TABLE d (id bigint PRIMARY KEY, c_id bigint REFERENCES c ON DELETE CASCADE);
    /// CREATE TABLE e (id bigint PRIMARY KEY, d_id bigint REFERENCES d ON DELETE CASCADE);
    /// CREATE TABLE f (id bigint PRIMARY KEY, e_id bigint REFERENCES e ON DELETE CASCADE);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE);
    /// CREATE INDEX ON items (order_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a ON DELETE CASCADE);
    /// CREATE TABLE c (id bigint PRIMARY KEY, b_id bigint REFERENCES b ON DELETE CASCADE);
    /// CREATE TABLE d (id bigint PRIMARY KEY, c_id bigint REFERENCES c ON DELETE RESTRICT);
    /// CREATE TABLE e (id bigint PRIMARY KEY, d_id bigint REFERENCES d ON DELETE CASCADE);
    /// CREATE TABLE f (id bigint PRIMARY KEY, e_id bigint REFERENCES e ON DELETE CASCADE);
    /// ```
    "K012", note, known, Check::Schema(check)
}

const TABLES: usize = 5;
const STEPS: usize = 3;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let references = findings.sight().references();
    // Where a cascade goes on into a table, it is told at the table where it begins.
    let cascades = |reference: &&Reference<'_>| reference.key.on_delete == RefAction::Cascade;
    let inner: BTreeSet<&QName> = references
        .iter()
        .flat_map(|(target, all)| all.iter().filter(cascades).filter(move |it| it.table.name != **target))
        .map(|reference| &reference.table.name)
        .collect();
    for table in own_tables(schema).filter(|table| !inner.contains(&table.name)) {
        let reached = reached(&table.name, references);
        let steps = reached.values().copied().max().unwrap_or(0);
        if reached.len() < TABLES || steps < STEPS {
            continue;
        }
        let far = listed(reached.iter().filter(|(_, step)| **step == steps).take(3).map(|(name, _)| name));
        let count = counted(reached.len(), "other table", "other tables");
        findings
            .at(&Path::table(&table.name), format!("a DELETE from {} takes rows of {count} along", table.name))
            .why(format!("the cascade goes {steps} steps deep, to {far}; the answer counts only the first"));
    }
}

/// The tables that lose rows, with the number of steps to each.
fn reached<'a>(from: &'a QName, references: &BTreeMap<&'a QName, Vec<Reference<'a>>>) -> BTreeMap<&'a QName, usize> {
    let mut reached: BTreeMap<&QName, usize> = BTreeMap::new();
    let mut edge = vec![from];
    for step in 1.. {
        let mut next = Vec::new();
        for reference in edge.iter().filter_map(|name| references.get(*name)).flatten() {
            let name = &reference.table.name;
            if reference.key.on_delete == RefAction::Cascade && name != from && !reached.contains_key(name) {
                reached.insert(name, step);
                next.push(name);
            }
        }
        if next.is_empty() {
            break;
        }
        edge = next;
    }
    reached
}
