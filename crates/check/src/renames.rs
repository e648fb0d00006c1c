//! Renames as fixes: a thing gets another name, and what is called after it follows.

use std::collections::BTreeSet;

use model::object::Table;
use model::{Change, Kind, Name, Path, QName, Schema};

/// Gives a table another name, with the indexes and constraints that are called after it. Nothing where the name is
/// taken or too long.
pub(crate) fn table(schema: &Schema, table: &Table, to: &str) -> Vec<Change> {
    let free = |name: &str| {
        let name = QName { schema: table.name.schema.clone(), name: name.into() };
        name.name.len() <= model::name::LONGEST && schema.relation(&name).is_none() && schema.type_path(&name).is_none()
    };
    if !free(to) {
        return Vec::new();
    }
    let own = table.name.name.as_str();
    let after =
        |name: &Name| name.strip_prefix(own).filter(|rest| rest.starts_with('_')).map(|rest| format!("{to}{rest}"));
    let mut changes = Vec::new();
    let mut taken = BTreeSet::new();
    for constraint in table.constraints.iter().filter(|constraint| !constraint.inherited) {
        let Some(name) = after(&constraint.name).filter(|name| free(name) && taken.insert(name.clone())) else {
            continue;
        };
        let path = Path::constraint(&table.name, constraint.name.clone());
        changes.push(Change::Rename { path, to: name.into() });
    }
    for index in table.indexes.iter().filter(|index| !index.inherited) {
        let Some(name) = after(&index.name).filter(|name| free(name) && taken.insert(name.clone())) else { continue };
        changes.push(Change::Rename { path: Path::index(&table.name, index.name.clone()), to: name.into() });
    }
    changes.push(Change::Rename { path: Path::table(&table.name), to: to.into() });
    changes
}

/// Gives a part of a table another name; nothing where a part of its kind has it.
pub(crate) fn part(schema: &Schema, path: &Path, to: &str) -> Vec<Change> {
    let new = Path { part: to.into(), ..path.clone() };
    let relation = QName { schema: path.schema.clone(), name: to.into() };
    let is_taken = schema.contains(&new) || (path.kind != Kind::Column && schema.relation(&relation).is_some());
    match is_taken || to.len() > model::name::LONGEST || to == path.part {
        true => Vec::new(),
        false => vec![Change::Rename { path: path.clone(), to: to.into() }],
    }
}
