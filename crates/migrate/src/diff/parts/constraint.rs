//! Constraints: added, dropped, validated, renamed.

use model::change::Aspect;
use model::object::{Constraint, ConstraintKind, Object, Table};
use model::{Change, Path};

use super::super::compare::Difference;
use super::{Matched, matched, plain_keys};

pub(super) fn constraints(now: &Table, wanted: &Table, found: &mut Vec<Difference>) {
    let table = &wanted.name;
    let same =
        |old: &Constraint, new: &Constraint| plain(&Constraint { name: old.name.clone(), ..new.clone() }) == plain(old);
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
    // A check that it had from a parent is its own when it has left that.
    let is_own =
        |old: &Constraint| !old.inherited || super::leaves(now, wanted) && matches!(old.kind, ConstraintKind::Check(_));
    for old in gone.into_iter().filter(|constraint| is_own(constraint)) {
        found.push(Difference::new(&path(old), [Change::drop(path(old))]));
    }
    let joins = super::joins(now, wanted);
    for new in come {
        let check = matches!(new.kind, ConstraintKind::Check(_));
        if !new.inherited || joins && check {
            let own = Constraint { inherited: false, ..new.clone() };
            found.push(Difference::new(&path(new), [create(&own)]));
        }
    }
    for (old, new) in both.into_iter().filter(|(old, new)| plain(old) != plain(new)) {
        if let Some(aspect) = aspect(old, new) {
            found.push(Difference::new(&path(new), [Change::alter(path(new), aspect)]));
        } else if !old.inherited && !new.inherited {
            found.push(Difference::new(&path(new), [Change::drop(path(old)), create(new)]));
        }
    }
}

/// What an exclusion constraint compares by is known by its name alone.
fn plain(constraint: &Constraint) -> Constraint {
    let mut plain = constraint.clone();
    if let ConstraintKind::Exclude(exclude) = &mut plain.kind {
        let keys = plain_keys(exclude.elements.iter().map(|element| &element.key));
        exclude.elements.iter_mut().zip(keys).for_each(|(element, key)| element.key = key);
    }
    plain
}

/// The one aspect in which they differ, when ALTER can change it.
fn aspect(old: &Constraint, new: &Constraint) -> Option<Aspect> {
    // That of a partition is as its parent's is ("derived from constraint", ATExecAlterConstraint).
    let is_foreign_key = old.as_foreign_key().is_some() && !old.inherited;
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
