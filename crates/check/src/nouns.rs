//! What a table is called after, and the table that a name of a column speaks of.

use std::collections::BTreeMap;

use model::object::{ForeignKey, Table};
use model::{Name, QName, Schema};

use crate::inflection::singular;
use crate::subject::{own_tables, words_of};

/// The words of a name with the last in the singular: `order_items` speaks of an `order item`.
pub(crate) fn noun(name: &Name) -> Vec<Name> {
    let mut words = words_of(name);
    if let Some(last) = words.last_mut() {
        *last = singular(last).into();
    }
    words
}

/// Tables by what they are called after.
pub(crate) struct Nouns<'a>(BTreeMap<String, Vec<&'a Table>>);

impl<'a> Nouns<'a> {
    pub(crate) fn of(schema: &'a Schema) -> Nouns<'a> {
        let mut nouns: BTreeMap<String, Vec<&'a Table>> = BTreeMap::new();
        for table in own_tables(schema) {
            nouns.entry(noun(&table.name.name).join(" ")).or_default().push(table);
        }
        Nouns(nouns)
    }

    /// Whether some table is called after these words, whatever stands before them.
    pub(crate) fn any_ends_with(&self, words: &[Name]) -> bool {
        let words = words.join(" ");
        self.0
            .keys()
            .any(|noun| noun.strip_suffix(words.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with(' ')))
    }

    /// The table of these words: in the same schema, or the only one of all.
    pub(crate) fn named(&self, words: &[Name], near: &QName) -> Option<&'a Table> {
        let mut words = words.to_vec();
        let last = words.last_mut()?;
        *last = singular(last).into();
        let found = self.0.get(&words.join(" "))?;
        let here: Vec<&'a Table> = found.iter().copied().filter(|table| table.name.schema == near.schema).collect();
        match (here.as_slice(), found.as_slice()) {
            ([only], _) | ([], [only]) => Some(*only),
            _ => None,
        }
    }
}

/// A foreign key with its table.
#[derive(Clone, Copy)]
pub(crate) struct Reference<'a> {
    pub(crate) table: &'a Table,
    pub(crate) key: &'a ForeignKey,
}

/// The foreign keys that point at each table, partitions left out.
pub(crate) fn references(schema: &Schema) -> BTreeMap<&QName, Vec<Reference<'_>>> {
    let mut found: BTreeMap<&QName, Vec<Reference<'_>>> = BTreeMap::new();
    for table in own_tables(schema) {
        for (_, key) in table.foreign_keys() {
            found.entry(&key.table).or_default().push(Reference { table, key });
        }
    }
    found
}
