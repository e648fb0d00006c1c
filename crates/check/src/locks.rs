//! Which statements keep everybody out of a table that others use.
//!
//! A test of the crate `live` watches every form of a statement on real servers, and holds this against what they did.

use model::object::{ConstraintKind, Object};
use model::step::{Action, Maintenance};
use model::{Aspect, Change, Kind, Path, QName, Schema, Step};

use crate::partitions::default_of;

/// The tables on which the statement takes ACCESS EXCLUSIVE until its transaction ends, as far as others can use them:
/// they were there before the migration (manual, 13.3 and the pages of the statements), and are there behind it.
pub fn access_exclusive(step: &Step) -> Vec<QName> {
    let mut tables: Vec<QName> = Vec::new();
    if !step.how.concurrently {
        step.changes.iter().for_each(|change| closed_by(change, &step.before, &mut tables));
    }
    match &step.action {
        Action::Truncate { tables: truncated, .. } => tables.extend(truncated.iter().cloned()),
        Action::LockTable { tables: locked, mode } if mode.eq_ignore_ascii_case("ACCESS EXCLUSIVE") => {
            tables.extend(locked.iter().cloned());
        }
        Action::Maintain { what: Maintenance::VacuumFull | Maintenance::Cluster, target: Some(target) } => {
            tables.push(target.qname());
        }
        _ => {}
    }
    let goes = |table: &QName| {
        let drops = |change: &Change| matches!(change, Change::Drop { path, .. } if *path == Path::table(table));
        step.changes.iter().any(drops)
    };
    // Of a table that goes away, nothing is left to be waited for.
    tables.retain(|table| step.before.table(table).is_some() && step.table_existed(table) && !goes(table));
    let mut seen = Vec::new();
    tables.retain(|table| {
        let new = !seen.contains(table);
        seen.push(table.clone());
        new
    });
    tables
}

fn closed_by(change: &Change, before: &Schema, tables: &mut Vec<QName>) {
    let path = change.path();
    let in_table = matches!(path.kind, Kind::Table | Kind::Column | Kind::Constraint | Kind::Policy | Kind::Rule);
    match change {
        Change::Create { object, .. } => match object {
            Object::Column(_) | Object::Policy(_) | Object::Rule(_) => tables.push(path.qname()),
            // A foreign key and a trigger take SHARE ROW EXCLUSIVE, an index SHARE.
            Object::Constraint(constraint) if !matches!(constraint.kind, ConstraintKind::ForeignKey(_)) => {
                tables.push(path.qname());
            }
            Object::Table(table) => {
                if let Some(partition) = &table.partition_of {
                    tables.push(partition.parent.clone());
                    tables.extend(default_of(before, &partition.parent).map(|default| default.name.clone()));
                }
            }
            _ => {}
        },
        Change::Drop { .. } => {
            if in_table || matches!(path.kind, Kind::Index | Kind::Trigger) {
                tables.push(path.qname());
            }
            referenced_by_what_goes(path, before, tables);
        }
        Change::Rename { .. } | Change::Move { .. } => {
            if in_table || path.kind == Kind::Trigger {
                tables.push(path.qname());
            }
        }
        Change::Replace { .. } => {}
        Change::Alter { aspect: Aspect::AttachPartition { partition, .. }, .. } => {
            tables.push(partition.clone());
            tables.extend(default_of(before, &path.qname()).map(|default| default.name.clone()));
        }
        Change::Alter { aspect: Aspect::DetachPartition { partition }, .. } => {
            tables.extend([path.qname(), partition.clone()]);
            tables.extend(default_of(before, &path.qname()).map(|default| default.name.clone()));
        }
        Change::Alter { aspect, .. } => {
            if in_table && alters_exclusively(aspect) {
                tables.push(path.qname());
            }
        }
    }
}

/// A foreign key has triggers on the table that it points at, and a partition is part of its parent's description: both
/// change when it goes.
fn referenced_by_what_goes(path: &Path, before: &Schema, tables: &mut Vec<QName>) {
    let Some(table) = before.table(&path.qname()) else { return };
    for (constraint, key) in table.foreign_keys() {
        let goes = match path.kind {
            Kind::Table => true,
            Kind::Column => key.columns.contains(path.last()),
            Kind::Constraint => constraint.name == *path.last(),
            _ => false,
        };
        if goes {
            tables.push(key.table.clone());
        }
    }
    if path.kind == Kind::Table {
        tables.extend(before.referencing(&table.name).into_iter().map(|(other, _)| other.name.clone()));
        if let Some(partition) = &table.partition_of {
            tables.push(partition.parent.clone());
            tables.extend(default_of(before, &partition.parent).map(|default| default.name.clone()));
        }
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
            | Aspect::Compression(_)
            | Aspect::Deferrable(_)
            | Aspect::Enforced(_)
            | Aspect::Owner(_)
            | Aspect::Persistence(_)
            | Aspect::RowSecurity(_)
            | Aspect::ReplicaIdentity(_)
            | Aspect::Inherit(_)
            | Aspect::NoInheritFrom(_)
            | Aspect::OfType(_)
            | Aspect::AccessMethod(_)
            | Aspect::Tablespace(_)
            | Aspect::Policy(_)
    )
}
