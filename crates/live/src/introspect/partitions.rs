//! Partitioned tables and their partitions.

use model::Expr;
use model::object::{PartitionBy, PartitionKey, PartitionOf, PartitionStrategy};
use read::sql::postgres::Printed;

use super::row::letter;
use super::world::World;
use crate::Error;

/// The strategy of each partitioned table, and the bound of each partition.
pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows("SELECT partrelid, partstrat::text FROM pg_partitioned_table")?;
    for row in &rows {
        let strategy = match letter(row, "partstrat") {
            'l' => PartitionStrategy::List,
            'h' => PartitionStrategy::Hash,
            _ => PartitionStrategy::Range,
        };
        if let Some(table) = world.tables.get_mut(&row.get("partrelid")) {
            table.partition_by = Some(PartitionBy { strategy, keys: Vec::new() });
        }
    }
    let rows = world.rows(
        "SELECT c.oid, i.inhparent, pg_get_expr(c.relpartbound, c.oid) AS bound
         FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
         WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND NOT i.inhdetachpending",
    )?;
    let known = world.known();
    for row in &rows {
        let Some(parent) = world.relation(row.get("inhparent")) else { continue };
        let bound = Printed { schema: &known }.bound(row.get("bound"));
        if let Some(table) = world.tables.get_mut(&row.get("oid")) {
            table.partition_of = Some(PartitionOf { parent, bound });
        }
    }
    Ok(())
}

/// What rows are divided by: columns by number, expressions as text.
pub(super) fn keys(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT partrelid, partattrs::int2[], partclass::oid[], partcollation::oid[],
                pg_get_expr(partexprs, partrelid) AS exprs,
                ARRAY(SELECT coalesce(a.attcollation, 0)
                      FROM unnest(partattrs::int2[]) WITH ORDINALITY AS key (number, position)
                      LEFT JOIN pg_attribute a ON a.attrelid = partrelid AND a.attnum = key.number
                      ORDER BY key.position) AS own
         FROM pg_partitioned_table",
    )?;
    let known = world.known();
    for row in &rows {
        let relation: u32 = row.get("partrelid");
        let Some(table) = world.relation(relation) else { continue };
        let (numbers, classes): (Vec<i16>, Vec<u32>) = (row.get("partattrs"), row.get("partclass"));
        let (collations, own): (Vec<u32>, Vec<u32>) = (row.get("partcollation"), row.get("own"));
        let text: Option<&str> = row.get("exprs");
        let mut exprs = text.map(|text| Printed { schema: &known }.expressions(&table, text)).unwrap_or_default();
        exprs.reverse();
        let mut keys = Vec::new();
        for (position, number) in numbers.iter().enumerate() {
            let expr = match world.column(relation, *number) {
                Some(column) => Expr::column(column.clone()),
                None => exprs.pop().unwrap_or(Expr::Null),
            };
            keys.push(PartitionKey {
                expr,
                collation: collation(world, collations[position], own[position]),
                opclass: world.opclass(classes[position]),
            });
        }
        if let Some(by) = world.tables.get_mut(&relation).and_then(|table| table.partition_by.as_mut()) {
            by.keys = keys;
        }
    }
    Ok(())
}

/// The collation of a key, when it is not that of its column. An expression's own is taken to be the default.
pub(super) fn collation(world: &World<'_>, of_key: u32, of_column: u32) -> Option<model::QName> {
    const DEFAULT: u32 = 100;
    let own = if of_column == 0 { DEFAULT } else { of_column };
    (of_key != own).then(|| world.collations.get(&of_key).cloned()).flatten()
}
