//! New names for the parts of a table or view.

use super::rekey;
use super::renaming::Renaming;
use crate::apply::create::{need_free_part, need_free_relation, same_constraint};
use crate::apply::dependents::is_part_of;
use crate::apply::naming::make_object_name;
use crate::apply::work::{Outcome, Work, exists, invalid, missing};
use crate::name::{Name, QName};
use crate::object::{Column, ConstraintKind, ReplicaIdentity, Table};
use crate::path::{Kind, Path};

pub(super) fn rename_column(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let owner = path.qname();
    let target = Path::column(&owner, to.clone());
    if work.view_path(&owner).is_some() {
        return rename_view_column(work, path, &target);
    }
    let table = work.table(&owner)?;
    let column = table.column(&path.part).ok_or_else(|| missing(path.clone()))?;
    if column.inherited && (table.partition_of.is_some() || !table.inherits.is_empty()) {
        return Err(invalid(format!("cannot rename inherited column {}", path.part)));
    }
    let mut renaming = Renaming::default();
    let mut tables = Vec::new();
    collect_descendants(work, &owner, &mut tables);
    for table in &tables {
        if work.schema.column(table, to).is_some() {
            return Err(exists(Path::column(table, to.clone())));
        }
        renaming.add_column(table, &path.part, to);
    }
    renaming.rewrite_everything(work)?;
    for table in tables {
        let from = Path::column(&table, path.part.clone());
        let target = Path::column(&table, to.clone());
        let Some(column) = work.table_mut(&table)?.column_mut(&path.part) else { continue };
        column.name = to.clone();
        let sequence = column.identity.as_mut().map(|identity| {
            identity.sequence.owned_by = Some((table.clone(), to.clone()));
            identity.sequence.name.clone()
        });
        if let Some(sequence) = sequence {
            work.schema.relations.insert_mut(sequence, target.clone());
        }
        rekey(&mut work.schema, &from, &target);
        work.effects.renamed.push((from, target));
    }
    Ok(())
}

/// The table and everything below it, each once.
fn collect_descendants(work: &Work, table: &QName, found: &mut Vec<QName>) {
    if found.contains(table) {
        return;
    }
    found.push(table.clone());
    for child in work.children(table) {
        collect_descendants(work, &child, found);
    }
}

fn rename_view_column(work: &mut Work, path: &Path, target: &Path) -> Outcome {
    let owner = path.qname();
    if work.schema.contains(target) {
        return Err(exists(target.clone()));
    }
    let mut renaming = Renaming::default();
    renaming.add_column(&owner, &path.part, &target.part);
    renaming.rewrite_everything(work)?;
    let view = work.view_mut(&owner)?;
    let position = view.columns.iter().position(|column| *column == path.part);
    match position {
        Some(position) => view.columns[position] = target.part.clone(),
        None if view.columns.is_empty() => {}
        None => return Err(missing(path.clone())),
    }
    for (column, _) in view.defaults.iter_mut().filter(|(column, _)| *column == path.part) {
        *column = target.part.clone();
    }
    rekey(&mut work.schema, path, target);
    work.effects.renamed.push((path.clone(), target.clone()));
    Ok(())
}

/// A constraint with an index renames it too. The checks of children follow their parent's.
pub(super) fn rename_constraint(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let owner = path.qname();
    let table = work.table(&owner)?;
    if let Some(column) = column_of_not_null(table, &path.part).filter(|_| table.constraint(&path.part).is_none()) {
        return rename_not_null(work, &owner, &column, to);
    }
    let constraint = table.constraint(&path.part).cloned().ok_or_else(|| missing(path.clone()))?;
    let is_check = matches!(constraint.kind, ConstraintKind::Check(_));
    if is_check && constraint.inherited {
        return Err(invalid(format!("cannot rename inherited constraint {}", path.part)));
    }
    set_constraint_name(work, path, to)?;
    if is_check && !constraint.no_inherit {
        let mut below = Vec::new();
        collect_descendants(work, &owner, &mut below);
        for child in below.iter().skip(1) {
            let own = work.table(child)?.constraint(&path.part);
            if own.is_some_and(|own| is_part_of(own, &constraint) || same_constraint(own, &constraint)) {
                set_constraint_name(work, &Path::constraint(child, path.part.clone()), to)?;
            }
        }
    }
    Ok(())
}

/// The column whose NOT NULL has the name, said or chosen (since 18).
fn column_of_not_null(table: &Table, name: &Name) -> Option<Name> {
    let usual = |column: &Name| make_object_name(&table.name.name, Some(column), "not_null");
    let called = |column: &Column| match column.not_null.as_ref().map(|own| &own.name) {
        Some(Some(own)) => own == name,
        Some(None) => usual(&column.name) == *name,
        None => false,
    };
    table.columns.iter().find(|column| called(column)).map(|column| column.name.clone())
}

fn rename_not_null(work: &mut Work, owner: &QName, column: &Name, to: &Name) -> Outcome {
    let mut tables = Vec::new();
    collect_descendants(work, owner, &mut tables);
    for table in tables {
        let own = work.table_mut(&table)?.column_mut(column).and_then(|column| column.not_null.as_mut());
        if let Some(not_null) = own {
            not_null.name = Some(to.clone());
        }
        work.altered(Path::column(&table, column.clone()));
    }
    Ok(())
}

fn set_constraint_name(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let owner = path.qname();
    let target = Path::constraint(&owner, to.clone());
    if work.schema.contains(&target) {
        return Err(exists(target));
    }
    let inside = |name: &Name| QName::new(owner.schema.clone(), name.clone());
    let table = work.table_mut(&owner)?;
    let constraint = table.constraint_mut(&path.part).ok_or_else(|| missing(path.clone()))?;
    constraint.name = to.clone();
    let has_index = constraint.has_index();
    if has_index {
        follow_index(&mut table.replica_identity, &path.part, to);
        need_free_relation(work, &inside(to))?;
        work.release(&inside(&path.part));
        work.claim(inside(to), target.clone())?;
    }
    work.schema.discount_constraint(&inside(&path.part));
    work.schema.count_constraint(inside(to));
    rekey(&mut work.schema, path, &target);
    work.effects.renamed.push((path.clone(), target));
    Ok(())
}

fn follow_index(identity: &mut ReplicaIdentity, from: &Name, to: &Name) {
    if *identity == ReplicaIdentity::Index(from.clone()) {
        *identity = ReplicaIdentity::Index(to.clone());
    }
}

pub(super) fn rename_index(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let owner = path.qname();
    if !work.schema.contains(path) {
        return Err(missing(path.clone()));
    }
    let inside = |name: &Name| QName::new(owner.schema.clone(), name.clone());
    let target = Path::index(&owner, to.clone());
    need_free_relation(work, &inside(to))?;
    let indexes = match work.view_path(&owner) {
        Some(_) => &mut work.view_mut(&owner)?.indexes,
        None => {
            let table = work.table_mut(&owner)?;
            follow_index(&mut table.replica_identity, &path.part, to);
            &mut table.indexes
        }
    };
    indexes.iter_mut().filter(|index| index.name == path.part).for_each(|index| index.name = to.clone());
    work.release(&inside(&path.part));
    work.claim(inside(to), target.clone())?;
    let mut renaming = Renaming::default();
    renaming.add_index(inside(&path.part), inside(to));
    for child in work.children(&owner) {
        renaming.rewrite_table(work, &child)?;
    }
    rekey(&mut work.schema, path, &target);
    work.effects.renamed.push((path.clone(), target));
    Ok(())
}

/// Triggers, rules and policies: nobody else knows their names, but a partition's trigger follows its parent's.
pub(super) fn rename_part(work: &mut Work, path: &Path, to: &Name) -> Outcome {
    let owner = path.qname();
    if !work.schema.contains(path) {
        return Err(missing(path.clone()));
    }
    let target = need_free_part(work, path.kind, &owner, to)?;
    let rename = |name: &mut Name| {
        if *name == path.part {
            *name = to.clone();
        }
    };
    let (triggers, rules) = if work.view_path(&owner).is_some() {
        let view = work.view_mut(&owner)?;
        (&mut view.triggers, &mut view.rules)
    } else {
        let table = work.table_mut(&owner)?;
        if path.kind == Kind::Policy {
            table.policies.iter_mut().for_each(|policy| rename(&mut policy.name));
        }
        (&mut table.triggers, &mut table.rules)
    };
    match path.kind {
        Kind::Trigger => triggers.iter_mut().for_each(|trigger| rename(&mut trigger.name)),
        Kind::Rule => rules.iter_mut().for_each(|rule| rename(&mut rule.name)),
        _ => {}
    }
    rekey(&mut work.schema, path, &target);
    work.effects.renamed.push((path.clone(), target));
    for child in work.children(&owner) {
        let part = Path::part(path.kind, &child, path.part.clone());
        if path.kind == Kind::Trigger && work.schema.contains(&part) {
            rename_part(work, &part, to)?;
        }
    }
    Ok(())
}
