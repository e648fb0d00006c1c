//! What ALTER TABLE changes about the table itself.

use std::sync::Arc;

use super::sequence;
use crate::apply::work::{Outcome, Work, invalid, missing};
use crate::name::{Name, QName};
use crate::object::{Object, Persistence, ReplicaIdentity};
use crate::path::Path;

/// The sequences that the table owns go with it.
pub(super) fn set_persistence(work: &mut Work, path: &Path, persistence: Persistence) -> Outcome {
    let sequences = sequence::owned_by(work, &path.qname());
    match work.object_mut(path)? {
        Object::Table(table) => {
            let table = Arc::make_mut(table);
            table.persistence = persistence;
            for identity in table.columns.iter_mut().filter_map(|column| Arc::make_mut(column).identity.as_mut()) {
                identity.sequence.persistence = persistence;
            }
        }
        Object::View(view) => Arc::make_mut(view).persistence = persistence,
        Object::Sequence(sequence) => sequence.persistence = persistence,
        _ => return Err(invalid(format!("{path} is not a table"))),
    }
    for path in sequences {
        if let Object::Sequence(sequence) = work.object_mut(&path)? {
            sequence.persistence = persistence;
        }
    }
    Ok(())
}

pub(super) fn set_replica_identity(work: &mut Work, path: &Path, identity: &ReplicaIdentity) -> Outcome {
    let table = work.table_mut(&path.qname())?;
    if let ReplicaIdentity::Index(name) = identity {
        let key = table.constraint(name).is_some_and(|constraint| constraint.as_key().is_some());
        let unique = table.index(name).is_some_and(|index| index.unique);
        if !key && !unique {
            return Err(missing(Path::index(&path.qname(), name.clone())));
        }
    }
    table.replica_identity = identity.clone();
    Ok(())
}

pub(super) fn set_access_method(work: &mut Work, path: &Path, method: &Name) -> Outcome {
    match work.object_mut(path)? {
        Object::Table(table) => Arc::make_mut(table).access_method = Some(method.clone()),
        Object::View(view) => Arc::make_mut(view).access_method = Some(method.clone()),
        _ => return Err(invalid(format!("{path} has no access method"))),
    }
    Ok(())
}

/// At most one index of a table is the one to cluster by.
pub(super) fn cluster_on(work: &mut Work, path: &Path, chosen: Option<&Name>) -> Outcome {
    let owner = path.qname();
    let known = |work: &Work, name: &Name| {
        work.schema.contains(&Path::index(&owner, name.clone()))
            || work.schema.table(&owner).is_some_and(|table| table.constraint(name).is_some_and(|own| own.has_index()))
    };
    if let Some(name) = chosen.filter(|name| !known(work, name)) {
        return Err(missing(Path::index(&owner, name.clone())));
    }
    let indexes = match work.view_path(&owner) {
        Some(_) => &mut work.view_mut(&owner)?.indexes,
        None => &mut work.table_mut(&owner)?.indexes,
    };
    for index in indexes {
        index.clustered = Some(&index.name) == chosen;
    }
    Ok(())
}

/// The columns are the type's, or the table's own again.
pub(super) fn set_of_type(work: &mut Work, path: &Path, of: Option<&QName>) -> Outcome {
    let table = work.table_mut(&path.qname())?;
    table.of_type = of.cloned();
    table.columns.iter_mut().map(Arc::make_mut).for_each(|column| column.inherited = of.is_some());
    Ok(())
}
