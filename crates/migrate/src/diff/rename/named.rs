//! `old=new` as people write it: which thing is meant, and what it is called from now on.

use model::object::Object;
use model::{Kind, Name, Path, QName, Schema};

use super::Rename;

/// Why a rename cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownRename {
    #[error("`{0}` is no rename; it is written old=new")]
    Malformed(String),
    #[error("nothing is called {0} before the change")]
    NoOld(String),
    #[error("nothing is called {0} after the change")]
    NoNew(String),
}

/// The rename that `old=new` means. The old name may be a table, `table.column`, `type.value`, a constraint, an index,
/// a function, a schema, each with its schema before it; the new one is the last word of it, or all of it.
pub fn named(before: &Schema, after: &Schema, text: &str) -> Result<Rename, UnknownRename> {
    let malformed = || UnknownRename::Malformed(text.to_owned());
    let (old, new) = text.split_once('=').ok_or_else(malformed)?;
    let (old_words, new_words) = (words(old).ok_or_else(malformed)?, words(new).ok_or_else(malformed)?);
    let found = meant(before, &old_words);
    let Some(first) = found.first() else { return Err(UnknownRename::NoOld(old.trim().to_owned())) };
    // Words before the last repeat where the thing is, or say the new schema.
    let new = new_words.last().cloned().unwrap_or_default();
    let Some(thing) = found.iter().find(|thing| exists(after, thing, &new)) else {
        return Err(UnknownRename::NoNew(shown(first, &new_words)));
    };
    match thing {
        Thing::Object(from) => {
            let to = match new_words.as_slice() {
                _ if from.kind.is_part() => Path { part: new, ..from.clone() },
                [schema, name] => Path { schema: schema.clone(), name: name.clone(), ..from.clone() },
                _ if from.kind == Kind::Namespace => Path::global(Kind::Namespace, new),
                _ => Path { name: new, ..from.clone() },
            };
            Ok(Rename::Object { from: from.clone(), to })
        }
        Thing::Value(ty, from) => Ok(Rename::Value { ty: ty.clone(), from: from.clone(), to: new }),
        Thing::Attribute(ty, from) => Ok(Rename::Attribute { ty: ty.clone(), from: from.clone(), to: new }),
    }
}

enum Thing {
    Object(Path),
    Value(Path, Name),
    Attribute(Path, Name),
}

fn shown(thing: &Thing, new: &[Name]) -> String {
    let new = new.last().map_or("", |name| name.as_str());
    match thing {
        Thing::Object(path) if path.kind.is_part() => format!("{}.{new}", path.qname()),
        Thing::Object(_) => new.to_owned(),
        Thing::Value(ty, _) | Thing::Attribute(ty, _) => format!("{ty}.{new}"),
    }
}

/// Whether the new name is there. The table of a part may have a new name too, so that only its last word can be asked
/// for then.
fn exists(after: &Schema, thing: &Thing, new: &Name) -> bool {
    match thing {
        Thing::Object(path) if path.kind.is_part() => {
            let renamed = Path { part: new.clone(), ..path.clone() };
            after.contains(&renamed) || after.table(&path.qname()).is_none()
        }
        Thing::Object(path) => after.objects().any(|(other, _)| other.kind == path.kind && other.name == *new),
        Thing::Value(ty, _) => match after.object(ty) {
            Some(Object::Enum(wanted)) => wanted.values.contains(new),
            _ => true,
        },
        Thing::Attribute(ty, _) => match after.object(ty) {
            Some(Object::Composite(wanted)) => wanted.attributes.iter().any(|attribute| attribute.name == *new),
            _ => true,
        },
    }
}

/// Everything that these words may mean, the likeliest first.
fn meant(schema: &Schema, words: &[Name]) -> Vec<Thing> {
    let mut found = Vec::new();
    match words {
        [name] => {
            for (path, _) in schema.objects().filter(|(path, _)| path.name == *name) {
                found.push(Thing::Object(path.clone()));
            }
            // An index or a constraint may be named without its table.
            for table in schema.tables() {
                let constraint = table.constraint(name).map(|_| Path::constraint(&table.name, name.clone()));
                let index = table.index(name).map(|_| Path::index(&table.name, name.clone()));
                found.extend(constraint.into_iter().chain(index).map(Thing::Object));
            }
        }
        [first, last] => {
            for (path, _) in schema.objects().filter(|(path, _)| path.schema == *first && path.name == *last) {
                found.push(Thing::Object(path.clone()));
            }
            for (path, object) in schema.objects().filter(|(path, _)| path.name == *first) {
                found.extend(part(schema, path, object, last));
            }
        }
        [namespace, name, last] => {
            let owner = QName::new(namespace.clone(), name.clone());
            for (path, object) in schema.objects().filter(|(path, _)| path.qname() == owner) {
                found.extend(part(schema, path, object, last));
            }
        }
        _ => {}
    }
    found
}

fn part(schema: &Schema, path: &Path, object: &Object, name: &Name) -> Vec<Thing> {
    match object {
        Object::Enum(ty) if ty.values.contains(name) => vec![Thing::Value(path.clone(), name.clone())],
        Object::Composite(ty) if ty.attributes.iter().any(|attribute| attribute.name == *name) => {
            vec![Thing::Attribute(path.clone(), name.clone())]
        }
        _ => {
            let kinds =
                [Kind::Column, Kind::Constraint, Kind::Index, Kind::Trigger, Kind::Rule, Kind::Policy].into_iter();
            let parts = kinds.map(|kind| Path::part(kind, &path.qname(), name.clone()));
            parts.filter(|part| schema.contains(part)).map(Thing::Object).collect()
        }
    }
}

/// The identifiers between the dots, folded unless quoted.
fn words(text: &str) -> Option<Vec<Name>> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    loop {
        let (word, after) = match rest.strip_prefix('"') {
            Some(inside) => {
                let end = inside.find('"')?;
                (Name::from(&inside[..end]), &inside[end + 1..])
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (Name::from(rest[..end].trim().to_lowercase()), &rest[end..])
            }
        };
        if word.is_empty() {
            return None;
        }
        words.push(word);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(words),
            None => return None,
        }
    }
}
