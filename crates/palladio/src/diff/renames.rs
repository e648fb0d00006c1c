//! Renames that are said: by a flag, or by a note in the target.

use migrate::diff::{self, Rename, UnknownRename};
use model::object::Object;
use model::place::Place;
use model::{Kind, Path, Reading, Schema};

use crate::Failure;

/// The rename of a `--rename old=new`.
pub(super) fn named(before: &Schema, after: &Schema, text: &str) -> Result<Rename, Failure> {
    diff::named(before, after, text).map_err(|error| {
        let failure = Failure::new(error.to_string());
        match error {
            UnknownRename::Malformed(_) => failure
                .hint("--rename orders=purchases · --rename orders.customer=customer_name · --rename status.done=paid"),
            UnknownRename::NoOld(_) | UnknownRename::NoNew(_) => {
                failure.hint("See both sides: palladio inspect SOURCE")
            }
        }
    })
}

/// The rename as a `--rename` says it.
pub(crate) fn said(rename: &Rename) -> String {
    let part = |owner: &dyn std::fmt::Display, part: &str| format!("{owner}.{}", model::name::quoted(part));
    match rename {
        Rename::Object { from, to } if from.kind.is_part() => {
            format!("{}={}", part(&from.qname(), &from.part), model::name::quoted(&to.part))
        }
        Rename::Object { from, to } if from.kind == Kind::Namespace => {
            format!("{}={}", model::name::quoted(&from.name), model::name::quoted(&to.name))
        }
        Rename::Object { from, to } => format!("{}={}", from.qname(), to.qname()),
        Rename::Value { ty, from, to } | Rename::Attribute { ty, from, to } => {
            format!("{}={}", part(&ty.qname(), from), model::name::quoted(to))
        }
    }
}

/// What `type.value=other` says: the rows that have the value go on with another one. Other texts say nothing here.
pub fn value(before: &Schema, after: &Schema, text: &str) -> Option<Rename> {
    diff::named(before, after, text).ok().filter(|rename| matches!(rename, Rename::Value { .. }))
}

/// The renames of the notes `-- palladio: was old`. A note whose old name is gone from the first source was acted on
/// long ago, and says nothing.
pub(super) fn noted(before: &Schema, target: &Reading) -> Vec<Rename> {
    let mut found = Vec::new();
    for former in &target.formers {
        let Some(path) = made_at(target, former.about) else { continue };
        let (old, new) = match path.kind.is_part() {
            // A bare old name is one of the same table, under the name that the table has in the first source.
            true if !former.old.contains('.') => {
                (format!("{}.{}", table_before(before, target, &path), former.old), path.part.to_string())
            }
            true => (former.old.clone(), path.part.to_string()),
            false => (former.old.clone(), path.qname().to_string()),
        };
        let text = format!("{old}={}", quoted(&new, path.kind));
        if let Ok(rename) = diff::named(before, &target.schema, &text) {
            found.push(rename);
        }
    }
    found
}

/// A qualified name is quoted where it has to be already; a part's is not.
fn quoted(name: &str, kind: Kind) -> String {
    if kind.is_part() { model::name::quoted(name).into_owned() } else { name.to_owned() }
}

/// What the table was called, when a note says that as well.
fn table_before(before: &Schema, target: &Reading, part: &Path) -> String {
    let table = part.qname();
    if before.table(&table).is_some() {
        return table.to_string();
    }
    let own = target.formers.iter().find(|former| {
        made_at(target, former.about).is_some_and(|path| path.kind == Kind::Table && path.qname() == table)
    });
    own.map_or_else(|| table.to_string(), |former| former.old.clone())
}

/// The thing that was made at the place: the part whose clause lies inside it, else what the statement makes.
fn made_at(reading: &Reading, about: Place) -> Option<Path> {
    let inside = |place: &Place| place.file == about.file && place.start >= about.start && place.end <= about.end;
    let mut made: Vec<(Path, Place)> = reading
        .places
        .iter()
        .filter_map(|(path, marks)| Some((path, marks.first()?.whole)))
        .filter(|(path, place)| inside(place) && exists(&reading.schema, path))
        .collect();
    // The whole statement first, then what is in it.
    made.sort_by_key(|(path, place)| (path.kind.is_part(), place.start, std::cmp::Reverse(place.end)));
    made.into_iter().map(|(path, _)| path).next()
}

fn exists(schema: &Schema, path: &Path) -> bool {
    schema.contains(path) && !matches!(schema.object(path), Some(Object::Namespace(_)))
}
