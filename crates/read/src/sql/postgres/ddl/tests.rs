//! SQL and the changes it is read into. The script before the last statement makes the schema it is read against.

use std::fmt::Write;

use model::object::Object;
use model::{Change, Name, Path, Schema};

use super::super::{Context, Statement, read};

mod altering;
mod every_statement;
mod mutations;
mod objects;
mod tables;

/// The last statement of the script, read after the others were applied.
fn last(script: &[&str]) -> (Statement, Schema) {
    let mut schema = Schema::default();
    let search_path = [Name::new_static("public")];
    let mut last = None;
    for (index, sql) in script.iter().enumerate() {
        let cx = Context::new(&schema, &search_path, 0);
        let (statement, _) = read(cx, sql, None);
        if index + 1 < script.len() {
            let mut next = schema.clone();
            for placed in &statement.changes {
                model::apply(&mut next, &placed.change).expect(sql);
            }
            schema = next;
        } else {
            last = Some(statement);
        }
    }
    (last.expect("a script"), schema)
}

/// Reads the last statement and compares what it says, one change on a line.
fn check(script: &[&str], expected: &str) {
    let (statement, _) = last(script);
    let mut printed = String::new();
    for placed in &statement.changes {
        writeln!(printed, "{}", line(&placed.change)).expect("a string");
    }
    for problem in &statement.problems {
        writeln!(printed, "problem: {}", problem.message).expect("a string");
    }
    let trimmed = |text: &str| text.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n");
    assert_eq!(trimmed(&printed), trimmed(expected), "{}", script.last().expect("a script"));
}

fn line(change: &Change) -> String {
    match change {
        Change::Create { path, object } => format!("create {} {}", named(path), shape(object)),
        Change::Replace { path, object } => format!("replace {} {}", named(path), shape(object)),
        Change::Drop { path, cascade } => format!("drop {}{}", named(path), if *cascade { " cascade" } else { "" }),
        Change::Rename { path, to } => format!("rename {} to {to}", named(path)),
        Change::Move { path, to } => format!("move {} to {to}", named(path)),
        Change::Alter { path, aspect } => format!("alter {} {}", named(path), compact(&format!("{aspect:?}"))),
    }
}

fn named(path: &Path) -> String {
    format!("{} {path}", path.kind.sql().to_lowercase())
}

/// The debug form of the object in one line, without what is empty or usual.
fn shape(object: &Object) -> String {
    compact(&format!("{object:?}"))
}

fn compact(debug: &str) -> String {
    let mut text = debug.to_string();
    for usual in [
        "collation: None",
        "opclass: None",
        "opclass_options: {}",
        "descending: false",
        "nulls_first: false",
        "default: None",
        "not_null: None",
        "identity: None",
        "generated: None",
        "storage: None",
        "compression: None",
        "statistics: None",
        "statistics: []",
        "options: {}",
        "inherited: false",
        "persistence: Permanent",
        "columns: []",
        "constraints: []",
        "indexes: []",
        "triggers: []",
        "rules: []",
        "policies: []",
        "partition_by: None",
        "partition_of: None",
        "inherits: []",
        "of_type: None",
        "foreign: None",
        "row_security: RowSecurity { enabled: false, forced: false }",
        "replica_identity: Default",
        "tablespace: None",
        "access_method: None",
        "deferrable: No",
        "valid: true",
        "enforced: true",
        "no_inherit: false",
        "include: []",
        "nulls_not_distinct: false",
        "without_overlaps: false",
        "using_index: None",
        "targets: []",
        "on_delete: NoAction",
        "on_update: NoAction",
        "set_columns: []",
        "match_full: false",
        "period: false",
        "qualifier: None",
        "predicate: None",
        "attached_to: None",
        "clustered: false",
        "not_valid: false",
        "name: None",
        "owned_by: None",
        "cycle: false",
        "cache: 1",
        "star: false",
        "distinct: false",
        "filter: None",
        "over: None",
        "unique: false",
        "alters: []",
    ] {
        // Whole fields only: `cache: 1` is not the beginning of `cache: 10`.
        for (field, left) in [
            (format!(", {usual},"), ","),
            (format!(", {usual} }}"), " }"),
            (format!("{{ {usual}, "), "{ "),
            (format!(" {{ {usual} }}"), ""),
        ] {
            while text.contains(&field) {
                text = text.replace(&field, left);
            }
        }
    }
    let text = text.replace("QName { schema: \"public\", name: ", "{").replace("QName { schema: ", "{");
    text.replace('\\', "")
}
