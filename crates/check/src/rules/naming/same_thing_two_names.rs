use std::collections::{BTreeMap, BTreeSet};

use model::object::{Column, Table};
use model::{Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::renames;
use crate::rule::Check;
use crate::subject::{At, column_path};
use crate::words::{counted, listed};

rule! {
    /// The same thing is spelled in two ways in different tables; choose one spelling.
    ///
    /// `username` here and `user_name` there are the same word with and without a joint. Joins with USING, generic code and
    /// people take the wrong one, and the error names a column that seems to exist. Only names that are equal but for
    /// their joints are compared; the rarer spelling is reported.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, user_name text);
    /// CREATE TABLE sessions (id bigint PRIMARY KEY, user_name text);
    /// CREATE TABLE audits (id bigint PRIMARY KEY, username text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, user_name text);
    /// CREATE TABLE sessions (id bigint PRIMARY KEY, user_name text);
    /// CREATE TABLE audits (id bigint PRIMARY KEY, actor_name text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, set_up boolean);
    /// CREATE TABLE sessions (id bigint PRIMARY KEY, setup text);
    /// ```
    "N012", note, fix, Check::Schema(check)
}

/// The columns of each spelling.
type Spellings<'a> = BTreeMap<&'a Name, Vec<(&'a Table, &'a Column)>>;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    // By what is written when the joints are left out, and by the sort of type: the same word of another type may be
    // another thing. Only names of which some spelling has a joint can differ.
    let plain = |name: &str| name.chars().filter(|char| char.is_alphanumeric()).collect::<String>();
    let sight = findings.sight();
    let is_column = |name: &str| sight.spelling(name).is_some_and(|spelling| spelling.columns > 0);
    let jointed = sight.spellings().iter().filter(|spelling| spelling.columns > 0 && spelling.name.contains('_'));
    let twice: BTreeSet<String> = jointed.map(|spelling| plain(spelling.name)).filter(|name| is_column(name)).collect();
    let mut spellings: BTreeMap<(String, Type), Spellings<'_>> = BTreeMap::new();
    let is_twice = |name: &Name| !twice.is_empty() && twice.contains(&plain(name));
    for At { table, column, .. } in sight.columns_spelled(|spelling| is_twice(spelling.name)) {
        let same = spellings.entry((plain(&column.name), column.ty.without_modifiers())).or_default();
        same.entry(&column.name).or_default().push((table, column));
    }
    for same in spellings.into_values().filter(|same| same.len() > 1) {
        // A project that writes every name in two ways has chosen so; that is a matter of case. A leading underscore
        // sets a name apart on purpose.
        let cased = |name: &&Name| name.contains(char::is_uppercase) || name.starts_with('_');
        if same.keys().any(cased) {
            continue;
        }
        let Some((usual, uses)) = same.iter().max_by_key(|(_, columns)| columns.len()) else { continue };
        for (name, columns) in same.iter().filter(|(name, _)| *name != usual) {
            let Some((first, column)) = columns.first() else { continue };
            let tables = listed(columns.iter().take(3).map(|(table, _)| &table.name));
            let changes =
                columns.iter().flat_map(|(table, column)| renames::part(schema, &column_path(table, column), usual));
            let changes: Vec<_> = changes.collect();
            let draft = findings
                .at(&column_path(first, column), format!("{name} is written {usual} elsewhere"))
                .why(format!("{usual} stands in {}, {name} in {tables}", counted(uses.len(), "table", "tables")));
            if !changes.is_empty() {
                draft.unsafe_fix(format!("rename it to {usual}"), changes);
            }
        }
    }
}
