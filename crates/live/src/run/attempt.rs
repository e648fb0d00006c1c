//! Work that may have to wait for others: watched while it waits, and tried again after it let go.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use postgres::Client;
use postgres::error::SqlState;

use super::Options;
use super::blockers::{self, Blocker};
use super::event::{Event, Watch};
use super::halt::Halt;
use super::session::Session;
use crate::Error;

/// From when on a statement is said to wait, and how often that is looked at.
const LOOK: Duration = Duration::from_millis(300);

const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// Tries until it works, for as long as the options allow: only what others are in the way of is tried again.
pub(super) fn persist<T: Send>(
    session: &mut Session,
    options: &Options,
    watch: &mut dyn Watch,
    mut work: impl FnMut(&mut Client) -> Result<T, postgres::Error> + Send,
) -> Result<T, Halt> {
    let started = Instant::now();
    let mut attempt = 1;
    loop {
        let (outcome, blockers) = watched(session, watch, &mut work)?;
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let Some(said) = passing(&error) else { return Err(error.into()) };
        let pause = pause(attempt);
        if started.elapsed() + pause > options.retry_for {
            return Err(given_up(said, attempt, options, &blockers).into());
        }
        watch.see(Event::Retries { attempt, pause, said });
        wait(pause, watch)?;
        attempt += 1;
    }
}

/// Runs the work beside a look at who is in its way; the last ones that were.
pub(super) fn watched<T: Send>(
    session: &mut Session,
    watch: &mut dyn Watch,
    work: impl FnOnce(&mut Client) -> Result<T, postgres::Error> + Send,
) -> Result<(Result<T, postgres::Error>, Vec<Blocker>), Error> {
    let Session { worker, monitor, pid, .. } = session;
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        let running = scope.spawn(move || {
            let outcome = work(worker);
            // The other side waits for nothing else.
            let _ = sender.send(());
            outcome
        });
        let mut last = Vec::new();
        let mut lost = None;
        while receiver.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if lost.is_some() {
                continue;
            }
            match look(monitor, *pid, watch) {
                Ok(blockers) if !blockers.is_empty() => last = blockers,
                Ok(_) => {}
                Err(error) => lost = Some(error),
            }
        }
        let outcome = running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match lost {
            // Without the other connection nothing keeps a second run away.
            Some(error) => Err(error),
            None => Ok((outcome, last)),
        }
    })
}

fn look(monitor: &mut Client, pid: i32, watch: &mut dyn Watch) -> Result<Vec<Blocker>, Error> {
    let blockers = blockers::of(monitor, pid)?;
    if !blockers.is_empty() {
        watch.see(Event::Waits { blockers: &blockers });
        return Ok(blockers);
    }
    let progress = monitor.query_opt(
        "SELECT phase, CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END,
                CASE WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END
         FROM pg_stat_progress_create_index WHERE pid = $1",
        &[&pid],
    )?;
    if let Some(row) = progress {
        let count = |index: usize| u64::try_from(row.get::<_, i64>(index)).unwrap_or(0);
        watch.see(Event::Builds { phase: row.get(0), done: count(1), of: count(2) });
    }
    Ok(blockers)
}

/// What was in the way, when it is something that passes.
pub(super) fn passing(error: &postgres::Error) -> Option<&'static str> {
    let code = error.as_db_error()?.code();
    if *code == SqlState::LOCK_NOT_AVAILABLE {
        Some("a lock was not free in time")
    } else if *code == SqlState::T_R_DEADLOCK_DETECTED {
        Some("it stood in a deadlock")
    } else if *code == SqlState::T_R_SERIALIZATION_FAILURE {
        Some("others changed the same rows")
    } else {
        None
    }
}

/// Twice as long each time, and a little off, so that two who are in each other's way do not meet again.
fn pause(attempt: u32) -> Duration {
    let doubled = SHORTEST.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    doubled.mul_f64(0.75 + f64::from(nanos % 1000) / 2000.0)
}

/// Sleeps, unless somebody asks for a stop.
pub(super) fn wait(pause: Duration, watch: &dyn Watch) -> Result<(), Halt> {
    const SLICE: Duration = Duration::from_millis(100);
    let until = Instant::now() + pause;
    loop {
        if watch.stops() {
            return Err(Halt::Stopped);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(SLICE));
    }
}

fn given_up(said: &str, attempts: u32, options: &Options, blockers: &[Blocker]) -> Error {
    let whom = blockers.first().map_or_else(String::new, |first| format!("; in the way was {first}"));
    Error::refused(
        format!("{said}, {attempts} times in {} s{whom}", options.retry_for.as_secs()),
        "Let that session end, or allow more time: --retry-for 1h; what was done is kept",
    )
}
