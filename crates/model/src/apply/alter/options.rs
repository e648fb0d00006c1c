//! Storage parameters, tablespaces and per-key statistics.

use std::sync::Arc;

use crate::apply::work::{Outcome, Work, invalid, missing};
use crate::name::Name;
use crate::object::{ConstraintKind, Index, Object, Options};
use crate::path::{Kind, Path};

pub(super) fn set_options(work: &mut Work, path: &Path, changes: &[(Name, Option<Name>)]) -> Outcome {
    let Some(options) = options_mut(work, path)? else {
        return Err(invalid(format!("{path} has no options")));
    };
    for (name, value) in changes {
        match value {
            Some(value) => options.insert(name.clone(), value.clone()),
            None => options.remove(name),
        };
    }
    Ok(())
}

fn options_mut<'a>(work: &'a mut Work, path: &Path) -> Outcome<Option<&'a mut Options>> {
    let owner = path.qname();
    Ok(match path.kind {
        Kind::Column => work.table_mut(&owner)?.column_mut(&path.part).map(|column| &mut column.options),
        Kind::Index => index_mut(work, path)?.map(|index| &mut index.options),
        Kind::Constraint => match work.table_mut(&owner)?.constraint_mut(&path.part).map(|own| &mut own.kind) {
            Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) => Some(&mut key.options),
            Some(ConstraintKind::Exclude(exclude)) => Some(&mut exclude.options),
            _ => None,
        },
        _ => match work.object_mut(path)? {
            Object::Table(table) => {
                let table = Arc::make_mut(table);
                Some(table.foreign.as_mut().map_or(&mut table.options, |foreign| &mut foreign.options))
            }
            Object::View(view) => Some(&mut Arc::make_mut(view).options),
            Object::Publication(publication) => Some(&mut publication.options),
            Object::Range(range) => Some(&mut range.options),
            _ => None,
        },
    })
}

pub(super) fn set_tablespace(work: &mut Work, path: &Path, tablespace: &Name) -> Outcome {
    let owner = path.qname();
    let place = match path.kind {
        Kind::Index => index_mut(work, path)?.map(|index| &mut index.tablespace),
        Kind::Constraint => match work.table_mut(&owner)?.constraint_mut(&path.part).map(|own| &mut own.kind) {
            Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) => Some(&mut key.tablespace),
            Some(ConstraintKind::Exclude(exclude)) => Some(&mut exclude.tablespace),
            _ => None,
        },
        // `ALTER DATABASE … SET TABLESPACE` and its like move what the model does not hold.
        Kind::Database => return Ok(()),
        _ => match work.object_mut(path)? {
            Object::Table(table) => Some(&mut Arc::make_mut(table).tablespace),
            Object::View(view) => Some(&mut Arc::make_mut(view).tablespace),
            _ => None,
        },
    };
    match place {
        Some(place) => *place = Some(tablespace.clone()),
        None => return Err(invalid(format!("{path} has no tablespace"))),
    }
    Ok(())
}

pub(super) fn set_key_statistics(work: &mut Work, path: &Path, key: u16, target: Option<i32>) -> Outcome {
    let Some(index) = index_mut(work, path)? else {
        return Err(invalid(format!("the keys of {path} are columns")));
    };
    match index.keys.get(usize::from(key).wrapping_sub(1)) {
        None => return Err(invalid(format!("column number {key} of relation {path} does not exist"))),
        Some(part) if part.expr.as_column().is_some() => {
            return Err(invalid(format!("cannot alter statistics on non-expression column {key} of index {path}")));
        }
        Some(_) => {}
    }
    index.statistics.retain(|(known, _)| *known != key);
    index.statistics.extend(target.map(|target| (key, target)));
    index.statistics.sort_unstable();
    Ok(())
}

fn index_mut<'a>(work: &'a mut Work, path: &Path) -> Outcome<Option<&'a mut Index>> {
    let owner = path.qname();
    let indexes = match (path.kind, work.view_path(&owner)) {
        (Kind::Index, Some(_)) => &mut work.view_mut(&owner)?.indexes,
        (Kind::Index, None) => &mut work.table_mut(&owner)?.indexes,
        _ => return Ok(None),
    };
    let found = indexes.iter_mut().find(|index| index.name == path.part);
    found.map(Some).ok_or_else(|| missing(path.clone()))
}
