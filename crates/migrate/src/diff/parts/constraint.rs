//! Constraints: added, dropped, validated, renamed.

use model::change::Aspect;
use model::object::{Constraint, ConstraintKind, Object, Table};
use model::{Change, Path};

use super::super::compare::Difference;
use super::{Matched, matched};

pub(super) fn constraints(now: &Table, wanted: &Table, found: &mut Vec<Difference>) {
    let table = &wanted.name;
    let same = |old: &Constraint, new: &Constraint| Constraint { name: old.name.clone(), ..new.clone() } == *old;
    let Matched { both, renamed, gone, come } =
        matched(&now.constraints, &wanted.constraints, |constraint| &constraint.name, &same);
    let path = |constraint: &Constraint| Path::constraint(table, constraint.name.clone());
    let create =
        |new: &Constraint| Change::Create { path: path(new), object: Object::Constraint(Box::new(new.clone())) };
    for (old, new) in renamed {
        // A check of a child is renamed with its parent's.
        if !(old.inherited && matches!(old.kind, ConstraintKind::Check(_))) {
            found.push(Difference::new(&path(old), [Change::Rename { path: path(old), to: new.name.clone() }]));
        }
    }
    for old in gone.into_iter().filter(|constraint| !constraint.inherited) {
        found.push(Difference::new(&path(old), [Change::drop(path(old))]));
    }
    for new in come.into_iter().filter(|constraint| !constraint.inherited) {
        found.push(Difference::new(&path(new), [create(new)]));
    }
    for (old, new) in both.into_iter().filter(|(old, new)| old != new) {
        if let Some(aspect) = aspect(old, new) {
            found.push(Difference::new(&path(new), [Change::alter(path(new), aspect)]));
        } else if !old.inherited && !new.inherited {
            found.push(Difference::new(&path(new), [Change::drop(path(old)), create(new)]));
        }
    }
}

/// The one aspect in which they differ, when ALTER can change it.
fn aspect(old: &Constraint, new: &Constraint) -> Option<Aspect> {
    let is_foreign_key = old.as_foreign_key().is_some();
    if new.valid && !old.valid && (Constraint { valid: true, ..old.clone() }) == *new && !old.has_index() {
        return Some(Aspect::Validate);
    }
    if is_foreign_key && (Constraint { deferrable: new.deferrable, ..old.clone() }) == *new {
        return Some(Aspect::Deferrable(new.deferrable));
    }
    if is_foreign_key && (Constraint { enforced: new.enforced, ..old.clone() }) == *new {
        return Some(Aspect::Enforced(new.enforced));
    }
    None
}
