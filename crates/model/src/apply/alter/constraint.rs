//! ALTER CONSTRAINT and VALIDATE CONSTRAINT, with the parts of the constraint in partitions and children.

use crate::apply::dependents::is_part_of;
use crate::apply::work::{Outcome, Work, invalid, missing};
use crate::object::{Constraint, ConstraintKind};
use crate::path::Path;

pub(super) fn each(work: &mut Work, path: &Path, change: &dyn Fn(&mut Constraint)) -> Outcome {
    let owner = path.qname();
    let parts = parts(work, path)?;
    match work.table_mut(&owner)?.constraint_mut(&path.part) {
        Some(constraint) => change(constraint),
        None => return Err(missing(path.clone())),
    }
    work.altered(path.clone());
    parts.iter().try_for_each(|part| each(work, part, change))
}

/// NOT NULL of 18 is validated by its name as well; it stands in its column.
pub(super) fn validate(work: &mut Work, path: &Path) -> Outcome {
    if work.table(&path.qname())?.constraint(&path.part).is_some_and(Constraint::has_index) {
        return Err(invalid(format!("constraint {} is not a foreign key or check constraint", path.part)));
    }
    each(work, path, &|constraint| constraint.valid = true)
}

pub(super) fn set_no_inherit(work: &mut Work, path: &Path, no_inherit: bool) -> Outcome {
    match work.table_mut(&path.qname())?.constraint_mut(&path.part) {
        Some(constraint) => constraint.no_inherit = no_inherit,
        None => return Err(missing(path.clone())),
    }
    Ok(())
}

/// The same constraint in the children. A child's own check of the name is validated with its parent's.
fn parts(work: &Work, path: &Path) -> Outcome<Vec<Path>> {
    let owner = path.qname();
    let constraint = work.table(&owner)?.constraint(&path.part).ok_or_else(|| missing(path.clone()))?;
    let is_check = matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit;
    let part = |child: &crate::QName| {
        let table = work.schema.table(child)?;
        let merged = table.constraint(&constraint.name).filter(|own| is_check && own.kind == constraint.kind);
        let own = merged.or_else(|| table.constraints.iter().find(|own| is_part_of(own, constraint)))?;
        Some(Path::constraint(child, own.name.clone()))
    };
    Ok(work.children(&owner).iter().filter_map(part).collect())
}
