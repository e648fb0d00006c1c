use std::collections::BTreeMap;

use model::{Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::listed;

rule! {
    /// A table inherits from another, and keys do not hold across the two; use a foreign key, or partitions.
    ///
    /// A unique key counts in each table by itself: an id may stand in the parent and in the child. A foreign key to the parent
    /// does not see the rows of the child, although SELECT from the parent does (manual, 5.11, caveats).
    ///
    /// ```sql,bad
    /// CREATE TABLE cities (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE capitals (country text NOT NULL, PRIMARY KEY (id)) INHERITS (cities);
    /// ```
    /// ```sql,good
    /// CREATE TABLE cities (id bigint PRIMARY KEY, name text NOT NULL);
    /// CREATE TABLE capitals (city_id bigint PRIMARY KEY REFERENCES cities, country text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE cities (id bigint, continent text, PRIMARY KEY (id, continent)) PARTITION BY LIST (continent);
    /// CREATE TABLE cities_asia PARTITION OF cities FOR VALUES IN ('asia');
    /// ```
    "D017", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut heirs: BTreeMap<&QName, Vec<&QName>> = BTreeMap::new();
    for table in own_tables(schema) {
        if let Some(parent) = table.inherits.first() {
            heirs.entry(parent).or_default().push(&table.name);
        }
    }
    for (parent, heirs) in heirs {
        let names = listed(heirs.iter().take(3));
        let more = match heirs.len() {
            ..=3 => String::new(),
            count => format!(" ({count} in all)"),
        };
        findings
            .at(&Path::table(heirs[0]), format!("keys of {parent} do not hold for the rows of {names}{more}"))
            .why(format!("an id may stand in both; a foreign key to {parent} sees only its own rows"));
    }
}
