//! The changes between two schemas, for people and for machines.

use std::fmt::Write as _;

use model::{Change, Path, Schema};
use serde::Serialize;
use write::words;

/// One change with the statements that do it, in order.
#[derive(Clone, Debug)]
pub struct Difference<'a> {
    pub change: &'a Change,
    /// The schema just before it.
    pub before: Schema,
    pub statements: Vec<String>,
}

/// The statements alone, ready for psql.
pub fn sql(differences: &[Difference<'_>], makes_routines: bool) -> String {
    let mut out = String::new();
    if makes_routines {
        // A body may name what is made after it.
        out += "SET check_function_bodies = off;\n";
    }
    for statement in differences.iter().flat_map(|difference| &difference.statements) {
        out += statement;
        out += "\n";
    }
    out
}

/// A list that a pull request can show.
pub fn markdown(differences: &[Difference<'_>], left: &[Path]) -> String {
    let mut out = String::new();
    for difference in differences {
        let _ = writeln!(out, "- {}", words::change(&difference.before, difference.change));
    }
    for path in left {
        let _ = writeln!(out, "- {} {path} cannot be altered into its new shape", path.kind.sql().to_lowercase());
    }
    if !differences.is_empty() {
        let _ = writeln!(out, "\n```sql\n{}```", sql(differences, false));
    }
    out
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    changes: Vec<Entry<'a>>,
    /// What no statement leads to.
    left: Vec<Thing>,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    thing: Thing,
    change: &'static str,
    summary: String,
    sql: &'a [String],
}

impl<'a> Entry<'a> {
    fn of(difference: &'a Difference<'_>) -> Entry<'a> {
        let change = difference.change;
        let summary = words::change(&difference.before, change);
        Entry { thing: Thing::of(change.path()), change: verb(change), summary, sql: &difference.statements }
    }
}

#[derive(Serialize)]
struct Thing {
    kind: String,
    name: String,
}

impl Thing {
    fn of(path: &Path) -> Thing {
        Thing { kind: path.kind.sql().to_lowercase(), name: path.to_string() }
    }
}

/// A versioned document; the same fields in the same order.
pub fn json(differences: &[Difference<'_>], left: &[Path]) -> String {
    let document = Document {
        version: 1,
        changes: differences.iter().map(Entry::of).collect(),
        left: left.iter().map(Thing::of).collect(),
    };
    serde_json::to_string_pretty(&document).expect("strings and lists are JSON") + "\n"
}

fn verb(change: &Change) -> &'static str {
    match change {
        Change::Create { .. } => "create",
        Change::Replace { .. } => "replace",
        Change::Drop { .. } => "drop",
        Change::Rename { .. } => "rename",
        Change::Move { .. } => "move",
        Change::Alter { .. } => "alter",
    }
}
