use std::collections::BTreeSet;

use model::object::Table;
use model::{Change, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A copy of a table was left behind; drop it.
    ///
    /// `users_old` holds rows that nobody updates, deletes on request or protects: people who asked to be forgotten are still in
    /// it. It takes the room of the original, and sooner or later somebody reads it.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// CREATE TABLE users_backup (id bigint PRIMARY KEY, email text UNIQUE);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE tmp_orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// CREATE TABLE user_backup (id bigint PRIMARY KEY);
    /// CREATE TEMPORARY TABLE tmp_orders (id bigint PRIMARY KEY);
    /// CREATE TABLE device_backups (id bigint PRIMARY KEY);
    /// ```
    "D016", fix, Check::Schema(check)
}

const BEHIND: &[&str] =
    &["_backup", "_bak", "_bck", "_bkp", "_copy", "_old", "_orig", "_tmp", "_temp", "_deprecated", "_unused"];
const BEFORE: &[&str] = &["backup_", "bak_", "copy_of_", "old_", "temp_", "tmp_", "deprecated_", "zz_"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let names: BTreeSet<&QName> = own_tables(schema).map(|table| &table.name).collect();
    let references = findings.sight().references();
    for table in own_tables(schema).filter(|table| table.persistence != model::object::Persistence::Temporary) {
        let name = table.name.name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '_');
        let behind = BEHIND.iter().filter_map(|ending| name.strip_suffix(ending));
        let original = behind.chain(BEFORE.iter().filter_map(|start| name.strip_prefix(start)));
        let original =
            original.map(|original| QName::new(table.name.schema.clone(), original)).find(|name| names.contains(name));
        let Some(original) = original.filter(|original| schema.table(original).is_some_and(|it| is_copy(table, it)))
        else {
            continue;
        };
        let path = Path::table(&table.name);
        let draft = findings
            .at(&path, format!("{} is a copy of {original} that was left behind", table.name))
            .why("what is deleted or corrected in the original stays in it");
        if !references.contains_key(&table.name) {
            draft.unsafe_fix("drop it", vec![Change::drop(path)]);
        }
    }
}

/// Most columns of the original are there: a queue in front of it has others.
fn is_copy(table: &Table, original: &Table) -> bool {
    let shared = original.columns.iter().filter(|column| table.column(&column.name).is_some()).count();
    shared * 4 >= original.columns.len() * 3 && shared * 4 >= table.columns.len() * 3
}
