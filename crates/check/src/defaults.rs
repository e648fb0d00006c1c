//! The default partition as a fix: what no other partition takes has a place.

use model::object::{Object, PartitionOf, Table};
use model::{Change, Path, QName, Schema, Sql};

/// Makes the default partition; nothing where the name is taken.
pub(crate) fn partition(schema: &Schema, table: &Table) -> Vec<Change> {
    let name = QName::new(table.name.schema.clone(), format!("{}_default", table.name.name));
    if schema.relation(&name).is_some() || schema.type_path(&name).is_some() {
        return Vec::new();
    }
    let mut partition = Table::new(name.clone());
    partition.partition_of = Some(PartitionOf { parent: table.name.clone(), bound: Sql::text("DEFAULT") });
    vec![Change::Create { path: Path::table(&name), object: Object::Table(partition.into()) }]
}
