//! What is said of things: comments, owners, privileges.

use std::collections::{BTreeMap, BTreeSet};

use model::object::{Grant, Grantee, Object};
use model::schema::Grants;
use model::{Aspect, Change, Kind, Name, Path, Schema};

use super::compare::Difference;
use super::{Owners, Settings};

/// The role that a thing belongs to when nobody says so: the one that makes it.
const NOBODY: Name = Name::new_static("CURRENT_USER");

pub(super) fn compare(now: &Schema, after: &Schema, settings: &Settings, found: &mut Vec<Difference>) {
    let comments = said(now.comments().map(|(path, _)| path), after.comments().map(|(path, _)| path), after);
    for path in comments {
        let (is, wanted) = (now.comment(path), after.comment(path));
        if is != wanted {
            found.push(Difference::new(path, [Change::alter(path.clone(), Aspect::Comment(wanted.cloned()))]));
        }
    }
    let mut changing_hands = BTreeSet::new();
    if settings.owners != Owners::Ignored {
        let owned = said(now.owners().map(|(path, _)| path), after.owners().map(|(path, _)| path), after);
        let compared = |path: &&Path| settings.owners == Owners::All || after.owner(path).is_some();
        for path in owned.into_iter().filter(compared).filter(|path| now.owner(path) != after.owner(path)) {
            // The sequences of a table follow it.
            if !follows_its_table(path, now, after) {
                let owner = after.owner(path).cloned().unwrap_or(NOBODY);
                let owner = Change::alter(path.clone(), Aspect::Owner(owner));
                found.push(Difference::new(path, held_by_owner(now, path).into_iter().chain([owner])));
                changing_hands.insert(path.qname());
            }
        }
    }
    if settings.privileges {
        let none = Grants::default();
        let granted = said(now.grants().map(|(path, _)| path), after.grants().map(|(path, _)| path), after);
        for path in granted {
            let (is, wanted) = (now.grants_on(path).unwrap_or(&none), after.grants_on(path).unwrap_or(&none));
            // What an owner may do needs no grant, so that a new owner is there first.
            if is != wanted && !changing_hands.contains(&path.qname()) {
                found.push(Difference::new(path, privileges(path, is, wanted)));
            }
        }
    }
}

/// What the owner of a relation was granted on its columns would go to the next owner: it is taken away first.
fn held_by_owner(now: &Schema, relation: &Path) -> Vec<Change> {
    let Some(owner) = now.owner(relation) else { return Vec::new() };
    let columns = now
        .grants()
        .filter(|(path, _)| path.kind == Kind::Column && path.qname() == relation.qname() && !relation.kind.is_part());
    let held = columns.flat_map(|(path, grants)| grants.granted.iter().map(move |grant| (path, grant)));
    let of_owner = held.filter(|(_, grant)| matches!(&grant.grantee, Grantee::Role(role) if role == owner));
    let revoke = |(path, grant): (&Path, &Grant)| {
        Change::alter(path.clone(), Aspect::Revoke(Grant { grantable: false, ..grant.clone() }))
    };
    of_owner.map(revoke).collect()
}

/// What one of the two speaks of. What goes away takes along what is said of it.
fn said<'a>(
    now: impl Iterator<Item = &'a Path>,
    after: impl Iterator<Item = &'a Path>,
    wanted: &Schema,
) -> BTreeSet<&'a Path> {
    now.filter(|path| stays(wanted, path)).chain(after).collect()
}

fn stays(after: &Schema, path: &Path) -> bool {
    let owner = path.qname();
    match path.kind {
        Kind::Role | Kind::Database | Kind::Tablespace | Kind::Language => true,
        Kind::Index => after.contains(path) || after.contains(&Path { kind: Kind::Constraint, ..path.clone() }),
        // Checks of domains and attributes of composite types are no parts with a path of their own.
        Kind::Constraint | Kind::Column => {
            after.contains(path) || after.type_path(&owner).is_some_and(|ty| ty.kind != Kind::Table)
        }
        _ => after.contains(path),
    }
}

/// A sequence of a column, which changes hands with the table.
fn follows_its_table(path: &Path, now: &Schema, after: &Schema) -> bool {
    let table = |schema: &Schema| match schema.object(path) {
        Some(Object::Sequence(sequence)) => sequence.owned_by.as_ref().map(|(table, _)| table.clone()),
        _ => None,
    };
    let Some(wanted) = table(after) else { return false };
    table(now).as_ref() == Some(&wanted) && after.owner(&Path::table(&wanted)) == after.owner(path)
}

type Held = BTreeMap<(Grantee, bool), BTreeSet<Name>>;

/// What is to be taken away, then what is to be given.
fn privileges(path: &Path, is: &Grants, wanted: &Grants) -> Vec<Change> {
    let mut changes = Vec::new();
    let (held, to_hold) = (by_grantee(&is.granted), by_grantee(&wanted.granted));
    let (lost, to_lose) = (by_grantee(&is.revoked), by_grantee(&wanted.revoked));
    let mut revoke = |grant| changes.push(Change::alter(path.clone(), Aspect::Revoke(grant)));
    // The option alone cannot be the difference of a plain privilege: both go, and the plain one comes back.
    missing_from(&held, &to_hold).map(|grant| Grant { grantable: false, ..grant }).for_each(&mut revoke);
    missing_from(&to_lose, &lost).for_each(&mut revoke);
    let mut grant = |grant| changes.push(Change::alter(path.clone(), Aspect::Grant(grant)));
    missing_from(&lost, &to_lose).for_each(&mut grant);
    missing_from(&to_hold, &held).for_each(&mut grant);
    changes
}

fn by_grantee(grants: &[Grant]) -> Held {
    let mut held = Held::new();
    for grant in grants {
        held.entry((grant.grantee.clone(), grant.grantable)).or_default().extend(grant.privileges.iter().cloned());
    }
    held
}

/// What the first holds and the second does not.
fn missing_from<'a>(first: &'a Held, second: &'a Held) -> impl Iterator<Item = Grant> + 'a {
    first.iter().filter_map(|((grantee, grantable), privileges)| {
        let other = second.get(&(grantee.clone(), *grantable));
        let all = Name::new_static("ALL");
        let left: BTreeSet<Name> = match other {
            Some(other) if other.contains(&all) => BTreeSet::new(),
            Some(other) if !privileges.contains(&all) => privileges.difference(other).cloned().collect(),
            Some(other) if other == privileges => BTreeSet::new(),
            _ => privileges.clone(),
        };
        (!left.is_empty()).then(|| Grant { grantee: grantee.clone(), privileges: left, grantable: *grantable })
    })
}
