use model::object::Persistence;
use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// An UNLOGGED table is empty after a crash, and on every replica; keep only what can be made again in one.
    ///
    /// Its rows are not written to the log: a crash or an immediate shutdown truncates it, a standby cannot read it, and a
    /// failover finds it empty. A base backup leaves its rows out.
    ///
    /// ```sql,bad
    /// CREATE UNLOGGED TABLE sessions (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE carts (id bigint PRIMARY KEY);
    /// ALTER TABLE carts SET UNLOGGED;
    /// ```
    /// ```sql,good
    /// CREATE TABLE sessions (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE UNLOGGED TABLE import_cache (id bigint PRIMARY KEY);
    /// CREATE UNLOGGED TABLE staging_orders (id bigint PRIMARY KEY);
    /// ```
    "O003", note, known, fix, Check::Schema(check)
}

/// Words for rows that can be made again.
const PASSING: &[&str] = &["cache", "staging", "stage", "tmp", "temp", "scratch", "import", "imports", "buffer"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| table.persistence == Persistence::Unlogged) {
        if crate::subject::words_of(&table.name.name).iter().any(|word| PASSING.contains(&word.as_str())) {
            continue;
        }
        let path = Path::table(&table.name);
        let logged = Change::alter(path.clone(), Aspect::Persistence(Persistence::Permanent));
        findings
            .at_words(&path, "UNLOGGED", format!("{} is empty after a crash", table.name))
            .why("its rows are on no replica either")
            .unsafe_fix("log it", vec![logged]);
    }
}
