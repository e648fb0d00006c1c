//! A statement that refuses to run in a transaction, watched from a second connection.
//!
//! To see its locks for certain, a transaction holds it back twice. First it maintains the table (in name only), as two
//! cannot do at once, so that the statement waits before it does anything; then it only writes to the table (in name
//! only), so that what locks writers out, or waits for them to end, waits again. Each time the statement is let through
//! as soon as it was seen.

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
    let mut hold = Hold::Nothing;
    if let Some(table) = table {
        hold = Hold::Both;
        let table = qualified(table);
        let held = observer.batch_execute(&format!(
            "BEGIN; SET LOCAL lock_timeout = '1s'; LOCK TABLE {table} IN ROW EXCLUSIVE MODE;
             SAVEPOINT writes; LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE"
        ));
        if held.is_err() {
            observer.batch_execute("ROLLBACK")?;
            hold = Hold::Nothing;
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
                    if hold != Hold::Nothing && (waits || started.elapsed() > PATIENCE) {
                        (hold, seen) = hold.less(observer);
                    }
                }
                Err(error) => seen = Err(error),
            }
            if seen.is_err() {
                break;
            }
            thread::sleep(PAUSE);
        }
        if hold != Hold::Nothing {
            seen = seen.and(observer.batch_execute("COMMIT"));
        }
        let (outcome, took) = running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        seen.map(|()| Watched { locks, took, outcome })
    })
}

/// What the observer holds of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Both,
    Writes,
    Nothing,
}

impl Hold {
    fn less(self, observer: &mut Client) -> (Hold, Result<(), postgres::Error>) {
        match self {
            // What a savepoint took goes with it, and with it alone.
            Hold::Both => (Hold::Writes, observer.batch_execute("ROLLBACK TO writes")),
            Hold::Writes | Hold::Nothing => (Hold::Nothing, observer.batch_execute("COMMIT")),
        }
    }
}

fn note(rows: &[Row], locks: &mut BTreeMap<Oid, LockMode>) {
    for row in rows.iter().filter(|row| row.get::<_, &str>(0) == "relation") {
        let Some(mode) = LockMode::named(row.get(2)) else { continue };
        let strongest = locks.entry(row.get(1)).or_insert(mode);
        *strongest = (*strongest).max(mode);
    }
}
