//! Sizes: what ANALYZE counted, and how long the files are now.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::super::file::{Index, Kind, Table, Toast};
use super::super::name;
use crate::Error;

/// Tables and indexes by their oid, for as long as the snapshot holds.
#[derive(Debug, Default)]
pub(super) struct Relations {
    pub(super) tables: BTreeMap<u32, Table>,
    pub(super) indexes: BTreeMap<u32, Index>,
}

pub(super) fn read(transaction: &mut Transaction<'_>, page: u32) -> Result<Relations, Error> {
    let mut relations = Relations::default();
    let pages = |bytes: Option<i64>| (bytes.unwrap_or(0) / i64::from(page)) as u32;
    for row in transaction.query(
        "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.reltuples, c.relpages, c.relallvisible,
                pg_relation_size(c.oid), pg_table_size(c.oid), pg_stat_get_dead_tuples(c.oid),
                t.reltuples, t.relpages, pg_relation_size(t.oid), pg_stat_get_mod_since_analyze(c.oid)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
         WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.relpersistence <> 't'
           AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
        &[],
    )? {
        let toast = row.get::<_, Option<f32>>(10).map(|rows| Toast {
            rows,
            analyzed_pages: row.get(11),
            pages: pages(row.get(12)),
        });
        let table = Table {
            name: name::write(row.get(1), row.get(2)),
            kind: match row.get(3) {
                "p" => Kind::Partitioned,
                "m" => Kind::Matview,
                "f" => Kind::Foreign,
                _ => Kind::Table,
            },
            rows: row.get(4),
            analyzed_pages: row.get(5),
            all_visible: row.get(6),
            pages: pages(row.get(7)),
            bytes: row.get::<_, Option<i64>>(8).unwrap_or(0) as u64,
            dead_rows: row.get::<_, Option<i64>>(9).unwrap_or(0),
            modified: row.get(13),
            writes: None,
            toast: toast.filter(|toast| toast.pages > 0),
            columns: Vec::new(),
            extended: Vec::new(),
            together: Vec::new(),
        };
        relations.tables.insert(row.get(0), table);
    }
    for row in transaction.query(
        "SELECT c.oid, n.nspname::text, c.relname::text, i.indrelid, a.amname::text, c.reltuples, c.relpages,
                pg_relation_size(c.oid), pg_stat_get_numscans(c.oid)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indexrelid = c.oid
              JOIN pg_am a ON a.oid = c.relam",
        &[],
    )? {
        // Indexes of the catalog and of temporary tables have no table here.
        let Some(table) = relations.tables.get(&row.get(3)) else { continue };
        let bytes = row.get::<_, Option<i64>>(7);
        let index = Index {
            name: name::write(row.get(1), row.get(2)),
            table: table.name.clone(),
            method: row.get(4),
            bytes: bytes.unwrap_or(0) as u64,
            scans: row.get::<_, Option<i64>>(8).unwrap_or(0),
            last_scan: None,
            built_now: false,
            referred_by: None,
            rows: row.get(5),
            pages: pages(bytes),
            analyzed_pages: row.get(6),
            height: None,
            gin: None,
            columns: Vec::new(),
        };
        relations.indexes.insert(row.get(0), index);
    }
    Ok(relations)
}

/// Costs of a tablespace are its own, and a lab has no other disk.
pub(super) fn missing(transaction: &mut Transaction<'_>) -> Result<Vec<String>, Error> {
    let rows = transaction.query(
        "SELECT format('the costs of tablespace %I (%s) are not carried over', spcname,
                       array_to_string(spcoptions, ', '))
         FROM pg_tablespace s
         WHERE spcoptions IS NOT NULL
           AND EXISTS (SELECT FROM pg_class c WHERE c.reltablespace = s.oid AND c.relkind IN ('r', 'm', 'i'))",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
