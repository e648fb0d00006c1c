//! Types that no ALTER brings into their new shape: the old one steps aside, columns go over, and it is dropped.

use std::collections::BTreeSet;

use model::object::{Composite, Enum, Object};
use model::{Change, Kind, Name, Path, Schema};

use super::rename::aside;
use super::ties::Ties;

/// The renames that make room for types that have to be made anew while something uses them.
pub(super) fn set_aside(before: &Schema, now: &Schema, after: &Schema) -> Vec<Change> {
    let mut rebuilt: BTreeSet<&Path> = now
        .objects()
        .filter(|(path, object)| {
            let alters = |wanted| path.kind != Kind::Collation && alters(object, wanted);
            after.object(path).is_some_and(|wanted| *object != wanted && !alters(wanted))
        })
        .map(|(path, _)| path)
        .collect();
    if rebuilt.is_empty() {
        return Vec::new();
    }
    let ties = Ties::of(now);
    // What is made of such a type is made anew with it.
    let mut waiting: Vec<&Path> = rebuilt.iter().copied().collect();
    while let Some(ty) = waiting.pop() {
        let made_of = |holder: &&Path| matches!(holder.kind, Kind::Domain | Kind::Composite | Kind::Range);
        for holder in ties.to(ty).filter(made_of).filter(|holder| after.object(holder).is_some()) {
            if rebuilt.insert(holder) {
                waiting.push(holder);
            }
        }
    }
    let used = rebuilt.into_iter().filter(|path| ties.to(path).next().is_some());
    used.flat_map(|path| with_its_own(before, now, after, path)).collect()
}

/// A range has a multirange type beside it, and both have functions of their names that make them. None of that steps
/// aside by itself, and the new range makes all of it again.
fn with_its_own(before: &Schema, now: &Schema, after: &Schema, path: &Path) -> Vec<Change> {
    let to_aside = |path: &Path| Change::Rename { path: path.clone(), to: aside(now, path) };
    let (Some(Object::Range(range)), Some(Object::Range(wanted))) = (now.object(path), after.object(path)) else {
        return vec![to_aside(path)];
    };
    let multirange = Path::object(Kind::Range, &range.multirange());
    let maker = |ty: &Path, arguments: String| Path::part(Kind::Function, &ty.qname(), arguments);
    let mut steps = vec![maker(&multirange, String::new())];
    // Those that take other types are other functions, and none of them follows a range that is renamed or moved.
    if range.subtype == wanted.subtype && before.contains(path) {
        let bounds = format!("{0}, {0}", range.subtype);
        steps.extend([maker(path, bounds.clone()), maker(path, format!("{bounds}, text"))]);
    }
    steps.extend([path.clone(), multirange]);
    steps.iter().map(to_aside).collect()
}

/// Whether ALTER TYPE or ALTER DOMAIN leads from one to the other. What is no type is not asked.
pub(super) fn alters(now: &Object, wanted: &Object) -> bool {
    match (now, wanted) {
        (Object::Enum(now), Object::Enum(wanted)) => is_grown(now, wanted),
        (Object::Domain(now), Object::Domain(wanted)) => now.base == wanted.base && now.collation == wanted.collation,
        (Object::Composite(now), Object::Composite(wanted)) => is_extended(now, wanted),
        (Object::Range(_), Object::Range(_)) => false,
        _ => true,
    }
}

/// Values can be added anywhere, and never taken away or moved.
fn is_grown(now: &Enum, wanted: &Enum) -> bool {
    let mut rest = wanted.values.iter();
    now.values.iter().all(|value| rest.any(|other| other == value))
}

/// Attributes are added at the end; those that stay keep their order and type.
fn is_extended(now: &Composite, wanted: &Composite) -> bool {
    let names = |ty: &Composite| ty.attributes.iter().map(|attribute| attribute.name.clone()).collect::<Vec<Name>>();
    let (old, new) = (names(now), names(wanted));
    let kept: Vec<&Name> = old.iter().filter(|name| new.contains(name)).collect();
    let same = now.attributes.iter().all(|attribute| {
        let other = wanted.attributes.iter().find(|other| other.name == attribute.name);
        other.is_none_or(|other| other == attribute)
    });
    same && new.iter().take(kept.len()).eq(kept.iter().copied())
}
