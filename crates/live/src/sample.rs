//! Rows that obey the constraints of a schema, made from its types alone: the same for each run.

mod ahead;
mod copy;
pub(crate) mod value;

use std::collections::BTreeSet;
use std::ops::Range;

use model::object::Table;
use model::{Name, QName, Schema};
use postgres::Client;

pub use ahead::{Ahead, Condition};
pub use copy::copy;
use value::Types;

/// How many rows each table got. One whose constraints are too clever for us has none.
pub type Filled = Vec<(QName, u64)>;

/// A value of an enum.
pub type EnumValue = (QName, Name);

/// How many rows each table has; what the server does not have is left out.
pub fn count(client: &mut Client, schema: &Schema) -> Result<Filled, postgres::Error> {
    let mut filled = Filled::new();
    for table in ordered(schema) {
        match client.query_one(&format!("SELECT count(*) FROM {}", table.name), &[]) {
            Ok(row) => filled.push((table.name.clone(), row.get::<_, i64>(0).unsigned_abs())),
            Err(error) if error.as_db_error().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Whether the rows leave a column without any value. What the server does not have lacks nothing.
fn lacks_values(client: &mut Client, table: &Table) -> Result<bool, postgres::Error> {
    let own = table.columns.iter().filter(|column| column.generated.is_none());
    let none: Vec<String> = own.map(|column| format!("count({}) = 0", model::name::quoted(&column.name))).collect();
    let lacks = if none.is_empty() { "count(*) = 0".to_owned() } else { none.join(" OR ") };
    match client.query_one(&format!("SELECT {lacks} FROM {}", table.name), &[]) {
        Ok(row) => Ok(row.get(0)),
        Err(error) if error.as_db_error().is_some() => Ok(false),
        Err(error) => Err(error),
    }
}

/// More rows for the tables that have none, or none with a value in one of their columns. `turn` is another one each
/// time, so that the rows are others, too. The answer names the conditions of later that they obey.
pub fn fill_more(client: &mut Client, ahead: &Ahead, rows: u32, turn: u32) -> Result<Vec<String>, postgres::Error> {
    let without = BTreeSet::new();
    let first = rows.saturating_mul(turn).saturating_add(1);
    let mut lacking = Vec::new();
    for table in ordered(&ahead.then) {
        if lacks_values(client, table)? {
            lacking.push(table);
        }
    }
    client.batch_execute("BEGIN")?;
    let standing = ahead.stand(client, &lacking.iter().map(|table| &table.name).collect())?;
    for table in lacking {
        fill_range(
            client,
            &Types { schema: &ahead.then, without: &without },
            table,
            first..first.saturating_add(rows),
        )?;
    }
    let obeyed = standing.leave(client)?;
    client.batch_execute("COMMIT")?;
    number_on(client, &ahead.now)?;
    Ok(obeyed)
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
            let numbered = client.batch_execute(&format!(
                "SELECT setval(pg_get_serial_sequence({table}, {own}), greatest(max({shown})::bigint, 1)) FROM {name}"
            ));
            match numbered {
                // It is not there, or has no sequence of its own.
                Err(error) if error.as_db_error().is_none() => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Fills every table, those first that others refer to, in the transaction that is open. Values of enums that are in
/// `without` are in no row. The second answer names the conditions of later that the rows obey.
pub fn fill(
    client: &mut Client,
    ahead: &Ahead,
    rows: u32,
    without: &BTreeSet<EnumValue>,
) -> Result<(Filled, Vec<String>), postgres::Error> {
    let mut filled = Filled::new();
    let tables = ordered(&ahead.then);
    let standing = ahead.stand(client, &tables.iter().map(|table| &table.name).collect())?;
    for table in tables {
        let count = fill_range(client, &Types { schema: &ahead.then, without }, table, 1..rows.saturating_add(1))?;
        filled.push((table.name.clone(), count));
    }
    let obeyed = standing.leave(client)?;
    number_on(client, &ahead.now)?;
    Ok((filled, obeyed))
}

/// At once where the server takes that, else row by row, and those that it refuses are left out.
fn fill_range(
    client: &mut Client,
    types: &Types<'_>,
    table: &Table,
    numbers: Range<u32>,
) -> Result<u64, postgres::Error> {
    /// Row by row takes its time.
    const MOST: usize = 200;
    /// What was refused so often in a row will be refused again.
    const ENOUGH: usize = 10;
    if numbers.is_empty() {
        return Ok(0);
    }
    let insert = |from: u32, to: u32| value::insert(types, table, from, to);
    client.batch_execute("SAVEPOINT fill")?;
    let (from, to) = (numbers.start, numbers.end - 1);
    for (statement, enough) in [(value::fitting(types, table, from, to), 1), (Some(insert(from, to)), 0)] {
        let Some(statement) = statement else { continue };
        match client.execute(&statement, &[]) {
            Ok(count) if count >= enough => {
                client.batch_execute("RELEASE fill")?;
                return Ok(count);
            }
            Ok(_) => {}
            Err(error) if error.as_db_error().is_some() => client.batch_execute("ROLLBACK TO fill")?,
            Err(error) => return Err(error),
        }
    }
    let mut count = 0;
    for (tried, row) in numbers.take(MOST).enumerate() {
        if count == 0 && tried >= ENOUGH {
            break;
        }
        match client.execute(&insert(row, row), &[]) {
            Ok(made) => {
                count += made;
                client.batch_execute("RELEASE fill; SAVEPOINT fill")?;
            }
            Err(error) if error.as_db_error().is_some() => client.batch_execute("ROLLBACK TO fill")?,
            Err(error) => return Err(error),
        }
    }
    client.batch_execute("RELEASE fill")?;
    Ok(count)
}

/// Tables that hold rows themselves, each behind those that its foreign keys need.
pub(crate) fn ordered(schema: &Schema) -> Vec<&Table> {
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
