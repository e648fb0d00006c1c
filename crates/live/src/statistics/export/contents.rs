//! What a GIN finds inside documents, arrays, words and text: how many keys, and how many rows hold each. ANALYZE keeps
//! little of arrays and nothing of documents and text, so some rows are read and their keys counted. No key is kept.

mod keys;
mod spread;

use postgres::Transaction;

use super::super::file::{By, Contents, Kind, Table};
use super::super::name;
use super::some;
use crate::Error;
use crate::name::qualified;
use keys::Width;
use spread::Counted;

/// So many rows say enough of what is frequent.
const ROWS: f64 = 10_000.0;

/// A table of so many pages is looked at.
const PAGES: u32 = 32;

/// Bytes of their values that are looked at; long documents are fewer.
const BYTES: f64 = 32e6;

/// Columns that a GIN may be made of. Trigrams count where somebody installed what makes them.
const COLUMNS: &str = "
    SELECT w.number::int, a.attname::text, t.typname::text, coalesce(e.typname, '')::text, coalesce(e.typlen, -1)::int
    FROM unnest($1::text[]) WITH ORDINALITY AS w(name, number) JOIN pg_attribute a ON a.attrelid = to_regclass(w.name)
         JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE a.attnum > 0 AND NOT a.attisdropped
      AND (t.typname IN ('jsonb', 'tsvector') OR e.oid IS NOT NULL
           OR t.typname IN ('text', 'varchar') AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm'))
      AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') AND NOT row_security_active(a.attrelid)
    ORDER BY w.number, a.attnum";

/// A column whose values are taken apart, and in which ways.
pub(super) struct Taken {
    name: String,
    ways: Vec<By>,
    width: Width,
    /// What is asked for.
    sql: String,
}

/// Those of each table.
pub(super) fn columns(transaction: &mut Transaction<'_>, tables: &[&mut Table]) -> Result<Vec<Vec<Taken>>, Error> {
    // What is small has small indexes; a partitioned table has no pages of its own.
    let holds = |table: &Table| match table.kind {
        Kind::Table | Kind::Matview => table.pages >= PAGES && table.rows >= 1.0,
        Kind::Partitioned => table.rows >= 1.0,
        Kind::Foreign => false,
    };
    let names: Vec<Option<String>> = tables
        .iter()
        .map(|table| name::read(&table.name).filter(|_| holds(table)).map(|name| qualified(&name)))
        .collect();
    let mut taken: Vec<Vec<Taken>> = tables.iter().map(|_| Vec::new()).collect();
    for row in transaction.query(COLUMNS, &[&names])? {
        let (name, ty, element): (String, &str, &str) = (row.get(1), row.get(2), row.get(3));
        let shown = format!("t.{}", model::name::quoted(&name));
        let (ways, sql) = match ty {
            "jsonb" => (vec![By::Jsonb, By::JsonbPaths], format!("{shown}::text")),
            "tsvector" => (vec![By::Words], format!("array_to_json(tsvector_to_array({shown}))::text")),
            "text" | "varchar" => (vec![By::Trigrams], format!("{shown}::text")),
            _ => (vec![By::Elements], format!("array_to_json({shown})::text")),
        };
        let width = match row.get::<_, i32>(4) {
            fixed @ 1.. => Width::Fixed(fixed.unsigned_abs()),
            _ if element == "numeric" => Width::Digits,
            _ => Width::Text,
        };
        // Numbered from 1.
        taken[row.get::<_, i32>(0) as usize - 1].push(Taken { name, ways, width, sql });
    }
    Ok(taken)
}

pub(super) fn read(transaction: &mut Transaction<'_>, table: &mut Table, columns: &[Taken]) -> Result<(), Error> {
    if columns.is_empty() {
        return Ok(());
    }
    let Some(from) = name::read(&table.name) else { return Ok(()) };
    let total = f64::from(table.rows);
    let inherited = table.kind == Kind::Partitioned;
    let known = |name: &str| table.columns.iter().find(|own| own.name == name && own.inherited == inherited);
    let width: f64 = columns.iter().filter_map(|own| known(&own.name)).map(|own| f64::from(own.avg_width)).sum();
    let rows = ROWS.min(BYTES / width.max(1.0)).max(100.0);
    let shown: Vec<&str> = columns.iter().map(|own| own.sql.as_str()).collect();
    let part = some::part(rows, total);
    let only = if inherited { "" } else { "ONLY " };
    let query = format!(
        "SELECT (t.ctid::text::point)[0]::bigint, {} FROM {only}{} AS t{part} LIMIT {:.0}",
        shown.join(", "),
        qualified(&from),
        2.0 * rows
    );
    // Without them sizes are told from widths alone.
    let Some(found) = some::within(transaction, 5, &query)? else { return Ok(()) };
    for (number, column) in columns.iter().enumerate() {
        let contents = column.ways.iter().map(|by| {
            let mut counted = Counted::default();
            for row in &found {
                let value: Option<&str> = row.get(number + 1);
                counted.add(row.get(0), value.map(|text| keys::of(*by, column.width, text)));
            }
            Contents { by: *by, keys: counted.spread(total) }
        });
        let contents: Vec<Contents> = contents.filter(|own| !own.keys.is_empty()).collect();
        let known = table.columns.iter_mut().find(|own| own.name == column.name && own.inherited == inherited);
        if let Some(known) = known {
            known.contents = contents;
        }
    }
    Ok(())
}
