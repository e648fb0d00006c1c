use std::collections::BTreeSet;

use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_tables};

rule! {
    /// A key is a binary float; two numbers that print alike are not equal.
    ///
    /// `0.1 + 0.2` and `0.3` are two keys. A lookup by the value that was read finds nothing when a driver has printed fewer
    /// digits, and a unique constraint lets in what looks like a repeat.
    ///
    /// ```sql,bad
    /// CREATE TABLE rates (percent double precision PRIMARY KEY, name text);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE levels (id bigint PRIMARY KEY, threshold real NOT NULL UNIQUE);
    /// ```
    /// ```sql,good
    /// CREATE TABLE rates (percent numeric(5,2) PRIMARY KEY, name text, weight double precision);
    /// CREATE INDEX ON rates (weight);
    /// ```
    "T026", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let references = findings.sight().references();
    for table in own_tables(schema) {
        let keys: BTreeSet<&Name> = table.unique_keys().flatten().collect();
        for column in keys.into_iter().filter_map(|name| table.column(name)) {
            if !matches!(column.ty, Type::Real | Type::Double) || column.inherited {
                continue;
            }
            let path = column_path(table, column);
            let draft = findings
                .at_type(&path, format!("{}.{} is a key by its last binary digit", table.name, column.name))
                .why("0.1 + 0.2 and 0.3 are two keys that mostly print alike");
            if !references.contains_key(&table.name) {
                draft.unsafe_fix("make it numeric", vec![Change::set_type(path, Type::Numeric(None))]);
            }
        }
    }
}
