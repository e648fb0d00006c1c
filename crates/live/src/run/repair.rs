//! Puts the books and the catalog in agreement after a run that ended in between. No step of the plan is run.

use model::planned::{Planned, PlannedStep, Work};

use super::alone::{Found, find, outside, pending};
use super::book::{Book, State};
use super::event::{Event, Watch};
use super::session::Session;
use super::words::{detached, dropped_index};
use super::{Job, Options, shape};
use crate::{Error, Target};

/// What was put right, one line each.
pub fn repair(target: &Target, job: Job<'_>, options: &Options, watch: &mut dyn Watch) -> Result<Vec<String>, Error> {
    let mut session = Session::open(target, job.namespace, watch)?;
    let book = Book::open(&mut session.worker, job)?;
    let mut said = Vec::new();
    for (index, step) in job.plan.steps.iter().enumerate() {
        let number = index + 1;
        let Some(state) = book.entries.get(&number).map(|entry| entry.state) else { continue };
        if let Some(done) = look_after(&mut session, step, state, options, watch)? {
            said.push(format!("step {number}, {}: {}", step.title, done.said));
            match done.state {
                State::Done => book.finish(&mut session.worker, number, step)?,
                other => book.set(&mut session.worker, number, other)?,
            }
        }
    }
    let mut book = Book::read(&mut session.worker, job)?;
    said.extend(closed(&mut session, job.plan, &mut book)?);
    Ok(said)
}

struct Repaired {
    said: String,
    state: State,
}

impl Repaired {
    fn new(state: State, said: impl Into<String>) -> Option<Repaired> {
        Some(Repaired { said: said.into(), state })
    }
}

/// What the catalog says of one step against what the books say.
fn look_after(
    session: &mut Session,
    step: &PlannedStep,
    state: State,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<Option<Repaired>, Error> {
    let Work::Alone { statement, index } = &step.work else { return Ok(None) };
    if let Some(index) = index {
        let name = session.placed(index);
        return Ok(match (find(&mut session.worker, &name)?, state) {
            (Found::Invalid, _) => {
                watch.see(Event::Notes(&format!("dropping {name}, which is INVALID")));
                outside(&mut session.worker, &format!("DROP INDEX CONCURRENTLY {name}"), options)?;
                Repaired::new(State::Undone, format!("{name} was INVALID and is dropped; the next run builds it"))
            }
            (Found::Valid, State::Running) => Repaired::new(State::Done, format!("{name} is complete")),
            (Found::Nothing, State::Running | State::Undoing) => {
                Repaired::new(State::Undone, format!("{name} is not there"))
            }
            (Found::Nothing, State::Done) => {
                Repaired::new(State::Undone, format!("{name} is gone; the next run builds it again"))
            }
            _ => None,
        });
    }
    if state != State::Running {
        return Ok(None);
    }
    if let Some(name) = dropped_index(statement) {
        let gone = find(&mut session.worker, &name)? == Found::Nothing;
        return Ok(gone.then(|| Repaired::new(State::Done, format!("{name} is gone"))).flatten());
    }
    if let Some((parent, partition)) = detached(statement) {
        return Ok(match pending(&mut session.worker, &parent, &partition)? {
            None => Repaired::new(State::Done, format!("{partition} is detached")),
            Some(true) => {
                let finalize = format!("ALTER TABLE {parent} DETACH PARTITION {partition} FINALIZE");
                outside(&mut session.worker, &finalize, options)?;
                Repaired::new(State::Done, format!("{partition} was half detached and is now"))
            }
            Some(false) => Repaired::new(State::Undone, format!("{partition} is attached")),
        });
    }
    Ok(None)
}

/// A run that ended after its last step only had to look.
fn closed(session: &mut Session, plan: &Planned, book: &mut Book) -> Result<Option<String>, Error> {
    if book.next().is_some() || book.is_finished() || shape::of(session)? != plan.to {
        return Ok(None);
    }
    book.close(&mut session.worker)?;
    Ok(Some("every step is done, and the database has the planned shape".to_owned()))
}
