//! Statements in one transaction, with what the books say about them.

use std::time::{Duration, Instant};

use model::planned::Cost;
use postgres::Transaction;

use super::Options;
use super::attempt::persist;
use super::event::Watch;
use super::halt::Halt;
use super::session::Session;

/// What reads no rows is done in this time, or is not what the plan took it for.
const INSTANT: Duration = Duration::from_secs(5);

/// The least that a later statement may wait for a lock.
const LEAST: Duration = Duration::from_millis(50);

pub(super) fn run(
    session: &mut Session,
    statements: &[String],
    cost: Cost,
    options: &Options,
    watch: &mut dyn Watch,
    mut note: impl FnMut(&mut Transaction<'_>) -> Result<(), postgres::Error> + Send,
) -> Result<(), Halt> {
    persist(session, options, watch, |worker| {
        let mut transaction = worker.transaction()?;
        let started = Instant::now();
        for statement in statements {
            // Whoever queues behind the first lock waits for the second one, too: all of them share one time.
            let left = match cost {
                Cost::Instant => options.lock_timeout.saturating_sub(started.elapsed()).max(LEAST),
                _ => options.lock_timeout,
            };
            let limit = if cost == Cost::Instant { left + INSTANT } else { Duration::ZERO };
            transaction.batch_execute(&format!(
                "SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}",
                left.as_millis(),
                limit.as_millis(),
            ))?;
            transaction.batch_execute(statement)?;
        }
        note(&mut transaction)?;
        transaction.commit()
    })
}
