//! ALTER COLUMN, in the table and in its partitions and children.

use std::collections::BTreeSet;

use crate::apply::Refusal;
use crate::apply::create::settle_identity;
use crate::apply::dependents::{Bond, dependents};
use crate::apply::work::{Outcome, Work, invalid, missing};
use crate::expr::Expr;
use crate::name::{Name, QName};
use crate::object::{Column, ConstraintKind, Generated, Identity, NotNull};
use crate::path::{Kind, Path};
use crate::ty::Type;

/// Changes the column of this table alone.
pub(super) fn one(work: &mut Work, path: &Path, change: impl FnOnce(&mut Column)) -> Outcome {
    match work.table_mut(&path.qname())?.column_mut(&path.part) {
        Some(column) => {
            change(column);
            Ok(())
        }
        None => Err(missing(path.clone())),
    }
}

/// Changes the column here and in every child.
pub(super) fn each(work: &mut Work, path: &Path, change: &dyn Fn(&mut Column)) -> Outcome {
    one(work, path, change)?;
    work.altered(path.clone());
    for child in work.children(&path.qname()) {
        each(work, &Path::column(&child, path.part.clone()), change)?;
    }
    Ok(())
}

pub(super) fn set_type(work: &mut Work, path: &Path, ty: &Type, collation: Option<&QName>) -> Outcome {
    let owner = path.qname();
    let table = work.table(&owner)?;
    let has_parent = table.partition_of.is_some() || !table.inherits.is_empty();
    if table.column(&path.part).is_some_and(|column| column.inherited) && has_parent {
        return Err(invalid(format!("cannot alter inherited column {}", path.part)));
    }
    let in_key = |expr: &Expr| expr.columns().contains(&&path.part);
    if table.partition_by.as_ref().is_some_and(|by| by.keys.iter().any(|key| in_key(&key.expr))) {
        let message = format!("cannot alter column {} because it is part of the partition key", path.part);
        return Err(invalid(message));
    }
    // Views, rules, triggers, policies and generated columns were compiled for the old type.
    let users = dependents(&work.schema, &BTreeSet::from([path.clone()])).into_iter();
    let users = users.filter(|user| user.bond == Bond::Normal).map(|user| user.path);
    let fixed = [Kind::View, Kind::MaterializedView, Kind::Rule, Kind::Trigger, Kind::Policy, Kind::Column];
    let users: Vec<Path> = users.filter(|user| fixed.contains(&user.kind)).collect();
    if !users.is_empty() {
        return Err(Refusal::Used { path: path.clone(), dependents: users });
    }
    statistics_made_anew(work, path);
    each(work, path, &|column| {
        column.ty = ty.clone();
        column.collation = collation.cloned();
        // A new type brings its own (ATExecAlterColumnType).
        column.storage = None;
        column.compression = None;
        if let Some(identity) = &mut column.identity {
            identity.sequence = identity.sequence.retyped(ty);
        }
    })
}

/// Statistics over the column are made again by whoever alters it (ATPostAlterTypeParse), here and in the children.
fn statistics_made_anew(work: &mut Work, path: &Path) {
    let users = dependents(&work.schema, &BTreeSet::from([path.clone()])).into_iter().map(|user| user.path);
    for statistics in users.filter(|user| user.kind == Kind::Statistics) {
        work.schema.owners.remove_mut(&statistics);
    }
    for child in work.children(&path.qname()) {
        statistics_made_anew(work, &Path::column(&child, path.part.clone()));
    }
}

pub(super) fn set_default(work: &mut Work, path: &Path, default: Option<&Expr>) -> Outcome {
    let owner = path.qname();
    if work.view_path(&owner).is_some() {
        return set_view_default(work, &owner, &path.part, default);
    }
    let column = work.schema.column(&owner, &path.part).ok_or_else(|| missing(path.clone()))?;
    if column.identity.is_some() {
        return Err(invalid(format!("column {} of relation {owner} is an identity column", path.part)));
    }
    if column.generated.is_some() {
        return Err(invalid(format!("column {} of relation {owner} is a generated column", path.part)));
    }
    each(work, path, &|column| column.default = default.cloned())
}

pub(super) fn set_view_default(work: &mut Work, view: &QName, column: &Name, default: Option<&Expr>) -> Outcome {
    let defaults = &mut work.view_mut(view)?.defaults;
    defaults.retain(|(name, _)| name != column);
    defaults.extend(default.map(|default| (column.clone(), default.clone())));
    defaults.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(())
}

pub(super) fn set_not_null(work: &mut Work, path: &Path, not_null: Option<&NotNull>) -> Outcome {
    let owner = path.qname();
    let Some(not_null) = not_null else { return drop_not_null(work, path) };
    let children = if not_null.no_inherit { Vec::new() } else { work.children(&owner) };
    one(work, path, |column| {
        let known = column.not_null.get_or_insert_with(|| not_null.clone());
        // To say it again validates it; the name that it has stays.
        known.not_valid &= not_null.not_valid;
        known.name = known.name.take().or_else(|| not_null.name.clone());
    })?;
    work.altered(path.clone());
    for child in children {
        set_not_null(work, &Path::column(&child, path.part.clone()), Some(not_null))?;
    }
    Ok(())
}

fn drop_not_null(work: &mut Work, path: &Path) -> Outcome {
    let owner = path.qname();
    let table = work.table(&owner)?;
    let column = table.column(&path.part).ok_or_else(|| missing(path.clone()))?;
    let in_primary_key = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => key.columns.contains(&path.part),
        _ => false,
    });
    if in_primary_key {
        return Err(invalid(format!("column {} is in a primary key", path.part)));
    }
    if column.identity.is_some() {
        return Err(invalid(format!("column {} of relation {owner} is an identity column", path.part)));
    }
    if let Some(of) = &table.partition_of
        && work.schema.column(&of.parent, &path.part).is_some_and(|column| !column.is_nullable())
    {
        return Err(invalid(format!("column {} is marked NOT NULL in parent table", path.part)));
    }
    each(work, path, &|column| column.not_null = None)
}

pub(super) fn set_identity(work: &mut Work, path: &Path, identity: Option<&Identity>) -> Outcome {
    let owner = path.qname();
    let mut column = work.schema.column(&owner, &path.part).cloned().ok_or_else(|| missing(path.clone()))?;
    match (identity, column.identity.take()) {
        (None, None) => {
            return Err(invalid(format!("column {} of relation {owner} is not an identity column", path.part)));
        }
        (None, Some(old)) => work.release(&old.sequence.name),
        (Some(new), Some(old)) => {
            let mut new = new.clone();
            new.sequence.name = old.sequence.name;
            new.sequence.owned_by = old.sequence.owned_by;
            column.identity = Some(Box::new(new));
        }
        (Some(_), None) if column.is_nullable() => {
            let message = format!(
                "column {} of relation {owner} must be declared NOT NULL before identity can be added",
                path.part
            );
            return Err(invalid(message));
        }
        (Some(new), None) => {
            column.identity = Some(Box::new(new.clone()));
            settle_identity(work, &owner, &mut column)?;
        }
    }
    one(work, path, |known| *known = column)
}

pub(super) fn set_generated(work: &mut Work, path: &Path, generated: Option<&Generated>) -> Outcome {
    let owner = path.qname();
    let column = work.schema.column(&owner, &path.part).ok_or_else(|| missing(path.clone()))?;
    if column.generated.is_none() {
        return Err(invalid(format!("column {} of relation {owner} is not a generated column", path.part)));
    }
    each(work, path, &|column| column.generated = generated.cloned().map(Box::new))
}
