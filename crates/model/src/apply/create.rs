//! CREATE: a new object, or a new part of a table or view.

mod column;
mod constraint;
mod index;
mod part;
mod table;
mod types;

pub(super) use column::{add_column, settle_identity};
pub(super) use constraint::{add_constraint, inherit_constraint, same_constraint};
pub(super) use index::{add_index, inherit_index, same_index};
pub(super) use part::{add_trigger, need_free_part};
pub(super) use types::name_domain_check;

use std::sync::Arc;

use super::work::{Outcome, Work, exists, invalid};
use super::{grants, naming};
use crate::name::QName;
use crate::object::{Object, Statistics, View};
use crate::path::{Kind, Path};

pub(super) fn create(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    make(work, path, object)?;
    if !path.kind.is_part() {
        grants::by_default(work, path);
    }
    Ok(())
}

fn make(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    let owner = path.qname();
    match object {
        Object::Table(table) => table::create_table(work, path, table),
        Object::View(view) => create_view(work, path, view),
        Object::Sequence(sequence) => {
            if let Some((table, column)) = &sequence.owned_by {
                work.need_column(table, column)?;
            }
            create_in_schema(work, path, object)
        }
        Object::Enum(_) | Object::Range(_) | Object::Domain(_) | Object::Composite(_) => {
            types::create_type(work, path, object)
        }
        Object::Routine(_) | Object::Aggregate(_) => {
            let kinds = [Kind::Function, Kind::Procedure, Kind::Aggregate];
            if let Some(other) = kinds
                .map(|kind| Path { kind, ..path.clone() })
                .into_iter()
                .find(|path| work.schema.objects.contains_key(path))
            {
                return Err(exists(other));
            }
            create_in_schema(work, path, object)
        }
        Object::Statistics(statistics) => create_statistics(work, path, statistics),
        Object::DefaultPrivileges(defaults) => grants::merge_default_privileges(work, path, defaults),
        Object::Namespace(_)
        | Object::Extension(_)
        | Object::Role(_)
        | Object::EventTrigger(_)
        | Object::Publication(_)
        | Object::Named(_) => create_named(work, path, object),
        Object::Column(column) => add_column(work, &owner, column),
        Object::Constraint(constraint) => add_constraint(work, &owner, constraint).map(drop),
        Object::Index(index) => add_index(work, &owner, index).map(drop),
        Object::Trigger(trigger) => add_trigger(work, &owner, trigger),
        Object::Rule(rule) => part::add_rule(work, &owner, rule),
        Object::Policy(policy) => part::add_policy(work, &owner, policy),
    }
}

fn create_view(work: &mut Work, path: &Path, view: &View) -> Outcome {
    if view.indexes.is_empty() {
        work.need_free_type(&view.name)?;
        return create_in_schema(work, path, &Object::View(Arc::new(view.clone())));
    }
    let mut bare = view.clone();
    let indexes = std::mem::take(&mut bare.indexes);
    create_view(work, path, &bare)?;
    indexes.iter().try_for_each(|index| add_index(work, &view.name, index).map(drop))
}

fn create_statistics(work: &mut Work, path: &Path, statistics: &Statistics) -> Outcome {
    for column in statistics.keys.iter().flat_map(|key| key.columns()) {
        work.need_column(&statistics.table, column)?;
    }
    let mut statistics = statistics.clone();
    let mut path = path.clone();
    if statistics.name.name.is_empty() {
        statistics.name.name = naming::statistics_name(&work.schema, &statistics.name.schema, &statistics);
        path = Path::object(Kind::Statistics, &statistics.name);
    }
    create_in_schema(work, &path, &Object::Statistics(statistics))
}

/// What lives in a schema or beside the schemas and takes no name but its own.
fn create_named(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    if let Object::Extension(extension) = object
        && let Some(namespace) = &extension.schema
    {
        work.need_namespace(namespace)?;
    }
    if path.kind == Kind::BaseType {
        work.need_free_type(&path.qname())?;
    }
    if path.kind == Kind::Namespace && path.name.starts_with("pg_") {
        return Err(invalid(format!("schema name {} is reserved for the system", path.name)));
    }
    if path.schema.is_empty() { insert(work, path, object) } else { create_in_schema(work, path, object) }
}

pub(super) fn create_in_schema(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    work.need_namespace(&path.schema)?;
    insert(work, path, object)
}

fn insert(work: &mut Work, path: &Path, object: &Object) -> Outcome {
    if work.schema.objects.contains_key(path) {
        return Err(exists(path.clone()));
    }
    work.enter(path.clone(), object.clone())?;
    work.created(path.clone());
    Ok(())
}

/// A relation name must be free before anything is made under it.
pub(super) fn need_free_relation(work: &Work, name: &QName) -> Outcome {
    match work.schema.relation(name) {
        Some(other) => Err(exists(other.clone())),
        None => Ok(()),
    }
}
