//! Rows that obey the constraints of a schema, made from its types alone: the same for each run.

mod copy;
mod value;

use std::collections::BTreeSet;

use model::object::Table;
use model::{Name, QName, Schema};
use postgres::Client;

pub use copy::copy;
use value::Types;

/// How many rows each table got. One whose constraints are too clever for us has none.
pub type Filled = Vec<(QName, u64)>;

/// A value of an enum.
pub type EnumValue = (QName, Name);

/// How many rows each table has.
pub fn count(client: &mut Client, schema: &Schema) -> Result<Filled, postgres::Error> {
    let mut filled = Filled::new();
    for table in ordered(schema) {
        let rows: i64 = client.query_one(&format!("SELECT count(*) FROM {}", table.name), &[])?.get(0);
        filled.push((table.name.clone(), rows.unsigned_abs()));
    }
    Ok(filled)
}

/// The tables of the schema that have no rows.
pub fn empty(client: &mut Client, schema: &Schema) -> Result<BTreeSet<QName>, postgres::Error> {
    let mut empty = BTreeSet::new();
    for table in ordered(schema) {
        let query = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        match client.query_one(&query, &[]) {
            Ok(row) if row.get(0) => {}
            Ok(_) => drop(empty.insert(table.name.clone())),
            // What the server does not have is not filled.
            Err(error) if error.as_db_error().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(empty)
}

/// Fills the tables that have no rows.
pub fn fill_empty(client: &mut Client, schema: &Schema, rows: u32) -> Result<Filled, postgres::Error> {
    let empty = empty(client, schema)?;
    let without = BTreeSet::new();
    let mut filled = Filled::new();
    client.batch_execute("BEGIN")?;
    for table in ordered(schema).into_iter().filter(|table| empty.contains(&table.name)) {
        let count = fill_one(client, &Types { schema, without: &without }, table, rows)?;
        filled.push((table.name.clone(), count));
    }
    number_on(client, schema)?;
    client.batch_execute("COMMIT")?;
    Ok(filled)
}

/// The sequences of columns go on behind the rows, as they would where the rows came one by one.
pub fn number_on(client: &mut Client, schema: &Schema) -> Result<(), postgres::Error> {
    for table in ordered(schema) {
        for column in &table.columns {
            let numbered = column.identity.is_some()
                || column.default.as_ref().is_some_and(|default| default.to_string().contains("nextval("));
            if !numbered {
                continue;
            }
            let (name, shown) = (&table.name, model::name::quoted(&column.name));
            let (table, own) = (model::name::literal(&name.to_string()), model::name::literal(&column.name));
            client.batch_execute(&format!(
                "SELECT setval(pg_get_serial_sequence({table}, {own}), greatest(max({shown})::bigint, 1)) FROM {name}
                 WHERE pg_get_serial_sequence({table}, {own}) IS NOT NULL"
            ))?;
        }
    }
    Ok(())
}

/// Fills every table, those first that others refer to. Values of enums that are in `without` are in no row.
pub fn fill(
    client: &mut Client,
    schema: &Schema,
    rows: u32,
    without: &BTreeSet<EnumValue>,
) -> Result<Filled, postgres::Error> {
    let mut filled = Filled::new();
    for table in ordered(schema) {
        let count = fill_one(client, &Types { schema, without }, table, rows)?;
        filled.push((table.name.clone(), count));
    }
    number_on(client, schema)?;
    Ok(filled)
}

/// At once where the server takes that, else row by row, and those that it refuses are left out.
fn fill_one(client: &mut Client, types: &Types<'_>, table: &Table, rows: u32) -> Result<u64, postgres::Error> {
    let insert = |from: u32, to: u32| value::insert(types, table, from, to);
    client.batch_execute("SAVEPOINT fill")?;
    if let Ok(count) = client.execute(&insert(1, rows), &[]) {
        client.batch_execute("RELEASE fill")?;
        return Ok(count);
    }
    client.batch_execute("ROLLBACK TO fill")?;
    let mut count = 0;
    for row in 1..=rows.min(200) {
        match client.execute(&insert(row, row), &[]) {
            Ok(made) => {
                count += made;
                client.batch_execute("RELEASE fill; SAVEPOINT fill")?;
            }
            Err(_) => client.batch_execute("ROLLBACK TO fill")?,
        }
        // What was refused ten times in a row will be refused again.
        if count == 0 && row >= 10 {
            break;
        }
    }
    client.batch_execute("RELEASE fill")?;
    Ok(count)
}

/// Tables that hold rows themselves, each behind those that its foreign keys need.
fn ordered(schema: &Schema) -> Vec<&Table> {
    let holds = |table: &&Table| table.partition_of.is_none() && table.foreign.is_none();
    let mut waiting: Vec<&Table> = schema.tables().filter(holds).collect();
    let mut order: Vec<&Table> = Vec::new();
    while !waiting.is_empty() {
        let known = |name: &QName| order.iter().any(|table| table.name == *name);
        let is_ready = |table: &&Table| {
            table.foreign_keys().all(|(_, key)| {
                let required = key.columns.iter().all(|own| table.column(own).is_some_and(|own| !own.is_nullable()));
                key.table == table.name || known(&key.table) || !required || schema.table(&key.table).is_none()
            })
        };
        let (ready, rest): (Vec<&Table>, Vec<&Table>) = waiting.iter().copied().partition(is_ready);
        if ready.is_empty() {
            // A circle of required keys: nobody can be first.
            order.extend(rest);
            break;
        }
        order.extend(ready);
        waiting = rest;
    }
    order
}
