//! A change in the making: the schema it works on and what came of it so far.

use std::sync::Arc;

use super::{Effects, Refusal};
use crate::name::{Name, QName};
use crate::object::{Object, Table, View};
use crate::path::{Kind, Path};
use crate::schema::Schema;

pub(super) type Outcome<T = ()> = Result<T, Refusal>;

pub(super) struct Work {
    pub(super) schema: Schema,
    pub(super) effects: Effects,
}

impl Work {
    pub(super) fn created(&mut self, path: Path) {
        self.effects.created.push(path);
    }

    /// Notes a change of the thing once, and not at all when this change made it.
    pub(super) fn altered(&mut self, path: Path) {
        if !self.effects.altered.contains(&path) && !self.effects.created.contains(&path) {
            self.effects.altered.push(path);
        }
    }

    pub(super) fn table(&self, name: &QName) -> Outcome<&Table> {
        self.schema.table(name).ok_or_else(|| missing(Path::table(name)))
    }

    /// The table, its own copy of it when others hold the old state.
    pub(super) fn table_mut(&mut self, name: &QName) -> Outcome<&mut Table> {
        let path = Path::table(name);
        match self.schema.objects.get_mut(&path) {
            Some(Object::Table(table)) => Ok(Arc::make_mut(table)),
            _ => Err(missing(path)),
        }
    }

    pub(super) fn view_mut(&mut self, name: &QName) -> Outcome<&mut View> {
        let path = self.view_path(name).ok_or_else(|| missing(Path::object(Kind::View, name)))?;
        match self.schema.objects.get_mut(&path) {
            Some(Object::View(view)) => Ok(Arc::make_mut(view)),
            _ => Err(missing(path)),
        }
    }

    pub(super) fn object_mut(&mut self, path: &Path) -> Outcome<&mut Object> {
        self.schema.objects.get_mut(path).ok_or_else(|| missing(path.clone()))
    }

    pub(super) fn view_path(&self, name: &QName) -> Option<Path> {
        [Kind::View, Kind::MaterializedView]
            .map(|kind| Path::object(kind, name))
            .into_iter()
            .find(|path| self.schema.objects.contains_key(path))
    }

    /// The tables that directly inherit from this one: partitions and children, in order.
    pub(super) fn children(&self, table: &QName) -> Vec<QName> {
        self.schema.children.get(table).map_or_else(Vec::new, |children| children.iter().cloned().collect())
    }

    /// The schema must be there before anything is made in it.
    pub(super) fn need_namespace(&self, namespace: &Name) -> Outcome {
        // Every session has a schema of its own for what is temporary.
        if namespace == "pg_temp" {
            return Ok(());
        }
        let path = Path::global(Kind::Namespace, namespace.clone());
        if self.schema.objects.contains_key(&path) { Ok(()) } else { Err(missing(path)) }
    }

    pub(super) fn need_column(&self, table: &QName, column: &Name) -> Outcome {
        match self.table(table)?.column(column) {
            Some(_) => Ok(()),
            None => Err(missing(Path::column(table, column.clone()))),
        }
    }

    /// The path of an index with its table filled in: statements about an index do not name the table. The index
    /// behind a constraint is the constraint.
    pub(super) fn resolved(&self, path: &Path) -> Outcome<Path> {
        if path.kind != Kind::Index || self.schema.contains(path) {
            return Ok(path.clone());
        }
        let name = QName::new(path.schema.clone(), path.part.clone());
        match self.schema.relation(&name) {
            Some(found) if matches!(found.kind, Kind::Index | Kind::Constraint) => Ok(found.clone()),
            _ => Err(missing(path.clone())),
        }
    }
}

pub(super) fn missing(path: Path) -> Refusal {
    Refusal::Missing { path }
}

pub(super) fn exists(path: Path) -> Refusal {
    Refusal::Exists { path }
}

pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::Invalid(message.into())
}
