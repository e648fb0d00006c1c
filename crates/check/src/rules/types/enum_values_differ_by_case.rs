use std::collections::BTreeMap;

use model::{Kind, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Two values of an enum differ only in capitals or joints; rows are split between them.
    ///
    /// `'Active'` was added because somebody's `'active'` did not match. Now each query that asks for one misses the rows with
    /// the other. Update the rows to one value; the other can be renamed to say that it is dead, as PostgreSQL cannot drop
    /// it.
    ///
    /// ```sql,bad
    /// CREATE TYPE state AS ENUM ('active', 'Active', 'closed');
    /// CREATE TABLE users (id bigint PRIMARY KEY, state state NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TYPE state AS ENUM ('in_progress', 'in-progress', 'closed');
    /// CREATE TABLE tasks (id bigint PRIMARY KEY, state state NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TYPE state AS ENUM ('active', 'inactive', 'A+', 'A-');
    /// CREATE TABLE users (id bigint PRIMARY KEY, state state NOT NULL);
    /// ```
    "T024", Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for ty in schema.enums() {
        let mut folded: BTreeMap<String, &Name> = BTreeMap::new();
        for value in &ty.values {
            let joints = |char: char| matches!(char, '_' | '-' | ' ');
            let inner = value.trim_matches(joints).len() == value.len();
            let key = if inner { value.replace(joints, "").to_lowercase() } else { value.to_lowercase() };
            if let Some(other) = folded.insert(key, value) {
                findings
                    .at(&Path::object(Kind::Enum, &ty.name), format!("{} holds both {other} and {value}", ty.name))
                    .why(format!("a query for {other} misses the rows with {value}"));
                break;
            }
        }
    }
}
