//! What several rules ask of a schema.

use std::sync::Arc;

use model::object::{Column, Constraint, Persistence, Table};
use model::{Name, Path, QName, Schema};

use crate::sight::Spelling;

/// Tables that speak for themselves: a partition repeats its parent, and a temporary one is gone with its session.
pub(crate) fn own_tables(schema: &Schema) -> impl Iterator<Item = &Table> {
    schema.tables().filter(|table| table.partition_of.is_none() && table.persistence != Persistence::Temporary)
}

/// Columns that a statement about their own table made; inherited ones are judged at the parent.
pub(crate) fn own_columns(schema: &Schema) -> impl Iterator<Item = (&Table, &Column)> {
    own_tables(schema).flat_map(|table| own_columns_of(table).map(move |column| (table, column)))
}

/// Those of one table; a foreign table has none of its own.
pub(crate) fn own_columns_of(table: &Table) -> impl Iterator<Item = &Column> {
    let own = |column: &&Arc<Column>| !column.inherited && table.foreign.is_none();
    table.columns.iter().filter(own).map(|column| &**column)
}

/// A column of a table, with the words of its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: &'a Column,
    pub(crate) words: &'a [Name],
    pub(crate) spelling: &'a Spelling<'a>,
}

/// Constraints that a statement about their own table made.
pub(crate) fn own_constraints(schema: &Schema) -> impl Iterator<Item = (&Table, &Constraint)> {
    schema.tables().flat_map(|table| {
        table.constraints.iter().filter(|constraint| !constraint.inherited).map(move |constraint| (table, constraint))
    })
}

/// Neither the column nor its domain refuses NULL.
pub(crate) fn may_be_null(schema: &Schema, column: &Column) -> bool {
    let domain = column.ty.user_defined().and_then(|name| schema.domains().find(|domain| domain.name == *name));
    column.is_nullable() && domain.is_none_or(|domain| domain.not_null.is_none())
}

/// The sequence that fills a `serial` column: it belongs to the column, and the default takes the next value of it.
pub(crate) fn serial_sequence<'a>(schema: &'a Schema, table: &Table, column: &Column) -> Option<&'a QName> {
    let default = column.default.as_ref()?.to_string();
    if !default.starts_with("nextval(") {
        return None;
    }
    // A column may own a sequence that it no longer draws from.
    let owned = schema.sequences().find(|sequence| {
        let owner = sequence.owned_by.as_ref();
        owner.is_some_and(|(owner, name)| *owner == table.name && *name == column.name)
            && default.contains(sequence.name.name.as_str())
    })?;
    Some(&owned.name)
}

pub(crate) fn column_path(table: &Table, column: &Column) -> Path {
    Path::column(&table.name, column.name.clone())
}

/// Words for tables that keep what was, also about rows that are gone.
const KEEPERS: &[&str] = &[
    "archive",
    "archived",
    "archives",
    "audit",
    "audits",
    "backup",
    "event",
    "events",
    "history",
    "import",
    "imports",
    "log",
    "logs",
    "olap",
    "outbox",
    "queue",
    "snapshot",
    "snapshots",
    "staging",
    "stats",
    "temp",
    "tmp",
    "trace",
    "traces",
    "version",
    "versions",
];

/// The table keeps what was, by its name: it may speak of rows that are gone, and repeat what others hold.
pub(crate) fn keeps_past(table: &Name) -> bool {
    words_of(table).iter().any(|word| KEEPERS.contains(&word.as_str()))
}

/// The words of a snake_case or camelCase name, in lower case.
pub(crate) fn words_of(name: &Name) -> Vec<Name> {
    // Most names are in small letters; their words are slices of them.
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return name.split('_').filter(|word| !word.is_empty()).map(Name::new).collect();
    }
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for (at, char) in name.char_indices() {
        let mut rest = name[at + char.len_utf8()..].chars();
        // `APIToken` is an API token, and `userIDs` are IDs of users.
        let begins = rest.next().is_some_and(|next| next.is_lowercase() && !(next == 's' && rest.next().is_none()));
        if !char.is_alphanumeric() || (char.is_uppercase() && (was_lower || begins)) {
            words.push(String::new());
        }
        if char.is_alphanumeric() {
            words.last_mut().expect("the list starts with a word").extend(char.to_lowercase());
        }
        was_lower = char.is_lowercase() || char.is_ascii_digit();
    }
    words.into_iter().filter(|word| !word.is_empty()).map(Name::from).collect()
}

/// What the name says before this last word, if it ends in it and says something before: `user` of `user_id`.
pub(crate) fn before_word<'a>(words: &'a [Name], last: &str) -> Option<&'a [Name]> {
    let (word, before) = words.split_last()?;
    (word == last && !before.is_empty()).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_words() {
        assert_eq!(words_of(&"unit_price".into()), ["unit", "price"]);
        assert_eq!(words_of(&"unitPrice2".into()), ["unit", "price2"]);
        assert_eq!(words_of(&"ID".into()), ["id"]);
        assert_eq!(words_of(&"APIToken".into()), ["api", "token"]);
        assert_eq!(words_of(&"userIDs".into()), ["user", "ids"]);
    }
}
