//! Some rows of a running database, with all that they refer to, so that every constraint holds of them.

use std::collections::{BTreeMap, BTreeSet};

use model::name::{literal, quoted};
use model::object::Table;
use model::{QName, Schema};
use postgres::Client;

use super::{Filled, ordered};
use crate::connection::{self, Access};
use crate::{Error, Target};

/// A row as text, column by column; none is NULL.
type Row = Vec<Option<String>>;

/// The rows of one table by where they lie: each is taken once.
type Rows = BTreeMap<String, Row>;

/// Copies so many rows of each table, and those that they refer to, in one look at the database. Nothing is written
/// there.
pub fn copy(client: &mut Client, from: &Target, schema: &Schema, count: u32) -> Result<Filled, Error> {
    let mut source = connection::open(from, Access::ReadOnly)?;
    source.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let tables = ordered(schema);
    let mut taken: BTreeMap<QName, Rows> = BTreeMap::new();
    for table in &tables {
        let limit = format!("LIMIT {count}");
        let rows = read(&mut source, table, &limit)?;
        taken.insert(table.name.clone(), rows);
    }
    while referred(&mut source, schema, &tables, &mut taken)? {}
    source.batch_execute("ROLLBACK")?;
    // What is right there is right here: no trigger changes it, and no key is asked before its row is in.
    client.batch_execute("SET LOCAL session_replication_role = replica")?;
    let mut filled = Filled::new();
    for table in tables {
        let rows = taken.remove(&table.name).unwrap_or_default();
        write(client, table, &rows)?;
        filled.push((table.name.clone(), rows.len() as u64));
    }
    client.batch_execute("SET LOCAL session_replication_role = origin")?;
    super::number_on(client, schema)?;
    Ok(filled)
}

fn names(table: &Table) -> Vec<String> {
    let own = table.columns.iter().filter(|column| column.generated.is_none());
    own.map(|column| quoted(&column.name).into_owned()).collect()
}

fn read(source: &mut Client, table: &Table, which: &str) -> Result<Rows, postgres::Error> {
    let values: String = names(table).iter().map(|name| format!(", {name}::text")).collect();
    let query = format!("SELECT tableoid || ' ' || ctid::text{values} FROM {} {which}", table.name);
    let rows = source.query(&query, &[])?;
    Ok(rows.iter().map(|row| (row.get(0), (1..row.len()).map(|index| row.get(index)).collect())).collect())
}

/// Takes the rows that others refer to and that are not there yet; whether there were any.
fn referred(
    source: &mut Client,
    schema: &Schema,
    tables: &[&Table],
    taken: &mut BTreeMap<QName, Rows>,
) -> Result<bool, postgres::Error> {
    let mut more = false;
    for table in tables {
        for (_, key) in table.foreign_keys() {
            let Some(target) = schema.table(&key.table) else { continue };
            let is_held = tables.iter().any(|table| table.name == target.name);
            if !is_held {
                continue;
            }
            let wanted = tuples(table, &key.columns, taken.get(&table.name));
            let there = tuples(target, &key.targets, taken.get(&target.name));
            let missing: Vec<&Vec<String>> = wanted.difference(&there).collect();
            let columns: Vec<String> = key.targets.iter().map(|name| quoted(name).into_owned()).collect();
            // In portions: a statement has a longest length.
            for portion in missing.chunks(500) {
                let tuple = |tuple: &&Vec<String>| {
                    let values: Vec<String> = tuple.iter().map(|value| literal(value)).collect();
                    format!("({})", values.join(", "))
                };
                let list: Vec<String> = portion.iter().map(tuple).collect();
                let which = format!("WHERE ({}) IN ({})", columns.join(", "), list.join(", "));
                let rows = read(source, target, &which)?;
                let known = taken.entry(target.name.clone()).or_default();
                let before = known.len();
                known.extend(rows);
                more |= known.len() > before;
            }
        }
    }
    Ok(more)
}

/// The values of a key in these rows; a row with a NULL in it refers to nothing.
fn tuples(table: &Table, columns: &[model::Name], rows: Option<&Rows>) -> BTreeSet<Vec<String>> {
    let names = names(table);
    let at: Vec<Option<usize>> =
        columns.iter().map(|column| names.iter().position(|name| *name == quoted(column))).collect();
    let tuple = |row: &Row| at.iter().map(|at| row.get((*at)?)?.clone()).collect::<Option<Vec<String>>>();
    rows.into_iter().flat_map(|rows| rows.values()).filter_map(tuple).collect()
}

fn write(client: &mut Client, table: &Table, rows: &Rows) -> Result<(), postgres::Error> {
    let own: Vec<_> = table.columns.iter().filter(|column| column.generated.is_none()).collect();
    if own.is_empty() || rows.is_empty() {
        for _ in rows {
            client.batch_execute(&format!("INSERT INTO {} DEFAULT VALUES", table.name))?;
        }
        return Ok(());
    }
    // Each column is one list of texts, so that no value is ever part of a statement.
    let lists: Vec<Vec<&Option<String>>> =
        (0..own.len()).map(|index| rows.values().map(|row| &row[index]).collect()).collect();
    let values: Vec<String> =
        own.iter().enumerate().map(|(index, column)| format!("c{index}::{}", column.ty)).collect();
    let aliases: Vec<String> = (0..own.len()).map(|index| format!("c{index}")).collect();
    let parameters: Vec<String> = (1..=own.len()).map(|number| format!("${number}::text[]")).collect();
    let insert = format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM unnest({}) AS taken({})",
        table.name,
        names(table).join(", "),
        values.join(", "),
        parameters.join(", "),
        aliases.join(", ")
    );
    let parameters: Vec<&(dyn postgres::types::ToSql + Sync)> =
        lists.iter().map(|list| list as &(dyn postgres::types::ToSql + Sync)).collect();
    client.execute(&insert, &parameters)?;
    Ok(())
}
