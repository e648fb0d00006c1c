//! What looks renamed: a thing that goes and one that comes, alike in shape and place. It is only ever a question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::object::{Column, Enum, Object, Table};
use model::{Kind, Name, Path, Schema};

use super::Rename;

/// A rename that shape and place suggest, in the words of the flags that answer for or against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    pub rename: Rename,
    /// `orders.customer`
    pub old: String,
    /// `customer_name`
    pub new: String,
}

/// Half of what their columns say must be the same for two tables to be taken for one.
const ALIKE: f64 = 0.5;

/// The renames that nobody named, but that a reader of both schemas would ask about. `before` has the named ones done.
pub fn likely(before: &Schema, after: &Schema) -> Vec<Likely> {
    let mut found = Vec::new();
    let gone = before.tables().filter(|table| after.table(&table.name).is_none() && table.partition_of.is_none());
    let come: Vec<&Table> =
        after.tables().filter(|table| before.table(&table.name).is_none() && table.partition_of.is_none()).collect();
    let gone: Vec<&Table> = gone.collect();
    let mut scored = Vec::new();
    let common = Common::of(before, after);
    for old in &gone {
        for new in &come {
            let score = common.likeness(old, new);
            if score >= ALIKE {
                scored.push((score, *old, *new));
            }
        }
    }
    for (old, new) in matched(scored) {
        let rename = Rename::Object { from: Path::table(&old.name), to: Path::table(&new.name) };
        found.push(Likely { rename, old: old.name.to_string(), new: new.name.to_string() });
        // Whoever says yes to the table is asked about its columns as well.
        found.extend(columns(old, new));
    }
    for table in before.tables() {
        let Some(wanted) = after.table(&table.name) else { continue };
        found.extend(columns(table, wanted));
    }
    for old in before.enums() {
        if let Some(Object::Enum(new)) = after.object(&Path::object(Kind::Enum, &old.name)) {
            found.extend(values(old, new));
        }
    }
    found
}

/// The best pairs, each side once.
fn matched<'a, T: PartialEq>(mut scored: Vec<(f64, &'a T, &'a T)>) -> Vec<(&'a T, &'a T)> {
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut pairs: Vec<(&T, &T)> = Vec::new();
    for (_, old, new) in scored {
        if !pairs.iter().any(|(known, other)| std::ptr::eq(*known, old) || std::ptr::eq(*other, new)) {
            pairs.push((old, new));
        }
    }
    pairs
}

/// How many tables have each column, by name and type: an `id` says little about whose it is.
struct Common(BTreeMap<(String, String), f64>);

impl Common {
    fn of(before: &Schema, after: &Schema) -> Common {
        let mut counts = BTreeMap::new();
        for schema in [before, after] {
            let mut own: BTreeMap<(String, String), f64> = BTreeMap::new();
            schema.tables().flat_map(shape).for_each(|column| *own.entry(column).or_default() += 1.0);
            for (column, count) in own {
                let known: &mut f64 = counts.entry(column).or_default();
                *known = known.max(count);
            }
        }
        Common(counts)
    }

    /// The share of columns that both have, each with the weight of its rarity.
    fn likeness(&self, old: &Table, new: &Table) -> f64 {
        let weight = |columns: &BTreeSet<(String, String)>| -> f64 {
            columns.iter().map(|column| 1.0 / self.0.get(column).copied().unwrap_or(1.0)).sum()
        };
        let (old, new) = (shape(old).collect::<BTreeSet<_>>(), shape(new).collect::<BTreeSet<_>>());
        let shared = weight(&old.intersection(&new).cloned().collect());
        let most = weight(&old).max(weight(&new));
        if most == 0.0 { 0.0 } else { shared / most }
    }
}

fn shape(table: &Table) -> impl Iterator<Item = (String, String)> {
    table.columns.iter().map(|column| (column.name.to_string(), column.ty.to_string()))
}

fn columns(table: &Table, wanted: &Table) -> Vec<Likely> {
    let gone = table.columns.iter().enumerate().filter(|(_, column)| wanted.column(&column.name).is_none());
    let come: Vec<(usize, &Column)> = wanted
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| table.column(&column.name).is_none())
        .map(|(at, column)| (at, &**column))
        .collect();
    let mut scored = Vec::new();
    for (old_at, old) in gone {
        for (new_at, new) in come.iter().filter(|(_, new)| new.ty == old.ty && !new.inherited) {
            let places = [neighbours(table, old_at, wanted), neighbours(wanted, *new_at, table)];
            // What is added to a table comes at its end: only between the same two a place says something.
            let same_place = places[0] == places[1] && places[0].1.is_some();
            let score = f64::from(u8::from(same_place)) + akin(&old.name, &new.name);
            // Of one type alone there may be many columns: place or name has to say the same.
            if score > 0.0 {
                scored.push((score, &**old, *new));
            }
        }
    }
    let likely = matched(scored).into_iter().map(|(old, new)| Likely {
        rename: Rename::Object {
            from: Path::column(&table.name, old.name.clone()),
            to: Path::column(&table.name, new.name.clone()),
        },
        old: format!("{}.{}", table.name, model::name::quoted(&old.name)),
        new: model::name::quoted(&new.name).into_owned(),
    });
    likely.collect()
}

/// The next columns on both sides that the other table has as well.
fn neighbours<'a>(table: &'a Table, at: usize, other: &Table) -> (Option<&'a Name>, Option<&'a Name>) {
    let stays = |column: &&Arc<Column>| other.column(&column.name).is_some();
    let before = table.columns[..at].iter().rev().find(stays);
    let after = table.columns[at + 1..].iter().find(stays);
    (before.map(|column| &column.name), after.map(|column| &column.name))
}

/// The words of a name, between underscores or by their capitals: `createdAt`, `created_at`.
fn words(name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut small = false;
    for letter in name.chars() {
        let border = letter == '_' || letter.is_uppercase() && small;
        if border && !word.is_empty() {
            words.insert(std::mem::take(&mut word));
        }
        if letter != '_' {
            word.extend(letter.to_lowercase());
        }
        small = letter.is_lowercase();
    }
    if !word.is_empty() {
        words.insert(word);
    }
    words
}

/// How many of the words of two names are the same: `customer` and `customer_name` share one of two.
fn akin(old: &str, new: &str) -> f64 {
    let (old, new) = (words(old), words(new));
    let most = old.len().max(new.len());
    let shared = old.intersection(&new).filter(|word| !["id", "at", "is"].contains(&word.as_str())).count();
    if most == 0 { 0.0 } else { shared as f64 / most as f64 }
}

/// A value that comes where one went.
fn values(old: &Enum, new: &Enum) -> Vec<Likely> {
    if old.values.len() != new.values.len() {
        return Vec::new();
    }
    let pairs = old.values.iter().zip(&new.values);
    let changed = pairs.filter(|(from, to)| !new.values.contains(from) && !old.values.contains(to));
    let likely = changed.map(|(from, to)| Likely {
        rename: Rename::Value { ty: Path::object(Kind::Enum, &old.name), from: from.clone(), to: to.clone() },
        old: format!("{}.{}", old.name, model::name::quoted(from)),
        new: model::name::quoted(to).into_owned(),
    });
    likely.collect()
}
