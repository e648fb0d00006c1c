//! What the schema knows by name besides its objects: who holds each relation name, which constraint names are in use,
//! which tables inherit from which.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::work::{Outcome, Work, exists};
use crate::name::{Name, QName};
use crate::object::{Object, Table};
use crate::path::Path;
use crate::schema::Schema;

/// The names that an object takes among relations, each with the path that answers for it.
pub(super) fn relation_names(path: &Path, object: &Object) -> Vec<(QName, Path)> {
    let owner = path.qname();
    let inside = |name: &Name| QName::new(owner.schema.clone(), name.clone());
    let mut found = Vec::new();
    match object {
        Object::Table(table) => {
            found.push((owner.clone(), path.clone()));
            for column in &table.columns {
                if let Some(identity) = &column.identity {
                    found.push((identity.sequence.name.clone(), Path::column(&owner, column.name.clone())));
                }
            }
            for constraint in table.constraints.iter().filter(|constraint| constraint.has_index()) {
                let name = &constraint.name;
                found.push((inside(name), Path::constraint(&owner, name.clone())));
            }
            let indexes = table.indexes.iter().map(|index| &index.name);
            found.extend(indexes.map(|name| (inside(name), Path::index(&owner, name.clone()))));
        }
        Object::View(view) => {
            found.push((owner.clone(), path.clone()));
            let indexes = view.indexes.iter().map(|index| &index.name);
            found.extend(indexes.map(|name| (inside(name), Path::index(&owner, name.clone()))));
        }
        Object::Sequence(_) | Object::Composite(_) => found.push((owner, path.clone())),
        _ => {}
    }
    found
}

/// The names of its constraints, once for each.
pub(super) fn constraint_names(path: &Path, object: &Object) -> Vec<QName> {
    let inside = |name: &Name| QName::new(path.schema.clone(), name.clone());
    match object {
        Object::Table(table) => table.constraints.iter().map(|constraint| inside(&constraint.name)).collect(),
        Object::Domain(domain) => domain.checks.iter().map(|check| inside(&check.name)).collect(),
        _ => Vec::new(),
    }
}

/// The tables that this one is a partition or child of.
pub(super) fn parents(table: &Table) -> Vec<QName> {
    table.partition_of.iter().map(|part| &part.parent).chain(&table.inherits).cloned().collect()
}

impl Work {
    /// Puts an object under its path, with every name it brings. None of them may be taken.
    pub(super) fn enter(&mut self, path: Path, object: Object) -> Outcome {
        for (name, holder) in relation_names(&path, &object) {
            self.claim(name, holder)?;
        }
        for name in constraint_names(&path, &object) {
            self.schema.count_constraint(name);
        }
        if let Object::Table(table) = &object {
            for parent in parents(table) {
                self.schema.add_child(&parent, &path.qname());
            }
        }
        self.schema.objects.insert_mut(path, object);
        Ok(())
    }

    /// Takes an object out, with every name it brought.
    pub(super) fn leave(&mut self, path: &Path) -> Option<Object> {
        let object = self.schema.objects.get(path)?.clone();
        for (name, _) in relation_names(path, &object) {
            self.schema.relations.remove_mut(&name);
        }
        for name in constraint_names(path, &object) {
            self.schema.discount_constraint(&name);
        }
        if let Object::Table(table) = &object {
            for parent in parents(table) {
                self.schema.remove_child(&parent, &path.qname());
            }
        }
        self.schema.objects.remove_mut(path);
        Some(object)
    }

    /// Takes a name among relations.
    pub(super) fn claim(&mut self, name: QName, holder: Path) -> Outcome {
        if let Some(other) = self.schema.relations.get(&name) {
            return Err(exists(other.clone()));
        }
        self.schema.relations.insert_mut(name, holder);
        Ok(())
    }

    pub(super) fn release(&mut self, name: &QName) {
        self.schema.relations.remove_mut(name);
    }

    /// A type name must be free: enums, domains, ranges, composites, tables and views share one name space.
    pub(super) fn need_free_type(&self, name: &QName) -> Outcome {
        match self.schema.type_source(name) {
            Some(other) => Err(exists(other)),
            None => Ok(()),
        }
    }
}

impl Schema {
    pub(super) fn count_constraint(&mut self, name: QName) {
        let count = self.constraint_names.get(&name).copied().unwrap_or(0);
        self.constraint_names.insert_mut(name, count + 1);
    }

    pub(super) fn discount_constraint(&mut self, name: &QName) {
        match self.constraint_names.get(name).copied() {
            Some(count) if count > 1 => self.constraint_names.insert_mut(name.clone(), count - 1),
            _ => {
                self.constraint_names.remove_mut(name);
            }
        }
    }

    pub(super) fn add_child(&mut self, parent: &QName, child: &QName) {
        let mut children = self.children.get(parent).cloned().unwrap_or_default();
        Arc::make_mut(&mut children).insert(child.clone());
        self.children.insert_mut(parent.clone(), children);
    }

    pub(super) fn remove_child(&mut self, parent: &QName, child: &QName) {
        let Some(mut children) = self.children.get(parent).cloned() else { return };
        Arc::make_mut(&mut children).remove(child);
        if children.is_empty() {
            self.children.remove_mut(parent);
        } else {
            self.children.insert_mut(parent.clone(), children);
        }
    }

    /// Notes what an object that came from another schema brings besides its relation names.
    pub(crate) fn note_facts(&mut self, path: &Path, object: &Object) {
        for name in constraint_names(path, object) {
            self.count_constraint(name);
        }
        if let Object::Table(table) = object {
            for parent in parents(table) {
                self.add_child(&parent, &path.qname());
            }
        }
    }
}

/// The children of one table. Shared between copies of the schema.
pub(crate) type Children = Arc<BTreeSet<QName>>;
