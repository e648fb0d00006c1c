//! An object that is there before and after, and is not the same: which ALTERs lead over, or that it is made anew.

use model::change::Aspect;
use model::dialect::Version;
use model::object::{Composite, Domain, Enum, EventTrigger, Named, Object, Publication, Routine, Sequence, Statistics};
use model::{Change, Name, Path, Schema};

use super::compare::Difference;
use super::{Rename, parts, types, views};

/// The two schemas around an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) now: &'a Schema,
    pub(super) after: &'a Schema,
    pub(super) version: Version,
    pub(super) renames: &'a [Rename],
}

pub(super) fn object(pair: Pair<'_>, path: &Path, now: &Object, wanted: &Object, found: &mut Vec<Difference>) {
    let changes = match (now, wanted) {
        (Object::Table(now), Object::Table(wanted)) => return parts::table(pair, path, now, wanted, found),
        (Object::View(now), Object::View(wanted)) => return views::view(pair, path, now, wanted, found),
        (Object::Sequence(now), Object::Sequence(wanted)) => sequence(pair, path, now, wanted),
        _ if !types::alters(now, wanted) => anew(path, wanted),
        (Object::Enum(now), Object::Enum(wanted)) => values(path, now, wanted),
        (Object::Domain(now), Object::Domain(wanted)) => domain(path, now, wanted),
        (Object::Composite(now), Object::Composite(wanted)) => attributes(path, now, wanted),
        (Object::Routine(now), Object::Routine(new)) if replaces(now, new) => {
            vec![Change::Replace { path: path.clone(), object: wanted.clone() }]
        }
        (Object::EventTrigger(now), Object::EventTrigger(new)) if same_but_enabled(now, new) => {
            vec![Change::alter(path.clone(), Aspect::Enabled(new.enabled))]
        }
        (Object::Statistics(now), Object::Statistics(new)) if same_but_target(now, new) => {
            vec![Change::alter(path.clone(), Aspect::StatisticsTarget(new.target))]
        }
        (Object::Publication(now), Object::Publication(new)) if now.all_tables == new.all_tables => {
            vec![Change::alter(path.clone(), Aspect::Publication(Box::new(Publication::clone(new))))]
        }
        (Object::Extension(now), Object::Extension(new)) => extension(path, now, new),
        (Object::Role(_), Object::Role(new)) => vec![Change::alter(path.clone(), Aspect::Role(Box::new(new.clone())))],
        (Object::Named(now), Object::Named(new)) if is_longer(now, new) => {
            let more = new.alters[now.alters.len()..].iter();
            more.map(|sql| Change::alter(path.clone(), Aspect::Other(sql.clone()))).collect()
        }
        _ => anew(path, wanted),
    };
    found.push(Difference::new(path, changes));
}

/// The old one goes, and the new one comes under its name.
pub(super) fn anew(path: &Path, wanted: &Object) -> Vec<Change> {
    vec![Change::drop(path.clone()), Change::Create { path: path.clone(), object: wanted.clone() }]
}

fn sequence(pair: Pair<'_>, path: &Path, now: &Sequence, wanted: &Sequence) -> Vec<Change> {
    let mut reachable = wanted.clone();
    // The column that it belongs to may come in this round; the next one sees it.
    let there = |owner: &(model::QName, Name)| pair.now.column(&owner.0, &owner.1).is_some();
    if !wanted.owned_by.as_ref().is_none_or(there) {
        reachable.owned_by.clone_from(&now.owned_by);
    }
    if reachable == *now {
        // Nothing yet, but it is not alike either: the column's own difference is still to come.
        return Vec::new();
    }
    vec![Change::alter(path.clone(), Aspect::Sequence(Box::new(reachable)))]
}

/// New values, each beside a neighbour that is there by then.
fn values(path: &Path, now: &Enum, wanted: &Enum) -> Vec<Change> {
    let mut known = now.values.clone();
    let mut changes = Vec::new();
    for (at, value) in wanted.values.iter().enumerate() {
        if known.contains(value) {
            continue;
        }
        let after = at.checked_sub(1).map(|before| wanted.values[before].clone());
        let before = if after.is_none() { known.first().cloned() } else { None };
        // At the end it needs no neighbour.
        let last = after.as_ref() == known.last();
        let position =
            after.as_ref().map_or(0, |after| known.iter().position(|own| own == after).map_or(0, |at| at + 1));
        known.insert(position, value.clone());
        let after = after.filter(|_| !last);
        changes.push(Change::alter(path.clone(), Aspect::AddValue { value: value.clone(), before, after }));
    }
    changes
}

fn domain(path: &Path, now: &Domain, wanted: &Domain) -> Vec<Change> {
    let mut aspects = Vec::new();
    if now.default != wanted.default {
        aspects.push(Aspect::Default(wanted.default.clone()));
    }
    for check in &now.checks {
        let new = wanted.checks.iter().find(|other| other.name == check.name);
        let validated = new.is_some_and(|new| new.expr == check.expr && new.valid && !check.valid);
        match new {
            Some(new) if new == check => {}
            Some(_) if validated => aspects.push(Aspect::ValidateDomainCheck(check.name.clone())),
            _ => aspects.push(Aspect::DropDomainCheck(check.name.clone())),
        }
        if let Some(new) = new.filter(|new| *new != check && !validated) {
            aspects.push(Aspect::AddDomainCheck(new.clone()));
        }
    }
    for check in wanted.checks.iter().filter(|check| now.checks.iter().all(|own| own.name != check.name)) {
        aspects.push(Aspect::AddDomainCheck(check.clone()));
    }
    if parts::chosen(now.not_null.as_ref()) != parts::chosen(wanted.not_null.as_ref()) {
        let gone = (now.not_null.is_some() && wanted.not_null.is_some()).then_some(Aspect::NotNull(None));
        aspects.extend(gone.into_iter().chain([Aspect::NotNull(wanted.not_null.clone())]));
    }
    aspects.into_iter().map(|aspect| Change::alter(path.clone(), aspect)).collect()
}

fn attributes(path: &Path, now: &Composite, wanted: &Composite) -> Vec<Change> {
    let has = |ty: &Composite, name: &Name| ty.attributes.iter().any(|attribute| attribute.name == *name);
    let gone = now.attributes.iter().filter(|own| !has(wanted, &own.name));
    let gone = gone.map(|own| Aspect::DropAttribute(own.name.clone()));
    let come = wanted.attributes.iter().filter(|own| !has(now, &own.name));
    let come = come.map(|own| Aspect::AddAttribute(own.clone()));
    gone.chain(come).map(|aspect| Change::alter(path.clone(), aspect)).collect()
}

/// Whether CREATE OR REPLACE takes it: callers were compiled for the kind, the result, and the names and defaults of
/// the arguments.
fn replaces(now: &Routine, new: &Routine) -> bool {
    let same = now.arguments.len() == new.arguments.len()
        && now.arguments.iter().zip(&new.arguments).all(|(old, new)| {
            old.mode == new.mode
                && old.ty == new.ty
                && (old.name == new.name || old.name.is_none())
                && (old.default.is_none() || new.default.is_some())
        });
    same && now.kind == new.kind && now.returns == new.returns
}

fn same_but_enabled(now: &EventTrigger, new: &EventTrigger) -> bool {
    EventTrigger { enabled: new.enabled, ..now.clone() } == *new
}

fn same_but_target(now: &Statistics, new: &Statistics) -> bool {
    Statistics { target: new.target, ..now.clone() } == *new
}

fn extension(path: &Path, now: &model::object::Extension, new: &model::object::Extension) -> Vec<Change> {
    let moved = new.schema.as_ref().filter(|schema| now.schema.as_ref() != Some(schema));
    let moved = moved.map(|schema| Change::Move { path: path.clone(), to: schema.clone() });
    let version = new.version.as_ref().filter(|version| now.version.as_ref() != Some(version));
    let version = version.map(|version| Change::alter(path.clone(), Aspect::Version(Some(version.clone()))));
    moved.into_iter().chain(version).collect()
}

fn is_longer(now: &Named, new: &Named) -> bool {
    now.create == new.create && new.alters.starts_with(&now.alters)
}
