//! A statement outside any transaction: after a crash the catalog says how far it came.

use model::QName;
use postgres::Client;

use super::Options;
use super::attempt::persist;
use super::event::{Event, Watch};
use super::halt::Halt;
use super::session::Session;
use super::words::{detached, dropped_index, is_concurrent};
use crate::Error;

pub(super) struct Alone<'a> {
    pub(super) statement: &'a str,
    /// The index that it makes.
    pub(super) index: Option<&'a QName>,
    /// An earlier run began it, and may have come to its end.
    pub(super) begun: bool,
}

/// What is there of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A build that did not come to its end left it behind. Writers keep it up to date, and no query uses it.
    Invalid,
    Valid,
}

pub(super) fn run(
    session: &mut Session,
    alone: &Alone<'_>,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    if let Some(index) = alone.index {
        let name = session.placed(index);
        return build(session, alone, &name, options, watch);
    }
    if let Some(name) = dropped_index(alone.statement) {
        if alone.begun && find(&mut session.worker, &name)? == Found::Nothing {
            watch.see(Event::Notes(&format!("{name} was dropped before the last run ended")));
            return Ok(());
        }
        return persist(session, options, watch, |worker| outside(worker, alone.statement, options));
    }
    if let Some((parent, partition)) = detached(alone.statement) {
        return detach(session, alone, &parent, &partition, options, watch);
    }
    let outcome = persist(session, options, watch, |worker| outside(worker, alone.statement, options));
    match outcome {
        Err(Halt::Failed(Error::Statement { cause })) if alone.begun && is_done_already(&cause) => {
            watch.see(Event::Notes("it came to its end before the last run did"));
            Ok(())
        }
        outcome => outcome,
    }
}

/// A build that failed leaves its index behind, INVALID: it goes before each try.
fn build(
    session: &mut Session,
    alone: &Alone<'_>,
    name: &str,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    match find(&mut session.worker, name)? {
        Found::Valid if alone.begun => {
            watch.see(Event::Notes(&format!("{name} was built before the last run ended")));
            return Ok(());
        }
        Found::Valid => {
            return Err(Error::refused(
                format!("an index called {name} is there already, and no run of this plan made it"),
                "Is it the same? Then: palladio migrate repair; else rename it",
            )
            .into());
        }
        Found::Invalid => {
            watch.see(Event::Notes(&format!("{name} was left INVALID by a build that failed; it is built again")));
        }
        Found::Nothing => {}
    }
    persist(session, options, watch, |worker| {
        if find(worker, name)? == Found::Invalid {
            outside(worker, &format!("DROP INDEX CONCURRENTLY {name}"), options)?;
        }
        outside(worker, alone.statement, options)
    })
}

/// Detaching is two transactions with a wait between them. After the first one only FINALIZE goes on.
fn detach(
    session: &mut Session,
    alone: &Alone<'_>,
    parent: &str,
    partition: &str,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    let done = persist(session, options, watch, |worker| match pending(worker, parent, partition)? {
        None if alone.begun => Ok(true),
        Some(true) => {
            let finalize = format!("ALTER TABLE {parent} DETACH PARTITION {partition} FINALIZE");
            outside(worker, &finalize, options).map(|()| false)
        }
        _ => outside(worker, alone.statement, options).map(|()| false),
    })?;
    if done {
        watch.see(Event::Notes(&format!("{partition} was detached before the last run ended")));
    }
    Ok(())
}

/// Whether the partition is half detached; nothing when it is none any more.
pub(super) fn pending(worker: &mut Client, parent: &str, partition: &str) -> Result<Option<bool>, postgres::Error> {
    let row = worker.query_opt(
        "SELECT inhdetachpending FROM pg_inherits
         WHERE inhparent = to_regclass($1)::oid AND inhrelid = to_regclass($2)::oid",
        &[&parent, &partition],
    )?;
    Ok(row.map(|row| row.get(0)))
}

pub(super) fn find(worker: &mut Client, name: &str) -> Result<Found, postgres::Error> {
    let row = worker.query_opt(
        "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass($1)::oid",
        &[&name],
    )?;
    Ok(match row.map(|row| row.get(0)) {
        None => Found::Nothing,
        Some(false) => Found::Invalid,
        Some(true) => Found::Valid,
    })
}

pub(super) fn outside(worker: &mut Client, statement: &str, options: &Options) -> Result<(), postgres::Error> {
    // What works beside others waits for their transactions to end, and nobody queues behind it. The last lock of a
    // detached partition is an exception.
    let wait =
        if is_concurrent(statement) && detached(statement).is_none() { 0 } else { options.lock_timeout.as_millis() };
    worker.batch_execute(&format!("SET lock_timeout = {wait}"))?;
    let outcome = worker.batch_execute(statement);
    // When the connection is gone, the statement's own error says so.
    let reset = worker.batch_execute("RESET lock_timeout");
    outcome.and(reset)
}

/// The refusals of a statement that has been run before.
fn is_done_already(error: &postgres::Error) -> bool {
    use postgres::error::SqlState;
    let known = [
        &SqlState::DUPLICATE_OBJECT,
        &SqlState::DUPLICATE_TABLE,
        &SqlState::DUPLICATE_COLUMN,
        &SqlState::UNDEFINED_OBJECT,
        &SqlState::UNDEFINED_TABLE,
    ];
    error.as_db_error().is_some_and(|said| known.contains(&said.code()))
}
