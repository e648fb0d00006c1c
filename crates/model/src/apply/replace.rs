//! CREATE OR REPLACE: the new definition under the old identity.

use std::sync::Arc;

use super::create;
use super::work::{Outcome, Work, exists, invalid};
use crate::name::QName;
use crate::object::{Object, Routine, View};
use crate::path::{Kind, Path};

pub(super) fn replace(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    if !work.schema.contains(path) {
        return create::create(work, path, object);
    }
    let owner = path.qname();
    match object {
        Object::View(view) => replace_view(work, &owner, view)?,
        Object::Routine(routine) => replace_routine(work, path, routine)?,
        Object::Aggregate(_) | Object::Named(_) => *work.object_mut(path)? = object.clone(),
        Object::Trigger(trigger) => {
            let triggers = match work.view_path(&owner) {
                Some(_) => &mut work.view_mut(&owner)?.triggers,
                None => &mut work.table_mut(&owner)?.triggers,
            };
            if let Some(known) = triggers.iter_mut().find(|known| known.name == trigger.name) {
                *known = (**trigger).clone();
            }
            for child in work.children(&owner) {
                let inherited = crate::object::Trigger { inherited: true, ..(**trigger).clone() };
                let path = Path::part(Kind::Trigger, &child, trigger.name.clone());
                replace(work, &path, &Object::Trigger(Box::new(inherited)))?;
            }
        }
        Object::Rule(rule) => {
            let rules = match work.view_path(&owner) {
                Some(_) => &mut work.view_mut(&owner)?.rules,
                None => &mut work.table_mut(&owner)?.rules,
            };
            if let Some(known) = rules.iter_mut().find(|known| known.name == rule.name) {
                // A rule that is off stays off (InsertRule).
                *known = crate::object::Rule { enabled: known.enabled, ..(**rule).clone() };
            }
        }
        Object::DefaultPrivileges(_) => return create::create(work, path, object),
        _ => return Err(exists(path.clone())),
    }
    work.altered(path.clone());
    Ok(())
}

/// Columns may only be added at the end; whoever reads the view keeps reading it.
fn replace_view(work: &mut Work, name: &QName, new: &View) -> Outcome {
    let view = work.view_mut(name)?;
    if !new.columns.is_empty() && !view.columns.is_empty() {
        if new.columns.len() < view.columns.len() {
            return Err(invalid("cannot drop columns from view"));
        }
        let renamed = view.columns.iter().zip(&new.columns).find(|(old, new)| old != new);
        if let Some((old, new)) = renamed {
            return Err(invalid(format!("cannot change name of view column {old} to {new}")));
        }
    }
    *view = View {
        indexes: view.indexes.clone(),
        triggers: view.triggers.clone(),
        rules: view.rules.clone(),
        defaults: view.defaults.clone(),
        ..new.clone()
    };
    Ok(())
}

/// Callers were compiled for what it returns.
fn replace_routine(work: &mut Work, path: &Path, new: &Routine) -> Outcome {
    let Object::Routine(known) = work.object_mut(path)? else { return Err(exists(path.clone())) };
    if known.kind != new.kind {
        return Err(invalid(format!("cannot change routine kind of {path}")));
    }
    if known.returns != new.returns {
        return Err(invalid(format!("cannot change return type of existing function {path}")));
    }
    *known = Arc::new(new.clone());
    Ok(())
}
