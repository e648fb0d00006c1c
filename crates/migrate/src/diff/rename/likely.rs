//! What looks renamed: a thing that goes and one that comes, alike in shape and place. It is only ever a question.

use std::collections::BTreeSet;

use model::object::{Column, Enum, Object, Table};
use model::{Kind, Path, Schema};

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

/// Half of the columns must be the same for two tables to be taken for one.
const ALIKE: f64 = 0.5;

/// The renames that nobody named, but that a reader of both schemas would ask about. `before` has the named ones done.
pub fn likely(before: &Schema, after: &Schema) -> Vec<Likely> {
    let mut found = Vec::new();
    let gone = before.tables().filter(|table| after.table(&table.name).is_none() && table.partition_of.is_none());
    let come: Vec<&Table> =
        after.tables().filter(|table| before.table(&table.name).is_none() && table.partition_of.is_none()).collect();
    let gone: Vec<&Table> = gone.collect();
    let mut scored = Vec::new();
    for old in &gone {
        for new in &come {
            let score = likeness(old, new);
            if score >= ALIKE {
                scored.push((score, *old, *new));
            }
        }
    }
    for (old, new) in matched(scored) {
        let rename = Rename::Object { from: Path::table(&old.name), to: Path::table(&new.name) };
        found.push(Likely { rename, old: old.name.to_string(), new: new.name.to_string() });
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

/// The share of columns that both have, by name and type.
fn likeness(old: &Table, new: &Table) -> f64 {
    let shape = |table: &Table| -> BTreeSet<(String, String)> {
        table.columns.iter().map(|column| (column.name.to_string(), column.ty.to_string())).collect()
    };
    let (old, new) = (shape(old), shape(new));
    let most = old.len().max(new.len());
    if most == 0 { 0.0 } else { old.intersection(&new).count() as f64 / most as f64 }
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
            let same_place = old_at == *new_at && table.columns.len() == wanted.columns.len();
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

/// How many of the words of two names are the same: `customer` and `customer_name` share one of two.
fn akin(old: &str, new: &str) -> f64 {
    let words = |name: &str| name.split('_').map(str::to_lowercase).collect::<BTreeSet<String>>();
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
