use std::collections::BTreeSet;

use model::{Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};
use crate::words::counted;

rule! {
    /// A table refers to nothing and nothing refers to it, among tables that do; drop it, or add its keys.
    ///
    /// In a schema that is held together by foreign keys, a table by itself is a list of settings, a queue, or what a feature
    /// left behind when it was removed. The last sort is never vacuumed from the mind of the reader.
    ///
    /// ```sql,bad
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a);
    /// CREATE TABLE c (id bigint PRIMARY KEY, a_id bigint REFERENCES a);
    /// CREATE TABLE d (id bigint PRIMARY KEY, a_id bigint REFERENCES a);
    /// CREATE TABLE coupons (id bigint PRIMARY KEY, code text NOT NULL UNIQUE);
    /// CREATE INDEX ON b (a_id);
    /// CREATE INDEX ON c (a_id);
    /// CREATE INDEX ON d (a_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE coupons (id bigint PRIMARY KEY, code text NOT NULL UNIQUE);
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// ```
    "D021", note, opt_in, Check::Schema(check)
}

const CONNECTED: usize = 75;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let mut connected: BTreeSet<&QName> = BTreeSet::new();
    let mut count = 0;
    for table in own_tables(schema) {
        count += 1;
        for (_, key) in table.foreign_keys() {
            connected.extend([&table.name, &key.table]);
        }
    }
    if connected.len() * 100 < count * CONNECTED {
        return;
    }
    for table in own_tables(schema).filter(|table| !connected.contains(&table.name) && table.foreign.is_none()) {
        if words_of(&table.name.name).iter().any(|word| word.contains("migration") || word == "schema") {
            continue;
        }
        findings
            .at(&Path::table(&table.name), format!("{} stands by itself", table.name))
            .why(format!("{} of this schema refer to each other", counted(connected.len(), "table", "tables")));
    }
}
