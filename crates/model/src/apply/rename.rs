//! RENAME and SET SCHEMA: the thing gets its new name, and so does everything that holds the old one.

mod part;
mod renaming;

use std::sync::Arc;

use super::create::need_free_relation;
use super::drop::with_parts;
use super::work::{Outcome, Work, exists, invalid, missing};
use crate::name::{Name, PUBLIC, QName};
use crate::object::{Grantee, Object};
use crate::path::{Kind, Path};
use crate::schema::Schema;
use renaming::Renaming;

pub(super) fn rename(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let path = &work.resolved(path)?;
    match path.kind {
        Kind::Column => part::rename_column(work, path, to),
        Kind::Constraint => part::rename_constraint(work, path, to),
        Kind::Index => part::rename_index(work, path, to),
        Kind::Trigger | Kind::Rule | Kind::Policy => part::rename_part(work, path, to),
        Kind::Namespace => rename_namespace(work, path, to),
        Kind::Role => rename_role(work, path, to),
        _ => {
            if let Some(column) = identity_of(work, path) {
                return rename_identity_sequence(work, path, &column, to);
            }
            if is_maker(work, path) {
                return Ok(());
            }
            if let Some(range) = range_beside(work, path) {
                return rename_multirange(work, &range, &path.qname(), to);
            }
            relocate(work, vec![(path.clone(), Path { name: to.clone(), ..path.clone() })])
        }
    }
}

pub(super) fn move_to(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    work.need_namespace(to)?;
    if !work.schema.contains(path) {
        return Err(missing(path.clone()));
    }
    if let Object::Extension(extension) = work.object_mut(path)? {
        extension.schema = Some(to.clone());
        work.altered(path.clone());
        return Ok(());
    }
    if path.schema.is_empty() || path.kind.is_part() {
        return Err(invalid(format!("{path} is in no schema")));
    }
    let moved = |path: &Path| Path { schema: to.clone(), ..path.clone() };
    let mut moves = vec![(path.clone(), moved(path))];
    if path.kind == Kind::Table {
        // The sequences that the table owns go with it.
        let table = path.qname();
        let owned =
            work.schema.sequences().filter(|own| own.owned_by.as_ref().is_some_and(|(owner, _)| *owner == table));
        moves.extend(owned.map(|own| Path::object(Kind::Sequence, &own.name)).map(|path| (path.clone(), moved(&path))));
    }
    relocate(work, moves)
}

/// Gives objects new paths, all at once, with everything that knows them by the old ones.
fn relocate(work: &mut Work, moves: Vec<(Path, Path)>) -> Outcome {
    for (from, to) in &moves {
        if !work.schema.objects.contains_key(from) {
            return Err(missing(from.clone()));
        }
        need_free(work, from, to)?;
    }
    let mut renaming = Renaming::default();
    for (from, to) in &moves {
        renaming.add_object(&work.schema, from, to);
    }
    // The children say from now on that they inherit from the new name.
    for (from, to) in moves.iter().filter(|(from, _)| from.kind == Kind::Table) {
        if let Some(children) = work.schema.children.get(&from.qname()).cloned() {
            work.schema.children.remove_mut(&from.qname());
            work.schema.children.insert_mut(to.qname(), children);
        }
    }
    renaming.rewrite_everything(work)?;
    let mut leaving = Vec::new();
    for (from, to) in moves {
        let object = work.leave(&from).ok_or_else(|| missing(from.clone()))?;
        leaving.push((from, to, object));
    }
    for (from, to, mut object) in leaving {
        set_name(&mut object, &to);
        work.enter(to.clone(), object)?;
        rekey(&mut work.schema, &from, &to);
        work.effects.renamed.push((from, to));
    }
    renaming.resign_named(work)?;
    renaming::resign_routines(work)
}

fn need_free(work: &Work, from: &Path, to: &Path) -> Outcome {
    let name = to.qname();
    if to.schema != from.schema {
        work.need_namespace(&to.schema)?;
    }
    match to.kind {
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::Composite => {
            need_free_relation(work, &name)?;
            work.need_free_type(&name)
        }
        Kind::Sequence => need_free_relation(work, &name),
        Kind::Enum | Kind::Domain | Kind::Range | Kind::BaseType => work.need_free_type(&name),
        Kind::Function | Kind::Procedure | Kind::Aggregate => {
            let kinds = [Kind::Function, Kind::Procedure, Kind::Aggregate];
            let same = kinds.map(|kind| Path { kind, ..to.clone() });
            match same.into_iter().find(|path| work.schema.objects.contains_key(path)) {
                Some(other) => Err(exists(other)),
                None => Ok(()),
            }
        }
        _ if work.schema.objects.contains_key(to) => Err(exists(to.clone())),
        _ => Ok(()),
    }
}

/// Everything in the schema moves to its new name.
fn rename_namespace(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let target = Path::global(Kind::Namespace, to.clone());
    if !work.schema.objects.contains_key(path) {
        return Err(missing(path.clone()));
    }
    if work.schema.objects.contains_key(&target) {
        return Err(exists(target));
    }
    let namespace = Object::Namespace(crate::object::Namespace { name: to.clone() });
    work.schema.objects.insert_mut(target.clone(), namespace);
    let inside = work.schema.objects.keys().filter(|other| other.schema == path.name);
    let moves = inside.map(|from| (from.clone(), Path { schema: to.clone(), ..from.clone() })).collect();
    work.effects.renamed.push((path.clone(), target.clone()));
    relocate(work, moves)?;
    let mut renaming = Renaming::default();
    renaming.add_path(path, &target);
    renaming.rewrite_everything(work)?;
    work.schema.objects.remove_mut(path);
    rekey(&mut work.schema, path, &target);
    Ok(())
}

/// A role is named by owners, grants and policies.
fn rename_role(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let target = Path::global(Kind::Role, to.clone());
    if work.schema.objects.contains_key(&target) {
        return Err(exists(target));
    }
    let Some(Object::Role(mut role)) = work.leave(path) else { return Err(missing(path.clone())) };
    let from = std::mem::replace(&mut role.name, to.clone());
    work.enter(target.clone(), Object::Role(role))?;
    let mut renaming = Renaming::default();
    renaming.add_path(path, &target);
    renaming.rewrite_everything(work)?;

    let schema = &mut work.schema;
    let owned: Vec<Path> = schema.owners().filter(|(_, owner)| **owner == from).map(|(path, _)| path.clone()).collect();
    for path in owned {
        schema.owners.insert_mut(path, to.clone());
    }
    let granted: Vec<_> = schema.grants.iter().map(|(path, grants)| (path.clone(), grants.clone())).collect();
    for (path, grants) in granted {
        let mut renamed = (*grants).clone();
        for grant in renamed.granted.iter_mut().chain(&mut renamed.revoked) {
            if grant.grantee == Grantee::Role(from.clone()) {
                grant.grantee = Grantee::Role(to.clone());
            }
        }
        renamed.granted.sort();
        renamed.revoked.sort();
        if renamed != *grants {
            schema.grants.insert_mut(path, Arc::new(renamed));
        }
    }
    rekey(schema, path, &target);
    work.effects.renamed.push((path.clone(), target));
    Ok(())
}

/// The identity column that a sequence belongs to, when it has no path of its own.
fn identity_of(work: &Work, path: &Path) -> Option<Path> {
    if path.kind != Kind::Sequence || work.schema.objects.contains_key(path) {
        return None;
    }
    work.schema.relation(&path.qname()).filter(|holder| holder.kind == Kind::Column).cloned()
}

fn rename_identity_sequence(work: &mut Work, path: &Path, column: &Path, to: &Name) -> Outcome {
    let name = QName::new(path.schema.clone(), to.clone());
    work.claim(name.clone(), column.clone())?;
    work.release(&path.qname());
    let identity = work.table_mut(&column.qname())?.column_mut(&column.part).and_then(|own| own.identity.as_mut());
    if let Some(identity) = identity {
        identity.sequence.name = name.clone();
    }
    let target = Path::object(Kind::Sequence, &name);
    rekey(&mut work.schema, path, &target);
    work.effects.renamed.push((path.clone(), target));
    Ok(())
}

/// A function that came with a range type and is no object of its own.
fn is_maker(work: &Work, path: &Path) -> bool {
    // Functions that nobody had made when they were named have no schema.
    let schema = if path.schema.is_empty() { PUBLIC } else { path.schema.clone() };
    let name = QName::new(schema, path.name.clone());
    let made =
        |name: &QName| work.schema.contains(&Path::object(Kind::Range, name)) || work.schema.range_of(name).is_some();
    path.kind == Kind::Function && !work.schema.contains(path) && made(&name)
}

/// The range type whose multirange type the path means.
fn range_beside(work: &Work, path: &Path) -> Option<Path> {
    let alone = path.kind == Kind::Range && !work.schema.contains(path);
    let range = alone.then(|| work.schema.range_of(&path.qname())).flatten()?;
    Some(Path::object(Kind::Range, &range.name))
}

/// A multirange type is known by its range, and has its name beside that.
fn rename_multirange(work: &mut Work, range: &Path, from: &QName, to: &Name) -> Outcome {
    let name = QName::new(from.schema.clone(), to.clone());
    work.need_free_type(&name)?;
    let mut renaming = Renaming::default();
    renaming.add_type(from, &name);
    renaming.rewrite_everything(work)?;
    if let Object::Range(range) = work.object_mut(range)? {
        range.set_multirange(&name);
    }
    work.effects.renamed.push((Path::object(Kind::Range, from), Path::object(Kind::Range, &name)));
    renaming.resign_named(work)?;
    renaming::resign_routines(work)
}

/// The object's own idea of its name, and what is in its schema because it is.
fn set_name(object: &mut Object, path: &Path) {
    let name = path.qname();
    match object {
        Object::Table(table) => {
            let table = Arc::make_mut(table);
            for column in &mut table.columns {
                if column.identity.is_none() {
                    continue;
                }
                let column = Arc::make_mut(column);
                if let Some(identity) = &mut column.identity {
                    identity.sequence.owned_by = Some((name.clone(), column.name.clone()));
                    if identity.sequence.name.schema == table.name.schema {
                        identity.sequence.name.schema = name.schema.clone();
                    }
                }
            }
            table.name = name;
        }
        Object::View(view) => Arc::make_mut(view).name = name,
        Object::Sequence(sequence) => sequence.name = name,
        Object::Enum(ty) => Arc::make_mut(ty).name = name,
        Object::Domain(domain) => Arc::make_mut(domain).name = name,
        Object::Composite(composite) => Arc::make_mut(composite).name = name,
        Object::Range(range) => {
            let multirange = range.multirange();
            range.name = name;
            range.set_multirange(&multirange);
        }
        Object::Routine(routine) => Arc::make_mut(routine).name = name,
        Object::Aggregate(aggregate) => aggregate.name = name,
        Object::Statistics(statistics) => statistics.name = name,
        Object::Extension(extension) => extension.name = name.name,
        Object::Role(role) => role.name = name.name,
        Object::EventTrigger(trigger) => trigger.name = name.name,
        Object::Publication(publication) => publication.name = name.name,
        Object::Namespace(namespace) => namespace.name = name.name,
        Object::DefaultPrivileges(_)
        | Object::Named(_)
        | Object::Column(_)
        | Object::Constraint(_)
        | Object::Index(_)
        | Object::Trigger(_)
        | Object::Rule(_)
        | Object::Policy(_) => {}
    }
}

/// Comments, owner and grants of the thing and its parts follow it.
fn rekey(schema: &mut Schema, from: &Path, to: &Path) {
    for old in with_parts(schema, from) {
        let new = match old == *from {
            true => to.clone(),
            false => {
                let part = if old.part == from.part { &to.part } else { &old.part };
                Path { schema: to.schema.clone(), name: to.name.clone(), part: part.clone(), kind: old.kind }
            }
        };
        if let Some(comment) = schema.comments.get(&old).cloned() {
            schema.comments.remove_mut(&old);
            schema.comments.insert_mut(new.clone(), comment);
        }
        if let Some(owner) = schema.owners.get(&old).cloned() {
            schema.owners.remove_mut(&old);
            schema.owners.insert_mut(new.clone(), owner);
        }
        if let Some(grants) = schema.grants.get(&old).cloned() {
            schema.grants.remove_mut(&old);
            schema.grants.insert_mut(new, grants);
        }
    }
}
