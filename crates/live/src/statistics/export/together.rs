//! How many combinations two columns have. The planner multiplies; of columns that hang on each other there are far
//! fewer, and an index over both is smaller by that, as equal keys share an entry. Some rows of many pages are read,
//! each value as a number, and counted here. Only what is far from the product is kept.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::super::file::{Kind, Pair, Table};
use super::super::name;
use super::relations::Relations;
use crate::Error;
use crate::name::qualified;

/// Smaller tables have small indexes.
const PAGES: u32 = 256;
/// So many pages are looked at, and so many rows of each: neighbours are alike.
const SAMPLED: f64 = 1500.0;
const EACH: f64 = 4.0;
const COLUMNS: usize = 16;
/// A product that is no further off says enough.
const NEAR: f64 = 0.8;

pub(super) fn read(transaction: &mut Transaction<'_>, relations: &mut Relations) -> Result<(), Error> {
    for table in relations.tables.values_mut() {
        if table.pages >= PAGES && matches!(table.kind, Kind::Table | Kind::Matview) && table.rows >= 1.0 {
            table.together = of_table(transaction, table)?;
        }
    }
    Ok(())
}

fn of_table(transaction: &mut Transaction<'_>, table: &Table) -> Result<Vec<Pair>, Error> {
    let Some(from) = name::read(&table.name) else { return Ok(Vec::new()) };
    // What is different in every row, or the same in all, makes no combinations.
    let repeats = |distinct: f32| (-0.95..0.0).contains(&distinct) || distinct > 1.0;
    let columns = table.columns.iter().filter(|own| !own.inherited && repeats(own.n_distinct) && own.avg_width <= 200);
    let columns: Vec<&str> = columns.take(COLUMNS).map(|own| own.name.as_str()).collect();
    if columns.len() < 2 {
        return Ok(Vec::new());
    }
    let shown: Vec<String> =
        columns.iter().map(|own| format!("coalesce(hashtext(t.{}::text), 0)", model::name::quoted(own))).collect();
    let pages = f64::from(table.pages);
    let part = match pages > 1.2 * SAMPLED {
        true => format!(" TABLESAMPLE SYSTEM ({}) REPEATABLE (1)", 100.0 * SAMPLED / pages),
        false => String::new(),
    };
    let step = (f64::from(table.rows) / pages / EACH).floor().max(1.0);
    let query = format!(
        "SELECT {} FROM ONLY {} AS t{part} WHERE ((t.ctid::text::point)[1])::int % {step} = 0 LIMIT {}",
        shown.join(", "),
        qualified(&from),
        2.0 * SAMPLED * EACH,
    );
    let mut inner = transaction.transaction()?;
    inner.batch_execute("SET LOCAL statement_timeout = '2s'")?;
    let found = inner.query(&query, &[]);
    inner.rollback()?;
    // Where it may not be read, columns count as independent.
    let Ok(found) = found else { return Ok(Vec::new()) };
    let values: Vec<Vec<i32>> =
        (0..columns.len()).map(|column| found.iter().map(|row| row.get(column)).collect()).collect();
    let mut pairs = Vec::new();
    for one in 0..columns.len() {
        for other in one + 1..columns.len() {
            let together = distinct(f64::from(table.rows), values[one].iter().zip(&values[other]));
            // The same values, of rows that have nothing to do with each other.
            let shifted = values[other].iter().cycle().skip(found.len() / 2);
            if together < NEAR * distinct(f64::from(table.rows), values[one].iter().zip(shifted)) {
                let of = [columns[one].to_owned(), columns[other].to_owned()];
                pairs.push(Pair { of, distinct: together.round() });
            }
        }
    }
    Ok(pairs)
}

/// How many there are in so many rows, by those of some (Haas and Stokes, as ANALYZE does).
fn distinct<'a>(total: f64, pairs: impl Iterator<Item = (&'a i32, &'a i32)>) -> f64 {
    let mut seen: BTreeMap<(i32, i32), u32> = BTreeMap::new();
    let mut rows = 0.0;
    for (one, other) in pairs {
        *seen.entry((*one, *other)).or_default() += 1;
        rows += 1.0;
    }
    let once = seen.values().filter(|times| **times == 1).count() as f64;
    match rows >= total {
        true => seen.len() as f64,
        false => rows * seen.len() as f64 / (rows - once + once * rows / total).max(1.0),
    }
}
