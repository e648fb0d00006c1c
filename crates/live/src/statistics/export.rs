//! Reads the statistics of a database: for whoever may SELECT, without a write.
//!
//! The views `pg_stats`, `pg_stats_ext` and `pg_stats_ext_exprs` show what the role may see; what they hide is named in
//! `missing`. <https://www.postgresql.org/docs/current/view-pg-stats.html>

mod activity;
mod columns;
mod contents;
mod ends;
mod explain;
mod extended;
mod gin;
mod height;
mod relations;
mod rows;
mod some;
mod together;

use std::collections::BTreeMap;

use postgres::{IsolationLevel, Transaction};

use super::file::{Locale, PlannerStats, VERSION, Values};
use crate::{Client, Error};
pub use rows::read_rows;

/// What a version shows, and what is asked for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    major: u16,
    values: Values,
}

impl Wanted {
    /// The column of a view, or NULL of its type where it is not wanted: what is left out never leaves the server.
    fn value(self, column: &str, ty: &str) -> String {
        match self.values {
            Values::Kept => format!("{column}::{ty}"),
            Values::Left => format!("NULL::{ty}"),
        }
    }

    /// A column of a view that is there since a version.
    fn value_since(self, major: u16, column: &str, ty: &str) -> String {
        if self.major >= major { self.value(column, ty) } else { format!("NULL::{ty}") }
    }
}

/// Values are written the same way by every server, and every name has its schema.
const SESSION: &str = "
    SET LOCAL search_path = '';
    SET LOCAL DateStyle = 'ISO, YMD';
    SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL extra_float_digits = 1;
    SET LOCAL bytea_output = 'hex';
    SET LOCAL xmloption = 'content';
    SET LOCAL quote_all_identifiers = off;
    SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL jit = off;";

/// Reads all that the planner knows, and what some rows say besides. The session is as before afterwards.
pub fn export(client: &mut Client, values: Values) -> Result<PlannerStats, Error> {
    let mut stats = read_catalog(client, values)?;
    read_rows(client, None, &mut stats, |_| true)?;
    Ok(stats)
}

/// All that the planner knows: a clone needs no more.
pub fn read_catalog(client: &mut Client, values: Values) -> Result<PlannerStats, Error> {
    let settings = settings(client)?;
    let activity = crate::activity::activity(client, 0.0)?;
    let mut transaction = snapshot(client)?;
    let row = transaction.query_one(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                current_setting('block_size')::int, pg_encoding_to_char(encoding)::text, datcollate::text,
                datctype::text
         FROM pg_database WHERE datname = current_database()",
        &[],
    )?;
    let wanted = Wanted { major: (row.get::<_, i32>(0) / 10_000) as u16, values };
    // `17.2 (Debian 17.2-1)`: the number is what counts.
    let server = row.get::<_, &str>(1).split(' ').next().unwrap_or_default().to_owned();
    let page = row.get::<_, i32>(2) as u32;
    let locale = Locale { encoding: row.get(3), collate: row.get(4), ctype: row.get(5) };

    let mut relations = relations::read(&mut transaction, page)?;
    let mut missing = relations::missing(&mut transaction)?;
    columns::read(&mut transaction, wanted, &mut relations)?;
    missing.extend(columns::missing(&mut transaction, wanted)?);
    extended::read(&mut transaction, wanted, &mut relations)?;
    missing.extend(extended::missing(&mut transaction)?);
    height::read(&mut transaction, &mut relations)?;
    gin::read(&mut transaction, &mut relations)?;
    if values == Values::Kept {
        ends::read(&mut transaction, &mut relations)?;
    }
    transaction.rollback()?;
    missing.sort();

    let mut tables: Vec<_> = relations.tables.into_values().collect();
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    let mut indexes: Vec<_> = relations.indexes.into_values().collect();
    indexes.sort_by(|one, other| one.name.cmp(&other.name));
    activity::put(&activity, &mut tables, &mut indexes);
    Ok(PlannerStats {
        version: VERSION,
        server,
        values,
        page,
        locale,
        settings,
        missing,
        counted: Some(activity::counted(&activity.counted)),
        replica: activity.is_replica,
        replicas: activity.replicas,
        tables,
        indexes,
    })
}

fn snapshot(client: &mut Client) -> Result<Transaction<'_>, Error> {
    let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let mut transaction = builder.start()?;
    transaction.batch_execute(SESSION)?;
    Ok(transaction)
}

/// Before the session is changed: everything under Query Tuning, and the few that are elsewhere. What belongs to the
/// server as a whole cannot be set for a database, and no cost depends on it.
/// <https://www.postgresql.org/docs/current/runtime-config-query.html>
fn settings(client: &mut Client) -> Result<BTreeMap<String, String>, Error> {
    let rows = client.query(
        "SELECT name, current_setting(name) FROM pg_catalog.pg_settings
         WHERE context IN ('user', 'superuser')
           AND (category LIKE 'Query Tuning%'
                OR name IN ('work_mem', 'hash_mem_multiplier', 'effective_io_concurrency',
                            'max_parallel_workers_per_gather', 'max_parallel_workers', 'parallel_leader_participation',
                            'default_statistics_target', 'row_security'))",
        &[],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
