//! How many rows a batch has, and when a backfill lets others go first.

use std::time::{Duration, Instant};

use postgres::Client;

use super::Options;
use super::attempt::wait;
use super::event::{Event, Watch};
use super::halt::Halt;
use crate::Error;

/// The size of the next batch.
#[derive(Debug)]
pub(super) struct Size {
    rows: f64,
    most: f64,
}

/// What a batch holds is locked until it ends, so that a writer meets it with this probability at most.
const SHARE: f64 = 1.0 / 500.0;

const FEWEST: f64 = 10.0;

impl Size {
    /// `first` rows to begin with, of a table with about `total`.
    pub(super) fn new(first: u32, total: u64) -> Size {
        let most = (total as f64 * SHARE).clamp(500.0, 20_000.0);
        Size { rows: f64::from(first.max(1)).min(most), most }
    }

    pub(super) fn rows(&self) -> i64 {
        self.rows as i64
    }

    /// A batch took this time: the next one comes nearer to what was asked for, by a factor of two at most.
    pub(super) fn learn(&mut self, took: Duration, wanted: Duration) {
        let factor = wanted.as_secs_f64() / took.as_secs_f64().max(0.000_1);
        self.rows = (self.rows * factor.clamp(0.5, 2.0)).clamp(FEWEST.min(self.most), self.most);
    }

    /// Somebody was in the way: less at a time.
    pub(super) fn shrink(&mut self) {
        self.rows = (self.rows / 2.0).max(FEWEST.min(self.most));
    }
}

/// Between two looks at the others.
const LOOK: Duration = Duration::from_secs(1);

/// So many sessions that wait for locks at once are a sign of trouble.
const WAITING: i64 = 10;

/// What passes or not: others that wait may not wait for us, and autovacuum may be kept from its work.
const LONGEST: Duration = Duration::from_secs(60);

/// The part of a table that may be dead.
const HALF: f64 = 0.5;

/// So many dead rows are never worth a wait.
const FEW: f64 = 100_000.0;

#[derive(Debug)]
pub(super) struct Others {
    looked: Instant,
    /// Dead rows that were waited for in vain: only when there are twice as many it is tried again.
    accepted: i64,
}

impl Others {
    pub(super) fn new() -> Others {
        Others { looked: Instant::now(), accepted: 0 }
    }

    /// Waits while others need the room; whether that was so.
    pub(super) fn let_go_first(
        &mut self,
        monitor: &mut Client,
        table: &str,
        options: &Options,
        watch: &mut dyn Watch,
    ) -> Result<bool, Halt> {
        if self.looked.elapsed() < LOOK {
            return Ok(false);
        }
        let started = Instant::now();
        let mut waited = false;
        while let Some(reason) = self.reason(monitor, table, options)? {
            match reason {
                Reason::Lag(_) => {}
                _ if started.elapsed() < LONGEST => {}
                Reason::Dead(dead) => {
                    self.accepted = dead;
                    break;
                }
                Reason::Waiting(_) => break,
            }
            watch.see(Event::Pauses { why: &reason.to_string() });
            waited = true;
            wait(LOOK, watch)?;
        }
        self.looked = Instant::now();
        Ok(waited)
    }

    fn reason(&self, monitor: &mut Client, table: &str, options: &Options) -> Result<Option<Reason>, Error> {
        // Where autovacuum is off, for the server or the table, there is nobody to wait for.
        let row = monitor.query_one(
            "SELECT coalesce((SELECT max(extract(epoch FROM replay_lag)) FROM pg_stat_replication), 0)::float8,
                    (SELECT count(*) FROM pg_stat_activity
                     WHERE wait_event_type = 'Lock' AND datname = current_database()),
                    coalesce(s.n_dead_tup, 0), coalesce(s.n_live_tup, 0),
                    current_setting('autovacuum')::boolean
                    AND NOT coalesce(c.reloptions::text ~ 'autovacuum_enabled=(false|off|0)', false),
                    current_setting('autovacuum_vacuum_threshold')::float8,
                    current_setting('autovacuum_vacuum_scale_factor')::float8
             FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
             WHERE c.oid = to_regclass($1)::oid",
            &[&table],
        )?;
        let lag = Duration::from_secs_f64(row.get::<_, f64>(0).max(0.0));
        let (waiting, dead, live): (i64, i64, i64) = (row.get(1), row.get(2), row.get(3));
        if lag > options.max_lag {
            return Ok(Some(Reason::Lag(lag)));
        }
        if waiting >= WAITING {
            return Ok(Some(Reason::Waiting(waiting)));
        }
        let (vacuums, threshold, scale): (bool, f64, f64) = (row.get(4), row.get(5), row.get(6));
        // Autovacuum comes when it is due, and is a while at work: only what is far beyond that is worth a wait.
        let bearable = (threshold + (2.0 * scale).max(HALF) * live as f64).max(FEW);
        if vacuums && dead as f64 > bearable && dead > 2 * self.accepted {
            return Ok(Some(Reason::Dead(dead)));
        }
        Ok(None)
    }
}

enum Reason {
    Lag(Duration),
    Waiting(i64),
    Dead(i64),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::Lag(lag) => write!(out, "a replica is {} s behind", lag.as_secs()),
            Reason::Waiting(count) => write!(out, "{count} sessions wait for locks"),
            Reason::Dead(dead) => write!(out, "autovacuum has {dead} dead rows to catch up with"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_nearer_to_the_time_that_was_asked_for() {
        let wanted = Duration::from_millis(200);
        let mut size = Size::new(1000, 1_000_000);
        size.learn(Duration::from_millis(100), wanted);
        assert_eq!(size.rows(), 2000);
        // No more than a share of the table at a time.
        size.learn(Duration::from_millis(1), wanted);
        assert_eq!(size.rows(), 2000);
        size.learn(Duration::from_secs(9), wanted);
        assert_eq!(size.rows(), 1000);
        size.shrink();
        assert_eq!(size.rows(), 500);
        (0..20).for_each(|_| size.shrink());
        assert_eq!(size.rows(), 10);
        assert_eq!(Size::new(0, 0).rows(), 1);
    }
}
