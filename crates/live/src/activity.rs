//! How a database is used: since when that is counted, how often indexes were read and tables written, which replicas
//! read besides it. For any role that may connect: counters are for everybody, who is connected is for `pg_monitor`.
//!
//! <https://www.postgresql.org/docs/current/monitoring-stats.html>

mod measured;

use std::collections::BTreeMap;

use model::QName;
use model::activity::{Activity, Counted, Use, Writes};
use model::stats::Stats;
use postgres::Client;
use postgres::error::SqlState;

use crate::Error;
pub use measured::measured;

/// What the server counted. `wanted` are the days that it should have counted for before a scan that is missing says
/// something.
pub fn activity(client: &mut Client, wanted: f64) -> Result<Activity, Error> {
    // A crash loses the counts and says so nowhere; where nobody reset them, they are at least as old as the server.
    let row = client.query_one(
        "SELECT current_setting('server_version_num')::int / 10000, pg_is_in_recovery(),
                d.stats_reset IS NULL, current_setting('track_counts') = 'on',
                (extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time())) / 86400)::float8,
                to_char(coalesce(d.stats_reset, pg_postmaster_start_time()) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
         FROM pg_catalog.pg_stat_database d WHERE d.datname = current_database()",
        &[],
    )?;
    let (major, counts): (i32, bool) = (row.get(0), row.get(3));
    let counted = Counted {
        days: if counts { row.get::<_, f64>(4).max(0.0) } else { 0.0 },
        since: row.get(5),
        at_least: row.get(2),
        wanted,
    };
    let is_replica: bool = row.get(1);
    Ok(Activity {
        counted,
        is_replica,
        replicas: replicas(client)?,
        added: Vec::new(),
        tables: writes(client)?,
        indexes: uses(client, major >= 16)?,
    })
}

/// Adds what a replica read. It is one where its indexes are those of the statistics: names are compared.
pub fn add_replica(client: &mut Client, named: &str, stats: &mut Stats) -> Result<(), Error> {
    let there = activity(client, 0.0)?;
    if !there.is_replica {
        return Err(Error::refused(
            format!("{named} is no replica: it takes writes of its own"),
            "Name servers that follow the first one: --replica postgres://USER@REPLICA/DATABASE",
        ));
    }
    let Some(activity) = &mut stats.activity else { return Ok(()) };
    let counted = &mut activity.counted;
    if there.counted.days < counted.days {
        counted.days = there.counted.days;
        counted.since = there.counted.since;
        counted.at_least = there.counted.at_least;
    }
    for (name, scans) in scans(client)? {
        if let Some(index) = stats.indexes.get_mut(&name) {
            index.scans = index.scans.saturating_add(scans);
        }
    }
    for (name, own) in there.indexes {
        if let Some(known) = activity.indexes.get_mut(&name) {
            known.last_scan = known.last_scan.take().max(own.last_scan);
        }
    }
    activity.added.push(named.to_owned());
    Ok(())
}

/// Connected standbys; readers of a logical slot have a database, and counts, of their own.
fn replicas(client: &mut Client) -> Result<Vec<String>, Error> {
    let asked = client.query(
        "SELECT coalesce(nullif(r.application_name, ''), 'a replica'), host(r.client_addr)
         FROM pg_catalog.pg_stat_replication r
         WHERE r.state IS DISTINCT FROM 'backup'
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
                           WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
         ORDER BY 1, 2",
        &[],
    );
    let rows = match asked {
        // Somebody took the view from everybody: there may be some.
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            return Ok(vec!["as this role may not see whether one is".to_owned()]);
        }
        asked => asked?,
    };
    let named = |row: &postgres::Row| match row.get::<_, Option<String>>(1) {
        Some(address) => format!("{} at {address}", row.get::<_, &str>(0)),
        None => row.get(0),
    };
    Ok(rows.iter().map(named).collect())
}

fn writes(client: &mut Client) -> Result<BTreeMap<QName, Writes>, Error> {
    let rows = client.query(
        "SELECT n.nspname::text, c.relname::text, pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid),
                pg_stat_get_tuples_hot_updated(c.oid), pg_stat_get_tuples_deleted(c.oid)
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm') AND c.relpersistence <> 't'",
        &[],
    )?;
    let of = |row: &postgres::Row| Writes {
        inserted: count(row, 2),
        updated: count(row, 3),
        in_place: count(row, 4),
        deleted: count(row, 5),
    };
    Ok(rows.iter().map(|row| (name(row), of(row))).collect())
}

fn uses(client: &mut Client, has_last_scan: bool) -> Result<BTreeMap<QName, Use>, Error> {
    let last = match has_last_scan {
        true => "to_char(pg_stat_get_lastscan(c.oid) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        false => "NULL::text",
    };
    let rows = client.query(
        &format!(
            "SELECT n.nspname::text, c.relname::text, {last},
                    EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid),
                    (SELECT min(k.conname)::text FROM pg_catalog.pg_constraint k
                     WHERE k.contype = 'f' AND k.conindid = c.oid)
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid >= 16384 AND c.relkind IN ('i', 'I') AND c.relpersistence <> 't'"
        ),
        &[],
    )?;
    let of = |row: &postgres::Row| Use {
        last_scan: row.get(2),
        is_built_now: row.get(3),
        referred_by: row.get::<_, Option<&str>>(4).map(Into::into),
        needed: None,
    };
    Ok(rows.iter().map(|row| (name(row), of(row))).collect())
}

fn scans(client: &mut Client) -> Result<Vec<(QName, u64)>, Error> {
    let rows = client.query(
        "SELECT n.nspname::text, c.relname::text, pg_stat_get_numscans(c.oid)
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid >= 16384 AND c.relkind = 'i' AND c.relpersistence <> 't'",
        &[],
    )?;
    Ok(rows.iter().map(|row| (name(row), count(row, 2))).collect())
}

fn name(row: &postgres::Row) -> QName {
    QName::new(row.get::<_, &str>(0), row.get::<_, &str>(1))
}

fn count(row: &postgres::Row, at: usize) -> u64 {
    row.get::<_, Option<i64>>(at).and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
}
