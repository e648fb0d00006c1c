//! GRANT and REVOKE: what is left of all of them, against what everybody has by default.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::work::{Outcome, Work};
use crate::name::{Name, PUBLIC};
use crate::object::{DefaultPrivileges, Grant, Grantee, Object};
use crate::path::{Kind, Path};
use crate::schema::Grants;

pub(super) fn grant(work: &mut Work, path: &Path, grant: &Grant) {
    let owner = work.schema.owner(path).cloned();
    let mut grants = work.schema.grants.get(path).map(|grants| (**grants).clone()).unwrap_or_default();
    let privileges = expanded(path.kind, &grant.privileges);
    take(path.kind, &mut grants.revoked, &grant.grantee, &privileges);
    let default = defaults(path, owner.as_ref(), &grant.grantee);
    let new: BTreeSet<Name> = privileges.difference(&default.kept).cloned().collect();
    give(path.kind, &mut grants.granted, grant, new);
    store(work, path, grants);
}

pub(super) fn revoke(work: &mut Work, path: &Path, grant: &Grant) {
    let owner = work.schema.owner(path).cloned();
    let mut grants = work.schema.grants.get(path).map(|grants| (**grants).clone()).unwrap_or_default();
    let privileges = expanded(path.kind, &grant.privileges);
    withdraw(path.kind, &mut grants.granted, grant, &privileges);
    if !grant.grantable {
        let default = defaults(path, owner.as_ref(), &grant.grantee);
        let lost = privileges.intersection(&default.recorded).cloned().collect();
        add(path.kind, &mut grants.revoked, &grant.grantee, false, lost);
    }
    store(work, path, grants);
    // What is revoked from a table is revoked from its columns (REVOKE).
    if matches!(path.kind, Kind::Table | Kind::View | Kind::MaterializedView) {
        let first = Path { kind: Kind::Column, part: Name::default(), ..path.clone() };
        let columns = work.schema.grants.range(first..).map(|(column, _)| column).take_while(|column| {
            column.kind == Kind::Column && column.schema == path.schema && column.name == path.name
        });
        for column in columns.cloned().collect::<Vec<_>>() {
            let Some(grants) = work.schema.grants.get(&column) else { continue };
            let mut grants = (**grants).clone();
            withdraw(column.kind, &mut grants.granted, grant, &privileges);
            store(work, &column, grants);
        }
    }
}

/// What was granted to a role, and taken from it, is no longer worth telling when it becomes the owner. Columns have
/// no owner of their own, and keep what is said of them; what the former owner held there the new one holds
/// (`aclnewowner`).
pub(super) fn owned(work: &mut Work, path: &Path, former: Option<&Name>, owner: &Name) {
    if let Some(former) = former.filter(|former| *former != owner) {
        for column in columns_granted_to(work, path, former) {
            hand_over(work, &column, former, owner);
        }
    }
    let Some(grants) = work.schema.grants.get(path) else { return };
    let of_owner = |grant: &Grant| matches!(&grant.grantee, Grantee::Role(role) if role == owner);
    let mut grants = (**grants).clone();
    grants.granted.retain(|grant| !of_owner(grant));
    grants.revoked.retain(|grant| !of_owner(grant));
    store(work, path, grants);
}

fn columns_granted_to(work: &Work, relation: &Path, role: &Name) -> Vec<Path> {
    let first = Path { kind: Kind::Column, part: Name::default(), ..relation.clone() };
    let columns = work.schema.grants.range(first..).take_while(|(path, _)| {
        path.kind == Kind::Column && path.schema == relation.schema && path.name == relation.name
    });
    let held = |grants: &Grants| {
        grants.granted.iter().any(|grant| matches!(&grant.grantee, Grantee::Role(own) if own == role))
    };
    columns.filter(|(_, grants)| held(grants)).map(|(path, _)| path.clone()).collect()
}

fn hand_over(work: &mut Work, column: &Path, former: &Name, owner: &Name) {
    let Some(grants) = work.schema.grants.get(column) else { return };
    let mut grants = (**grants).clone();
    let of_former = |grant: &Grant| matches!(&grant.grantee, Grantee::Role(role) if role == former);
    let (lost, kept) = std::mem::take(&mut grants.granted).into_iter().partition(of_former);
    grants.granted = kept;
    let lost: Vec<Grant> = lost;
    for grant in lost {
        let privileges = expanded(column.kind, &grant.privileges);
        let given = Grant { grantee: Grantee::Role(owner.clone()), ..grant };
        give(column.kind, &mut grants.granted, &given, privileges);
    }
    store(work, column, grants);
}

/// What `ALTER DEFAULT PRIVILEGES` of whoever runs the statement says of a thing that was just made.
pub(super) fn by_default(work: &mut Work, path: &Path) {
    let kind = match path.kind {
        Kind::View | Kind::MaterializedView => Kind::Table,
        Kind::Procedure | Kind::Aggregate => Kind::Function,
        Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range => Kind::BaseType,
        kind => kind,
    };
    let said = work.schema.of_kind(Kind::DefaultPrivileges).filter_map(|object| match object {
        Object::DefaultPrivileges(defaults) => Some(defaults),
        _ => None,
    });
    let said = said.filter(|defaults| {
        let here = defaults.schema.as_ref().is_none_or(|schema| *schema == path.schema);
        defaults.objects == kind && defaults.role.is_none() && here
    });
    for defaults in said.cloned().collect::<Vec<_>>() {
        defaults.revoked.iter().for_each(|lost| revoke(work, path, lost));
        defaults.granted.iter().for_each(|given| grant(work, path, given));
    }
}

/// A later `ALTER DEFAULT PRIVILEGES` for the same role, schema and kind adds to the earlier ones.
pub(super) fn merge_default_privileges(work: &mut Work, path: &Path, new: &DefaultPrivileges) -> Outcome {
    let Some(Object::DefaultPrivileges(known)) = work.schema.objects.get(path) else {
        let first = without_usual(canonical(new));
        if says_something(&first) {
            work.schema.objects.insert_mut(path.clone(), Object::DefaultPrivileges(first));
            work.created(path.clone());
        }
        return Ok(());
    };
    let mut merged = known.clone();
    let kind = new.objects;
    for grant in &new.revoked {
        let privileges = expanded(kind, &grant.privileges);
        let had = holds(kind, &merged.granted, &grant.grantee, &privileges);
        withdraw(kind, &mut merged.granted, grant, &privileges);
        if !grant.grantable && !had {
            add(kind, &mut merged.revoked, &grant.grantee, false, privileges);
        }
    }
    for grant in &new.granted {
        let privileges = expanded(kind, &grant.privileges);
        take(kind, &mut merged.revoked, &grant.grantee, &privileges);
        give(kind, &mut merged.granted, grant, privileges);
    }
    let merged = without_usual(merged);
    match says_something(&merged) {
        true => work.schema.objects.insert_mut(path.clone(), Object::DefaultPrivileges(merged)),
        false => {
            work.schema.objects.remove_mut(path);
        }
    }
    work.altered(path.clone());
    Ok(())
}

/// Without what everybody may do anyway: to grant that says nothing.
fn without_usual(mut said: DefaultPrivileges) -> DefaultPrivileges {
    if said.schema.is_none() {
        let path = Path::global(said.objects, "");
        for grant in said.granted.iter_mut().filter(|grant| !grant.grantable) {
            let usual = defaults(&path, None, &grant.grantee).kept;
            let beyond = expanded(said.objects, &grant.privileges).difference(&usual).cloned().collect();
            grant.privileges = contracted(said.objects, beyond);
        }
        said.granted.retain(|grant| !grant.privileges.is_empty());
    }
    said
}

fn says_something(said: &DefaultPrivileges) -> bool {
    !said.granted.is_empty() || !said.revoked.is_empty()
}

fn canonical(given: &DefaultPrivileges) -> DefaultPrivileges {
    let mut result = DefaultPrivileges { granted: Vec::new(), revoked: Vec::new(), ..given.clone() };
    for grant in &given.granted {
        give(given.objects, &mut result.granted, grant, expanded(given.objects, &grant.privileges));
    }
    for grant in &given.revoked {
        let privileges = expanded(given.objects, &grant.privileges);
        add(given.objects, &mut result.revoked, &grant.grantee, grant.grantable, privileges);
    }
    result
}

fn store(work: &mut Work, path: &Path, grants: Grants) {
    if grants.granted.is_empty() && grants.revoked.is_empty() {
        work.schema.grants.remove_mut(path);
    } else {
        work.schema.grants.insert_mut(path.clone(), Arc::new(grants));
    }
    work.altered(path.clone());
}

/// Adds privileges to what the grantee holds. With the grant option they hold the plain privilege too.
fn give(kind: Kind, list: &mut Vec<Grant>, grant: &Grant, mut privileges: BTreeSet<Name>) {
    if grant.grantable {
        remove(kind, list, &grant.grantee, false, &privileges);
    } else {
        let with_option = list.iter().find(|other| other.grantable && other.grantee == grant.grantee);
        if let Some(held) = with_option.map(|held| expanded(kind, &held.privileges)) {
            privileges.retain(|privilege| !held.contains(privilege));
        }
    }
    add(kind, list, &grant.grantee, grant.grantable, privileges);
}

/// Takes privileges away, or only the option to grant them.
fn withdraw(kind: Kind, list: &mut Vec<Grant>, grant: &Grant, privileges: &BTreeSet<Name>) {
    let lost = remove(kind, list, &grant.grantee, true, privileges);
    if grant.grantable {
        add(kind, list, &grant.grantee, false, lost);
    } else {
        remove(kind, list, &grant.grantee, false, privileges);
    }
}

fn take(kind: Kind, list: &mut Vec<Grant>, grantee: &Grantee, privileges: &BTreeSet<Name>) {
    remove(kind, list, grantee, false, privileges);
    remove(kind, list, grantee, true, privileges);
}

fn holds(kind: Kind, list: &[Grant], grantee: &Grantee, privileges: &BTreeSet<Name>) -> bool {
    let of_grantee = list.iter().filter(|grant| grant.grantee == *grantee);
    of_grantee.into_iter().any(|grant| !expanded(kind, &grant.privileges).is_disjoint(privileges))
}

/// Keeps the list sorted, with one entry for each grantee and option.
fn add(kind: Kind, list: &mut Vec<Grant>, grantee: &Grantee, grantable: bool, privileges: BTreeSet<Name>) {
    if privileges.is_empty() {
        return;
    }
    match list.iter_mut().find(|grant| grant.grantee == *grantee && grant.grantable == grantable) {
        Some(grant) => {
            let mut all = expanded(kind, &grant.privileges);
            all.extend(privileges);
            grant.privileges = contracted(kind, all);
        }
        None => {
            let privileges = contracted(kind, privileges);
            list.push(Grant { grantee: grantee.clone(), privileges, grantable });
        }
    }
    list.sort();
}

/// Gives back what was really there.
fn remove(
    kind: Kind,
    list: &mut Vec<Grant>,
    grantee: &Grantee,
    grantable: bool,
    privileges: &BTreeSet<Name>,
) -> BTreeSet<Name> {
    let position = list.iter().position(|grant| grant.grantee == *grantee && grant.grantable == grantable);
    let Some(position) = position else { return BTreeSet::new() };
    let held = expanded(kind, &list[position].privileges);
    let kept: BTreeSet<Name> = held.difference(privileges).cloned().collect();
    if kept.is_empty() {
        list.remove(position);
    } else {
        list[position].privileges = contracted(kind, kept);
        list.sort();
    }
    held.intersection(privileges).cloned().collect()
}

/// `ALL` as the privileges that the kind has.
fn expanded(kind: Kind, privileges: &BTreeSet<Name>) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    for privilege in privileges {
        match privilege.as_str() {
            "ALL" | "ALL PRIVILEGES" if !all(kind).is_empty() => {
                found.extend(all(kind).iter().copied().map(Name::new_static));
            }
            "TEMP" => {
                found.insert("TEMPORARY".into());
            }
            _ => {
                found.insert(privilege.clone());
            }
        }
    }
    found
}

/// Every privilege of the kind is `ALL`.
fn contracted(kind: Kind, privileges: BTreeSet<Name>) -> BTreeSet<Name> {
    let every = all(kind);
    let complete = !every.is_empty() && every.iter().all(|privilege| privileges.contains(*privilege));
    if complete { BTreeSet::from(["ALL".into()]) } else { privileges }
}

/// The privileges of each kind of object (GRANT, versions 14 to 16; `MAINTAIN` of 17 is only kept when it is said).
fn all(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Table | Kind::View | Kind::MaterializedView => {
            &["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
        }
        Kind::Column => &["SELECT", "INSERT", "UPDATE", "REFERENCES"],
        Kind::Sequence => &["USAGE", "SELECT", "UPDATE"],
        Kind::Database => &["CREATE", "CONNECT", "TEMPORARY"],
        Kind::Namespace => &["CREATE", "USAGE"],
        Kind::Tablespace => &["CREATE"],
        Kind::Function | Kind::Procedure | Kind::Aggregate => &["EXECUTE"],
        Kind::Enum
        | Kind::Domain
        | Kind::Composite
        | Kind::Range
        | Kind::BaseType
        | Kind::Language
        | Kind::ForeignDataWrapper
        | Kind::Server => &["USAGE"],
        _ => &[],
    }
}

/// What a grantee has without any GRANT.
struct Defaults {
    /// Granting these says nothing new.
    kept: BTreeSet<Name>,
    /// Revoking these is worth knowing.
    recorded: BTreeSet<Name>,
}

fn defaults(path: &Path, owner: Option<&Name>, grantee: &Grantee) -> Defaults {
    let set = |names: &[&'static str]| names.iter().copied().map(Name::new_static).collect::<BTreeSet<_>>();
    let (kept, recorded): (&[_], &[_]) = match grantee {
        Grantee::Role(role) if owner == Some(role) => (all(path.kind), all(path.kind)),
        Grantee::Role(_) => (&[], &[]),
        Grantee::Public => match path.kind {
            Kind::Function | Kind::Procedure | Kind::Aggregate => (&["EXECUTE"], &["EXECUTE"]),
            Kind::Language | Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => {
                (&["USAGE"], &["USAGE"])
            }
            Kind::Database => (&["CONNECT", "TEMPORARY"], &["CONNECT", "TEMPORARY"]),
            // Everybody could create in `public` before 15, so both to give and to take that away says something.
            Kind::Namespace if path.name == PUBLIC => (&["USAGE"], &["USAGE", "CREATE"]),
            _ => (&[], &[]),
        },
    };
    Defaults { kept: set(kept), recorded: set(recorded) }
}
