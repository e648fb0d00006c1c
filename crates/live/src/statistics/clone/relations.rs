//! Tables and indexes of the lab, by the names of the statistics, and how large the catalog says they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::file::{Kind, PlannerStats};
use super::super::name;
use super::Cloned;
use crate::{Client, Error};

/// What is found in the lab, by its name in the file of statistics.
#[derive(Debug, Default)]
pub(super) struct Relations {
    pub(super) tables: BTreeMap<String, Found>,
    pub(super) indexes: BTreeMap<String, Found>,
}

#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) oid: u32,
    /// From the folder of the data; a partitioned table has none.
    pub(super) path: Option<String>,
    pub(super) toast: Option<u32>,
}

pub(super) fn find(client: &mut Client, stats: &PlannerStats, cloned: &mut Cloned) -> Result<Relations, Error> {
    let mut here = Relations::default();
    for row in client.query(
        "SELECT n.nspname::text, c.relname::text, c.relkind IN ('i', 'I'), c.oid, pg_relation_filepath(c.oid),
                nullif(c.reltoastrelid, 0)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'm', 'f', 'i', 'I') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
           AND n.nspname <> 'information_schema'",
        &[],
    )? {
        let found = Found { oid: row.get(3), path: row.get(4), toast: row.get(5) };
        let list = if row.get(2) { &mut here.indexes } else { &mut here.tables };
        list.insert(name::write(row.get(0), row.get(1)), found);
    }
    let tables = stats.tables.iter().map(|table| ("table", &table.name, here.tables.contains_key(&table.name)));
    let indexes = stats.indexes.iter().map(|index| ("index", &index.name, here.indexes.contains_key(&index.name)));
    let missing = tables.chain(indexes).filter(|(.., there)| !there);
    cloned.notes.extend(missing.map(|(kind, name, _)| format!("the lab has no {kind} {name}")));
    cloned.tables = stats.tables.iter().filter(|table| here.tables.contains_key(&table.name)).count();
    cloned.indexes = stats.indexes.iter().filter(|index| here.indexes.contains_key(&index.name)).count();
    let known: Vec<&String> = stats.tables.iter().map(|table| &table.name).collect();
    let unknown = here.tables.keys().filter(|name| !known.contains(name));
    cloned.notes.extend(unknown.map(|name| format!("there are no statistics of table {name}")));
    Ok(here)
}

pub(super) fn write(client: &mut Client, stats: &PlannerStats, here: &Relations) -> Result<(), Error> {
    let mut script = String::new();
    let mut set = |oid: u32, pages: i32, rows: f32, visible: i32| {
        writeln!(
            script,
            "UPDATE pg_catalog.pg_class SET relpages = {pages}, reltuples = {rows}, relallvisible = {visible}
             WHERE oid = {oid};"
        )
        .expect("a string takes it");
    };
    for table in stats.tables.iter().filter(|table| table.kind != Kind::Foreign || table.rows >= 0.0) {
        let Some(found) = here.tables.get(&table.name) else { continue };
        set(found.oid, table.analyzed_pages, table.rows, table.all_visible);
        if let (Some(oid), Some(toast)) = (found.toast, table.toast) {
            set(oid, toast.analyzed_pages, toast.rows, 0);
        }
    }
    for index in &stats.indexes {
        let Some(found) = here.indexes.get(&index.name) else { continue };
        set(found.oid, index.analyzed_pages, index.rows, 0);
    }
    Ok(client.batch_execute(&script)?)
}
