//! Sizes, rows and scans: what the statistics of a running database say.

use model::stats::{IndexStats, Stats, TableStats};
use postgres::Row;

use super::world::World;
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<Stats, Error> {
    // The size of a file is asked for under a lock, which a migration at work may withhold: then the catalog's last
    // count of pages has to do.
    // The rows, and what is too long to stand in them; the maps of free space are a thousandth of that, and to look at
    // the files of each would take longer than all other questions (pg_table_size).
    let exact = sql("pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)");
    let rows = match world.rows_if_possible("SET LOCAL lock_timeout = '1s'", &exact)? {
        Some(rows) => rows,
        None => world.rows(&sql("c.relpages::int8 * current_setting('block_size')::int8"))?,
    };
    let mut stats = Stats::default();
    let whole =
        |row: &Row, column: &str| row.get::<_, Option<i64>>(column).and_then(|number| u64::try_from(number).ok());
    for row in &rows {
        let Some(own) = world.relation(row.get("oid")) else { continue };
        let bytes = whole(row, "bytes").unwrap_or(0);
        if row.get("is_index") {
            stats.indexes.insert(own, IndexStats { bytes, scans: whole(row, "scans").unwrap_or(0) });
        } else {
            let rows = f64::from(row.get::<_, f32>("reltuples"));
            // Before the first ANALYZE nobody has counted the rows: that is not the same as none.
            if rows < 0.0 {
                continue;
            }
            let dead_rows = whole(row, "dead").unwrap_or(0) as f64;
            stats.tables.insert(own, TableStats { rows, bytes, dead_rows, ..TableStats::default() });
        }
    }
    Ok(stats)
}

fn sql(bytes: &str) -> String {
    format!(
        "SELECT c.oid, c.relkind = 'i' AS is_index, c.reltuples, {bytes} AS bytes,
                pg_stat_get_dead_tuples(c.oid) AS dead, pg_stat_get_numscans(c.oid) AS scans
         FROM pg_class c
         WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i') AND c.relpersistence <> 't'"
    )
}
