//! DROP: the object, its parts, and by CASCADE everything that needs it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Refusal;
use super::dependents::{Bond, Doomed, Fall, dependents};
use super::references::{Ref, look};
use super::work::{Outcome, Work, invalid, missing};
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::object::{Column, Grantee, Object, ReplicaIdentity, Table};
use crate::path::{Kind, Path};
use crate::schema::{Grants, Schema};
use crate::ty::Type;

pub(super) fn drop(work: &mut Work, path: &Path, cascade: bool) -> Outcome {
    let asked = path;
    let path = &work.resolved(path)?;
    if asked.kind == Kind::Index && path.kind == Kind::Constraint {
        return Err(Refusal::Used { path: asked.clone(), dependents: vec![path.clone()] });
    }
    need_droppable(work, path)?;

    // Wave by wave: what needs the things of the last wave.
    let mut order = vec![path.clone()];
    let mut doomed = BTreeSet::from([path.clone()]);
    let mut stripped: BTreeSet<Path> = BTreeSet::new();
    let mut hindrances: BTreeSet<Path> = BTreeSet::new();
    let mut wave = doomed.clone();
    while !wave.is_empty() {
        let found = dependents(&work.schema, &wave);
        wave = BTreeSet::new();
        for dependent in found {
            let inside = is_inside(&dependent.path, &doomed);
            if dependent.bond == Bond::Normal && !inside {
                hindrances.insert(dependent.path.clone());
            }
            match dependent.fall {
                Fall::Stripped => {
                    stripped.insert(dependent.path);
                }
                Fall::Whole if doomed.insert(dependent.path.clone()) => {
                    wave.insert(dependent.path.clone());
                    if !inside {
                        order.push(dependent.path);
                    }
                }
                Fall::Whole => {}
            }
        }
    }
    // What falls with the object anyway does not hinder.
    let silent = if cascade || hindrances.is_empty() { BTreeSet::new() } else { silently(work, path) };
    hindrances.retain(|hindrance| !silent.contains(hindrance) && !is_inside(hindrance, &silent));
    if !cascade && !hindrances.is_empty() {
        return Err(Refusal::Used { path: path.clone(), dependents: hindrances.into_iter().collect() });
    }
    if let Some(table) =
        order.iter().find(|path| path.kind == Kind::Column).and_then(|path| partition_key_of(work, path))
    {
        return Err(table);
    }
    let falling = Doomed::of(&work.schema, doomed);
    for path in stripped {
        if !is_inside(&path, &order.iter().cloned().collect()) {
            strip(work, &path, &falling)?;
        }
    }
    for path in order {
        if work.schema.contains(&path) {
            remove(work, &path)?;
            work.effects.dropped.push(path);
        }
    }
    Ok(())
}

/// The thing itself or the table it is a part of is among these.
fn is_inside(path: &Path, paths: &BTreeSet<Path>) -> bool {
    let owner = |kind| Path { kind, part: Name::default(), ..path.clone() };
    let owners = [Kind::Table, Kind::View, Kind::MaterializedView];
    paths.contains(path) || (path.kind.is_part() && owners.into_iter().any(|kind| paths.contains(&owner(kind))))
}

/// Everything that falls without CASCADE: parts, and parts of parts.
fn silently(work: &Work, path: &Path) -> BTreeSet<Path> {
    let mut all = BTreeSet::from([path.clone()]);
    let mut wave = all.clone();
    while !wave.is_empty() {
        let found = dependents(&work.schema, &wave).into_iter();
        let auto = found.filter(|dependent| dependent.bond == Bond::Auto && dependent.fall == Fall::Whole);
        wave = auto.map(|dependent| dependent.path).filter(|path| !all.contains(path)).collect();
        all.extend(wave.iter().cloned());
    }
    all
}

/// It must be there, and nothing above it may hold on to it.
fn need_droppable(work: &Work, path: &Path) -> Outcome {
    let schema = &work.schema;
    let used_by = |other: Path| Err(Refusal::Used { path: path.clone(), dependents: vec![other] });
    if path.kind == Kind::Sequence
        && !schema.objects.contains_key(path)
        && let Some(column) = schema.relation(&path.qname()).filter(|holder| holder.kind == Kind::Column)
    {
        return used_by(column.clone());
    }
    if !schema.contains(path) {
        return Err(missing(path.clone()));
    }
    if path.kind == Kind::Role {
        let owned = schema.owners().filter(|(_, owner)| **owner == path.name).map(|(path, _)| path.clone());
        let granted =
            schema.grants().filter(|(_, grants)| names_role(grants, &path.name)).map(|(path, _)| path.clone());
        let users: BTreeSet<Path> = owned.chain(granted).chain(policies_of_role(schema, &path.name)).collect();
        if !users.is_empty() {
            return Err(Refusal::Used { path: path.clone(), dependents: users.into_iter().collect() });
        }
    }
    let Some(table) = schema.table(&path.qname()).filter(|_| path.kind.is_part()) else { return Ok(()) };
    match path.kind {
        Kind::Index => match table.index(&path.part).and_then(|index| index.attached_to.as_ref()) {
            Some(parent) => used_by(schema.relation(parent).cloned().unwrap_or_else(|| path.clone())),
            None => Ok(()),
        },
        Kind::Column if table.column(&path.part).is_some_and(|column| column.inherited) && has_parent(table) => {
            Err(invalid(format!("cannot drop inherited column {}", path.part)))
        }
        Kind::Constraint if table.constraint(&path.part).is_some_and(|own| own.inherited) && has_parent(table) => {
            Err(invalid(format!("cannot drop inherited constraint {} of relation {}", path.part, table.name)))
        }
        Kind::Trigger => match table.triggers.iter().find(|trigger| trigger.name == path.part) {
            Some(trigger) if trigger.inherited => match &table.partition_of {
                Some(of) => used_by(Path::part(Kind::Trigger, &of.parent, path.part.clone())),
                None => Ok(()),
            },
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn has_parent(table: &Table) -> bool {
    table.partition_of.is_some() || !table.inherits.is_empty()
}

fn names_role(grants: &Grants, role: &Name) -> bool {
    grants.granted.iter().any(|grant| matches!(&grant.grantee, Grantee::Role(name) if name == role))
}

fn policies_of_role<'a>(schema: &'a Schema, role: &'a Name) -> impl Iterator<Item = Path> + 'a {
    schema.tables().flat_map(move |table| {
        let naming = table.policies.iter().filter(move |policy| policy.roles.contains(role));
        naming.map(|policy| Path::part(Kind::Policy, &table.name, policy.name.clone()))
    })
}

fn partition_key_of(work: &Work, column: &Path) -> Option<Refusal> {
    let by = work.schema.table(&column.qname())?.partition_by.as_ref()?;
    let used = by.keys.iter().any(|key| key.expr.columns().contains(&&column.part));
    used.then(|| {
        let Path { part, .. } = column;
        invalid(format!(
            "cannot drop column {part} because it is part of the partition key of relation {}",
            column.qname()
        ))
    })
}

/// Takes away what an object holds of things that fall, and leaves the rest.
fn strip(work: &mut Work, path: &Path, falling: &Doomed) -> Outcome {
    let holds = |expr: &Expr| {
        // A default is looked at the way it stands in a column.
        let mut column = Column::new("", Type::Text);
        column.default = Some(expr.clone());
        let mut table = Table::new(QName::new("", ""));
        table.columns.push(Arc::new(column));
        let object = Object::Table(Arc::new(table));
        let mut found = false;
        look::object(path, &object, &mut |_, reference| found |= falling.holds(&reference, &[]));
        found
    };
    if path.kind == Kind::Column {
        let owner = path.qname();
        let table = work.table_mut(&owner)?;
        if let Some(column) = table.column_mut(&path.part) {
            column.default = column.default.take().filter(|default| !holds(default));
        }
        work.altered(path.clone());
        return Ok(());
    }
    let mut lost_checks: Vec<QName> = Vec::new();
    match work.object_mut(path)? {
        Object::Domain(domain) => {
            let domain = Arc::make_mut(domain);
            domain.default = domain.default.take().filter(|default| !holds(default));
            domain.checks.retain(|check| {
                let lost = holds(&check.expr);
                if lost {
                    lost_checks.push(QName::new(path.schema.clone(), check.name.clone()));
                }
                !lost
            });
        }
        Object::Composite(composite) => {
            let falls = |ty: &Type| ty.user_defined().is_some_and(|name| falling.holds(&Ref::Type(name), &[]));
            Arc::make_mut(composite).attributes.retain(|attribute| !falls(&attribute.ty));
        }
        Object::Publication(publication) => {
            publication.tables.retain(|published| !falling.holds(&Ref::Relation(&published.table), &[]));
            publication.schemas.retain(|name| !falling.holds(&Ref::Namespace(name), &[]));
        }
        _ => {}
    }
    lost_checks.iter().for_each(|name| work.schema.discount_constraint(name));
    work.altered(path.clone());
    Ok(())
}

/// Takes one thing out, with everything that is known about it.
fn remove(work: &mut Work, path: &Path) -> Outcome {
    forget(&mut work.schema, path);
    if !path.kind.is_part() {
        work.leave(path);
        return Ok(());
    }
    let owner = path.qname();
    let part = &path.part;
    let named = QName::new(path.schema.clone(), part.clone());
    if work.view_path(&owner).is_some() {
        let view = work.view_mut(&owner)?;
        view.indexes.retain(|index| path.kind != Kind::Index || index.name != *part);
        view.triggers.retain(|trigger| path.kind != Kind::Trigger || trigger.name != *part);
        view.rules.retain(|rule| path.kind != Kind::Rule || rule.name != *part);
        if path.kind == Kind::Index {
            work.release(&named);
        }
        return Ok(());
    }
    let table = work.table_mut(&owner)?;
    if matches!(path.kind, Kind::Constraint | Kind::Index)
        && table.replica_identity == ReplicaIdentity::Index(part.clone())
    {
        // It does not come back with another index of the name.
        table.replica_identity = ReplicaIdentity::Default;
    }
    match path.kind {
        Kind::Column => {
            let position = table.columns.iter().position(|column| column.name == *part);
            let column = position.map(|position| table.columns.remove(position));
            if let Some(identity) = column.and_then(|column| column.identity.clone()) {
                work.release(&identity.sequence.name);
            }
        }
        Kind::Constraint => {
            let position = table.constraints.iter().position(|constraint| constraint.name == *part);
            let constraint = position.map(|position| table.constraints.remove(position));
            if constraint.is_some_and(|constraint| constraint.has_index()) {
                work.release(&named);
            }
            work.schema.discount_constraint(&named);
        }
        Kind::Index => {
            table.indexes.retain(|index| index.name != *part);
            work.release(&named);
        }
        Kind::Trigger => table.triggers.retain(|trigger| trigger.name != *part),
        Kind::Rule => table.rules.retain(|rule| rule.name != *part),
        Kind::Policy => table.policies.retain(|policy| policy.name != *part),
        _ => {}
    }
    Ok(())
}

/// Comments, owner and grants go with a thing and its parts.
fn forget(schema: &mut Schema, path: &Path) {
    for path in with_parts(schema, path) {
        schema.comments.remove_mut(&path);
        schema.owners.remove_mut(&path);
        schema.grants.remove_mut(&path);
    }
}

/// The path, and those of its parts that something is said about.
pub(super) fn with_parts(schema: &Schema, path: &Path) -> BTreeSet<Path> {
    let mut found = BTreeSet::from([path.clone()]);
    if path.kind == Kind::Constraint {
        // The index behind a key has its name, and a comment of its own.
        found.insert(Path { kind: Kind::Index, ..path.clone() });
    }
    let has_parts =
        matches!(path.kind, Kind::Table | Kind::View | Kind::MaterializedView | Kind::Domain | Kind::Composite);
    if !has_parts {
        return found;
    }
    for kind in [Kind::Column, Kind::Constraint, Kind::Index, Kind::Trigger, Kind::Rule, Kind::Policy] {
        let first = Path { kind, part: Name::default(), ..path.clone() };
        let inside = |part: &&Path| part.kind == kind && part.schema == path.schema && part.name == path.name;
        found.extend(schema.comments.range(first.clone()..).map(|(path, _)| path).take_while(inside).cloned());
        found.extend(schema.owners.range(first.clone()..).map(|(path, _)| path).take_while(inside).cloned());
        found.extend(schema.grants.range(first..).map(|(path, _)| path).take_while(inside).cloned());
    }
    found
}
