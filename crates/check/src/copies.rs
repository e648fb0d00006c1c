//! Columns that repeat what a row they refer to says: `customer_name` beside `customer_id`.

use model::object::{Column, ForeignKey, Table};
use model::{Name, Schema};

use crate::sight::Sight;
use crate::subject::{before_word, keeps_past, own_tables};

/// A column that repeats one of another table.
pub(crate) struct Copy<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: &'a Column,
    /// The reference by which the other row is found.
    pub(crate) key: &'a ForeignKey,
    pub(crate) target: &'a Table,
    pub(crate) original: &'a Name,
}

/// The copies of a schema, by the names and types of columns. Tables that keep the past are left out: they repeat what
/// was on purpose.
pub(crate) fn copies<'a>(schema: &'a Schema, sight: &Sight<'a>) -> Vec<Copy<'a>> {
    let mut found = Vec::new();
    for table in own_tables(schema).filter(|table| !keeps_past(&table.name.name)) {
        for (_, key) in table.foreign_keys() {
            let [reference] = key.columns.as_slice() else { continue };
            let Some(target) = schema.table(&key.table).filter(|target| target.name != table.name) else { continue };
            let words = sight.words(reference);
            let Some(stem) = before_word(&words, "id") else {
                continue;
            };
            let own = table.columns.iter().filter(|column| !column.inherited && column.generated.is_none());
            for column in own.filter(|column| may_begin(&column.name, &stem[0])) {
                let own = sight.words(&column.name);
                let Some(rest) = own.strip_prefix(stem).filter(|rest| !rest.is_empty() && **rest != ["id"]) else {
                    continue;
                };
                let refers = table.foreign_keys().any(|(_, other)| other.columns.contains(&column.name));
                let same = |other: &&std::sync::Arc<Column>| {
                    *sight.words(&other.name) == *rest && other.ty.without_modifiers() == column.ty.without_modifiers()
                };
                if let Some(original) = target.columns.iter().find(same).filter(|_| !refers) {
                    found.push(Copy { table, column, key, target, original: &original.name });
                }
            }
        }
    }
    found
}

/// A look at the first letter spares most names the search for their words.
fn may_begin(name: &str, word: &str) -> bool {
    let first = name.chars().find(|letter| letter.is_alphanumeric());
    first.and_then(|letter| letter.to_lowercase().next()) == word.chars().next()
}
