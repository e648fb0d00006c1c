//! Who keeps a session waiting.

use std::fmt;
use std::time::Duration;

use postgres::Client;

use crate::Error;

/// A session that holds what another waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    pub pid: i32,
    pub user: String,
    pub application: String,
    /// What it does: `active`, `idle in transaction`, `autovacuum`.
    pub state: String,
    /// Since when its transaction runs.
    pub age: Duration,
    /// Its last statement, in one line.
    pub query: String,
}

/// The longest part of a statement that is shown.
const SHOWN: usize = 60;

pub(super) fn of(monitor: &mut Client, pid: i32) -> Result<Vec<Blocker>, Error> {
    let rows = monitor.query(
        "SELECT pid, coalesce(usename::text, ''), coalesce(application_name, ''),
                coalesce(CASE WHEN backend_type = 'client backend' THEN state ELSE backend_type END, ''),
                coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0)::float8, coalesce(query, '')
         FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) AND pid <> $1 ORDER BY xact_start NULLS LAST, pid",
        &[&pid],
    )?;
    let blocker = |row: &postgres::Row| Blocker {
        pid: row.get(0),
        user: row.get(1),
        application: row.get(2),
        state: row.get(3),
        age: Duration::from_secs_f64(row.get::<_, f64>(4).max(0.0)),
        query: shortened(row.get(5)),
    };
    Ok(rows.iter().map(blocker).collect())
}

fn shortened(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// `pid 4711 (ann, psql, idle in transaction for 12 s): UPDATE orders …`
impl fmt::Display for Blocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let application = if self.application.is_empty() { String::new() } else { format!(", {}", self.application) };
        let seconds = self.age.as_secs();
        write!(out, "pid {} ({}{application}, {} for {seconds} s): {}", self.pid, self.user, self.state, self.query)
    }
}
