//! What a GIN finds inside documents, arrays, words and text: how many keys, and how many rows hold each. ANALYZE keeps
//! little of arrays and nothing of documents and text, so some rows are read and their keys counted. No key is kept.

mod keys;
mod spread;

use std::collections::BTreeMap;

use postgres::Transaction;

use super::super::file::{By, Contents, Kind, Table};
use super::super::name;
use super::relations::Relations;
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
    SELECT a.attrelid, a.attname::text, t.typname::text, coalesce(e.typname, '')::text, coalesce(e.typlen, -1)::int
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
      AND (t.typname IN ('jsonb', 'tsvector') OR e.oid IS NOT NULL
           OR t.typname IN ('text', 'varchar') AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm'))
      AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') AND NOT row_security_active(a.attrelid)
    ORDER BY a.attrelid, a.attnum";

/// A column, and in which ways its values are taken apart.
struct Column {
    name: String,
    ways: Vec<By>,
    width: Width,
    /// What is asked for.
    sql: String,
}

pub(super) fn read(transaction: &mut Transaction<'_>, relations: &mut Relations) -> Result<(), Error> {
    // What is small has small indexes; a partitioned table has no pages of its own.
    let holds = |table: &Table| match table.kind {
        Kind::Table | Kind::Matview => table.pages >= PAGES && table.rows >= 1.0,
        Kind::Partitioned => table.rows >= 1.0,
        Kind::Foreign => false,
    };
    let tables: Vec<u32> = relations.tables.iter().filter(|(_, own)| holds(own)).map(|(oid, _)| *oid).collect();
    let mut wanted: BTreeMap<u32, Vec<Column>> = BTreeMap::new();
    for row in transaction.query(COLUMNS, &[&tables])? {
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
        wanted.entry(row.get(0)).or_default().push(Column { name, ways, width, sql });
    }
    for (oid, columns) in wanted {
        if let Some(table) = relations.tables.get_mut(&oid) {
            of_table(transaction, table, &columns)?;
        }
    }
    Ok(())
}

fn of_table(transaction: &mut Transaction<'_>, table: &mut Table, columns: &[Column]) -> Result<(), Error> {
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
