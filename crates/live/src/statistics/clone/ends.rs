//! The ends of indexed columns: where a range reaches into the first or the last part of a histogram, the planner looks
//! into the index how far the column goes, and takes what it finds there (`get_actual_variable_range` in `selfuncs.c`).
//!
//! So an index of the lab gets a leaf with two entries. The server makes it itself: of another table, which has the same
//! columns and no constraints; then the page is copied. The rows that the entries name are nowhere, but the planner does
//! not go there when the page is said to be visible to everybody.

use std::collections::BTreeMap;

use model::QName;
use model::name::literal;

use super::super::file::PlannerStats;
use super::super::name;
use super::SCRATCH;
use crate::name::qualified;
use crate::{Client, Error};

/// B-trees of all rows, led by a column.
const INDEXES: &str = "
    SELECT n.nspname::text, c.relname::text, tn.nspname::text, t.relname::text, a.attname::text, i.indoption[0],
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnatts::int) k ORDER BY k)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
         JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
         JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indisvalid AND i.indpred IS NULL AND n.nspname !~ '^pg_' AND c.relpersistence <> 't'
    ORDER BY 1, 2";

/// Makes such leaves. Files with them in their second page, by the index that they are for; [`forget`] removes them.
pub(super) fn prepare(client: &mut Client, stats: &PlannerStats) -> Result<BTreeMap<String, String>, Error> {
    client.batch_execute(&format!("CREATE SCHEMA {SCRATCH}"))?;
    let mut columns = BTreeMap::new();
    for table in &stats.tables {
        for column in table.columns.iter().filter(|column| !column.inherited) {
            if let (Some(least), Some(greatest)) = (&column.least, &column.greatest) {
                columns.insert((table.name.as_str(), column.name.as_str()), (least, greatest));
            }
        }
    }
    let mut leaves = BTreeMap::new();
    for (count, row) in client.query(INDEXES, &[])?.iter().enumerate() {
        let table = QName::new(row.get::<_, &str>(2), row.get::<_, &str>(3));
        let table_name = name::write(&table.schema, &table.name);
        let Some((least, greatest)) = columns.get(&(table_name.as_str(), row.get(4))) else { continue };
        let (options, texts): (i16, Vec<String>) = (row.get(5), row.get(6));
        let direction = if options & 1 == 0 { "ASC" } else { "DESC" };
        let nulls = if options & 2 == 0 { "LAST" } else { "FIRST" };
        let parts = texts.iter().enumerate().map(|(index, text)| format!("({text}) AS c{index}"));
        let parts = parts.collect::<Vec<_>>().join(", ");
        let others = (1..texts.len()).map(|index| format!("c{index}")).collect::<Vec<_>>().join(", ");
        let others = if others.is_empty() { String::new() } else { format!(" INCLUDE ({others})") };
        let made = client.batch_execute(&format!(
            "CREATE TABLE {SCRATCH}.t{count} AS SELECT {parts} FROM ONLY {} LIMIT 0;
             INSERT INTO {SCRATCH}.t{count} (c0) VALUES ({}), ({});
             CREATE INDEX i{count} ON {SCRATCH}.t{count} (c0 {direction} NULLS {nulls}){others};",
            qualified(&table),
            literal(least),
            literal(greatest),
        ));
        // Without them the histogram says how far the column goes: a value may be none of this lab's type.
        if made.is_err() {
            continue;
        }
        let path = client.query_one(&format!("SELECT pg_relation_filepath('{SCRATCH}.i{count}')"), &[])?;
        leaves.insert(name::write(row.get(0), row.get(1)), path.get(0));
    }
    Ok(leaves)
}

pub(super) fn forget(client: &mut Client) -> Result<(), Error> {
    Ok(client.batch_execute(&format!("DROP SCHEMA {SCRATCH} CASCADE"))?)
}
