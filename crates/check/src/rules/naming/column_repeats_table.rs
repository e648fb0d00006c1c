use model::object::Table;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::nouns::noun;
use crate::renames;
use crate::rule::Check;
use crate::words::{counted, listed};

rule! {
    /// Most columns repeat the name of their table; `users.email` says the same as `users.user_email`.
    ///
    /// Each query becomes longer and says nothing more, and a table that is renamed leaves the old name in every column.
    /// Keys are left alone, as `user_id` is the name by which others refer to the table.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (user_id bigint PRIMARY KEY, user_nick text, user_phone text, user_language text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (user_id bigint PRIMARY KEY, email text, phone text, user_agent text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text, phone text, user_type text);
    /// ```
    "N016", note, fix, opt_in, Check::Table(check)
}

/// A name or two may need the word (`user_agent`, `order_by`); three and half of all are a habit.
const FEWEST: usize = 3;

fn check(schema: &Schema, table: &Table, findings: &mut Findings<'_>) {
    let prefix = noun(&table.name.name).join("_") + "_";
    let own: Vec<_> =
        table.columns.iter().filter(|column| !column.inherited && !column.name.ends_with("_id")).collect();
    let repeating: Vec<_> = own.iter().filter(|column| column.name.starts_with(&prefix)).collect();
    if repeating.len() < FEWEST || repeating.len() * 2 < own.len() {
        return;
    }
    let names = listed(repeating.iter().take(3).map(|column| &column.name));
    let changes: Vec<_> = repeating
        .iter()
        .filter_map(|column| {
            let path = Path::column(&table.name, column.name.clone());
            Some(renames::part(schema, &path, column.name.strip_prefix(&prefix)?))
        })
        .flatten()
        .collect();
    let count = counted(repeating.len(), "column repeats", "columns repeat");
    let draft = findings
        .at(&Path::table(&table.name), format!("{count} the name of {}: {names}", table.name))
        .why("the name of the table stands before them in every query that needs it");
    if !changes.is_empty() {
        draft.unsafe_fix("take the table's name out of them", changes);
    }
}
