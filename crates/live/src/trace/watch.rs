//! A statement that refuses to run in a transaction, watched from a second connection.
//!
//! To see its locks for certain, a third transaction holds it back: it writes to the table (in name only), so that the
//! statement waits with its locks taken or asked for, and is let through as soon as it was seen.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use model::{LockMode, QName};
use postgres::{Client, Row};

use super::relations::Oid;
use crate::name::qualified;

#[derive(Debug)]
pub(super) struct Watched {
    pub(super) locks: BTreeMap<Oid, LockMode>,
    pub(super) took: Duration,
    pub(super) outcome: Result<(), postgres::Error>,
}

/// Between two looks.
const PAUSE: Duration = Duration::from_micros(300);

/// A statement that waits for nobody is let go after this time.
const PATIENCE: Duration = Duration::from_millis(300);

const LOOK: &str = "
    SELECT locktype, relation, mode, granted FROM pg_locks
    WHERE pid = $1 AND (locktype = 'relation' AND relation >= 16384 OR NOT granted)";

/// Runs the statement, and holds it back by a lock on `table` until it was seen waiting.
pub(super) fn run(
    client: &mut Client,
    observer: &mut Client,
    backend: i32,
    statement: &str,
    table: Option<&QName>,
) -> Result<Watched, postgres::Error> {
    let look = observer.prepare(LOOK)?;
    let mut holds = false;
    if let Some(table) = table {
        observer.batch_execute("BEGIN; SET LOCAL lock_timeout = '1s'")?;
        let table = qualified(table);
        holds = observer.batch_execute(&format!("LOCK TABLE {table} IN ROW EXCLUSIVE MODE")).is_ok();
        if !holds {
            observer.batch_execute("ROLLBACK")?;
        }
    }
    thread::scope(|scope| {
        let started = Instant::now();
        let running = scope.spawn(move || {
            let outcome = client.execute(statement, &[]).map(|_| ());
            (outcome, started.elapsed())
        });
        let mut locks = BTreeMap::new();
        let mut seen = Ok(());
        while !running.is_finished() {
            match observer.query(&look, &[&backend]) {
                Ok(rows) => {
                    let waits = rows.iter().any(|row| !row.get::<_, bool>(3));
                    note(&rows, &mut locks);
                    if holds && (waits || started.elapsed() > PATIENCE) {
                        holds = false;
                        seen = observer.batch_execute("COMMIT");
                    }
                }
                Err(error) => seen = Err(error),
            }
            if seen.is_err() {
                break;
            }
            thread::sleep(PAUSE);
        }
        if holds {
            seen = seen.and(observer.batch_execute("COMMIT"));
        }
        let (outcome, took) = running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        seen.map(|()| Watched { locks, took, outcome })
    })
}

fn note(rows: &[Row], locks: &mut BTreeMap<Oid, LockMode>) {
    for row in rows.iter().filter(|row| row.get::<_, &str>(0) == "relation") {
        let Some(mode) = LockMode::named(row.get(2)) else { continue };
        let strongest = locks.entry(row.get(1)).or_insert(mode);
        *strongest = (*strongest).max(mode);
    }
}
