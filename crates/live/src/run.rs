//! A planned migration is run on a server that others are using: each step with short waits, in its own transaction or
//! outside of any, written into the books of the database, so that a run that ended anywhere is taken up again.
//!
//! The books are the schema `palladio` of the database itself. A step that runs in a transaction is written down in the
//! same one; what cannot run in a transaction is announced before and confirmed after, and the catalog tells which of
//! the two a crash left.

mod alone;
mod attempt;
mod backfill;
mod baseline;
mod blockers;
mod book;
mod event;
mod halt;
pub mod history;
mod identity;
mod pace;
mod repair;
mod session;
mod shape;
mod status;
mod together;
mod undo;
mod words;

use std::time::{Duration, Instant};

use model::Name;
use model::planned::{Phase, Planned, PlannedStep, Work};

use crate::{Error, Target};
pub use baseline::baseline;
pub use blockers::Blocker;
pub use book::{Entry, State};
pub use event::{Event, Watch};
pub use identity::identity;
pub use repair::repair;
pub use status::{Status, status};
pub use undo::{Undoing, undo};

use book::Book;
use halt::Halt;
use session::Session;

/// A plan for one schema of one database.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    pub plan: &'a Planned,
    /// What the plan calls `public`: a tenant's schema, else `public` itself.
    pub namespace: &'a Name,
}

/// How far a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To the next place where the application has to be deployed.
    Deploy,
    /// To the end of this release: what came before it is deployed.
    Release(u32),
    /// To the end of this phase, or to the next place where the application has to be deployed.
    Phase(Phase),
}

/// With which care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub until: Until,
    /// How long others may have to queue behind a lock that is asked for.
    pub lock_timeout: Duration,
    /// How long a step is tried again while others hold what it needs.
    pub retry_for: Duration,
    /// How long a batch of a backfill should take.
    pub batch_time: Duration,
    /// How far a replica may be behind while rows are written.
    pub max_lag: Duration,
    /// Runs although the database is not the one that the plan was made for.
    pub force: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            until: Until::Deploy,
            lock_timeout: Duration::from_secs(2),
            retry_for: Duration::from_mins(10),
            // Little more than a turn that a system gives one of many processes: longer ones take no less time in all.
            batch_time: Duration::from_millis(20),
            max_lag: Duration::from_secs(10),
            force: false,
        }
    }
}

/// Where a run ended that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is done, and the database has the shape that was planned.
    Reached,
    /// Everything was done before.
    NothingToDo,
    /// The application has to be deployed first: the number of that step.
    Deploy(usize),
    /// As far as was asked: the number of the next step.
    Paused(usize),
    /// Somebody asked for a stop: the number of the step that is next or half done.
    Stopped(usize),
}

/// Runs what is left of the plan.
pub fn run(target: &Target, job: Job<'_>, options: &Options, watch: &mut dyn Watch) -> Result<Outcome, Error> {
    let mut session = Session::open(target, job.namespace, watch)?;
    let mut book = Book::open(&mut session.worker, job)?;
    let Some(first) = book.next() else {
        if book.is_finished() {
            return Ok(Outcome::NothingToDo);
        }
        arrive(&mut session, job, &mut book, options, watch)?;
        return Ok(Outcome::Reached);
    };
    if book.is_new() {
        book.others_are_finished(&mut session.worker, options.force, watch)?;
        shape::is_the_one(&mut session, job.plan.from, options.force, watch)?;
    }
    book.register(&mut session.worker, job.plan)?;
    let steps = &job.plan.steps;
    for (index, step) in steps.iter().enumerate().skip(first - 1) {
        let number = index + 1;
        if book.is_done(number) {
            continue;
        }
        match options.until {
            Until::Phase(phase) if step.phase > phase => return Ok(Outcome::Paused(number)),
            Until::Release(release) if step.release > release => return Ok(Outcome::Paused(number)),
            _ => {}
        }
        if step.work == Work::Deploy && !is_passed(&steps[number..], options.until) {
            return Ok(Outcome::Deploy(number));
        }
        if watch.stops() {
            return Ok(Outcome::Stopped(number));
        }
        watch.see(Event::Begins { number, of: steps.len(), step });
        let started = Instant::now();
        match take(&mut session, step, number, &mut book, options, watch) {
            Ok(()) => watch.see(Event::Ends { number, took: started.elapsed() }),
            Err(Halt::Stopped) => return Ok(Outcome::Stopped(number)),
            Err(Halt::Failed(error)) => return Err(halt::at(number, step, error)),
        }
    }
    arrive(&mut session, job, &mut book, options, watch)?;
    Ok(Outcome::Reached)
}

/// Whoever asks for a release says that the ones before it are deployed.
fn is_passed(later: &[PlannedStep], until: Until) -> bool {
    let Until::Release(release) = until else { return false };
    later.is_empty() || later.iter().any(|step| step.work != Work::Deploy && step.release <= release)
}

fn take(
    session: &mut Session,
    step: &PlannedStep,
    number: usize,
    book: &mut Book,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    match &step.work {
        Work::Together(statements) => {
            together::run(session, statements, step.cost, options, watch, |transaction| {
                book.finish(transaction, number, step)
            })?;
        }
        Work::Alone { statement, index } => {
            let begun = book.is_running(number);
            book.begin(&mut session.worker, number, step)?;
            alone::run(session, &alone::Alone { statement, index: index.as_ref(), begun }, options, watch)?;
            book.finish(&mut session.worker, number, step)?;
        }
        Work::Backfill(backfill) => {
            book.begin(&mut session.worker, number, step)?;
            backfill::run(session, backfill, number, book, options, watch)?;
            book.finish(&mut session.worker, number, step)?;
        }
        Work::Deploy => book.finish(&mut session.worker, number, step)?,
    }
    book.note_done(number);
    Ok(())
}

/// After the last step the database must be what was planned.
fn arrive(
    session: &mut Session,
    job: Job<'_>,
    book: &mut Book,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Error> {
    shape::is_reached(session, job.plan.to, options.force, watch)?;
    book.close(&mut session.worker)
}
