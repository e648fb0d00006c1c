//! Which statements keep everybody out of a table that others use.

use model::object::{ConstraintKind, Object};
use model::step::Action;
use model::{Aspect, Change, Kind, QName, Step};

/// The tables on which the statement takes ACCESS EXCLUSIVE until its transaction ends, as far as others can use them:
/// they were there before the migration (manual, 13.3 and the pages of the statements).
pub(crate) fn access_exclusive(step: &Step) -> Vec<QName> {
    let mut tables: Vec<QName> = step.changes.iter().filter(|change| excludes(change)).map(owner).collect();
    if let Action::Truncate { tables: truncated, .. } = &step.action {
        tables.extend(truncated.iter().cloned());
    }
    if let Action::LockTable { tables: locked, mode } = &step.action {
        tables.extend(locked.iter().filter(|_| mode.eq_ignore_ascii_case("ACCESS EXCLUSIVE")).cloned());
    }
    tables.retain(|table| step.before.table(table).is_some() && step.table_existed(table));
    tables
}

fn owner(change: &Change) -> QName {
    match change {
        Change::Alter { aspect: Aspect::AttachPartition { partition, .. }, .. } => partition.clone(),
        _ => change.path().qname(),
    }
}

fn excludes(change: &Change) -> bool {
    let kind = change.path().kind;
    let in_table = matches!(kind, Kind::Table | Kind::Column | Kind::Constraint | Kind::Policy | Kind::Rule);
    match change {
        // A foreign key and a trigger take SHARE ROW EXCLUSIVE, an index SHARE.
        Change::Create { object, .. } => match object {
            Object::Column(_) | Object::Policy(_) | Object::Rule(_) => true,
            Object::Constraint(constraint) => !matches!(constraint.kind, ConstraintKind::ForeignKey(_)),
            _ => false,
        },
        // Of a table that goes away, nothing is left to be waited for.
        Change::Drop { .. } => in_table && kind != Kind::Table,
        Change::Rename { .. } | Change::Move { .. } => in_table,
        Change::Replace { .. } => false,
        Change::Alter { aspect, .. } => in_table && alters_exclusively(aspect),
    }
}

fn alters_exclusively(aspect: &Aspect) -> bool {
    matches!(
        aspect,
        Aspect::Type { .. }
            | Aspect::Default(_)
            | Aspect::NotNull(_)
            | Aspect::Identity(_)
            | Aspect::Generated(_)
            | Aspect::Storage(_)
            | Aspect::Persistence(_)
            | Aspect::RowSecurity(_)
            | Aspect::ReplicaIdentity(_)
            | Aspect::Inherit(_)
            | Aspect::NoInheritFrom(_)
            | Aspect::AttachPartition { .. }
            | Aspect::OfType(_)
            | Aspect::AccessMethod(_)
            | Aspect::Tablespace(_)
            | Aspect::Policy(_)
    )
}
