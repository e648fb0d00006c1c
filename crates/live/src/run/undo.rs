//! Takes back what was run of a plan, the last step first.

use std::time::Instant;

use model::planned::{Cost, Undo, Work};

use super::alone::{self, Alone};
use super::book::{Book, State};
use super::event::{Event, Watch};
use super::halt::{self, Halt};
use super::session::Session;
use super::{Job, Options, Outcome, shape, together};
use crate::{Error, Target};

/// How far it goes back, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// The last step that stays; 0 takes everything back.
    pub to: usize,
    /// Steps that cannot be taken back are passed over, and what they lost stays lost.
    pub allow_loss: bool,
}

/// What cannot be taken back is found before anything is run.
pub fn undo(
    target: &Target,
    job: Job<'_>,
    undoing: Undoing,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<Outcome, Error> {
    let mut session = Session::open(target, job.namespace, watch)?;
    let mut book = Book::open(&mut session.worker, job)?;
    let steps = &job.plan.steps;
    let stands = |number: &usize| book.entries.get(number).is_some_and(|entry| entry.state != State::Undone);
    let back: Vec<usize> = (undoing.to + 1..=steps.len()).rev().filter(stands).collect();
    for number in &back {
        let step = &steps[number - 1];
        if let (Undo::Lost(why), false) = (&step.undo, undoing.allow_loss) {
            return Err(Error::refused(
                format!("step {number}, {}, cannot be taken back: {why}", step.title),
                format!("Stop before it: --to {number}; or go on without what is lost: --allow-loss"),
            ));
        }
    }
    if back.is_empty() {
        return Ok(Outcome::NothingToDo);
    }
    book.reopen(&mut session.worker)?;
    for number in back {
        if watch.stops() {
            return Ok(Outcome::Stopped(number));
        }
        let step = &steps[number - 1];
        watch.see(Event::Begins { number, of: steps.len(), step });
        let started = Instant::now();
        match take_back(&mut session, job, number, &book, options, watch) {
            Ok(()) => watch.see(Event::Ends { number, took: started.elapsed() }),
            Err(Halt::Stopped) => return Ok(Outcome::Stopped(number)),
            Err(Halt::Failed(error)) => return Err(halt::at(number, step, error)),
        }
        if let Some(entry) = book.entries.get_mut(&number) {
            entry.state = State::Undone;
        }
    }
    if undoing.to == 0 && !undoing.allow_loss {
        let is = shape::of(&mut session)?;
        if is != job.plan.from {
            watch.see(Event::Notes(&format!(
                "warning: everything is taken back, but the shape is {is}, not {} as before; somebody else changed it",
                job.plan.from,
            )));
        }
    }
    Ok(Outcome::Reached)
}

fn take_back(
    session: &mut Session,
    job: Job<'_>,
    number: usize,
    book: &Book,
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    let step = &job.plan.steps[number - 1];
    let half = book.entries.get(&number).is_some_and(|entry| entry.state != State::Done);
    match &step.undo {
        Undo::Together(statements) => {
            // Nobody has said how long it takes.
            together::run(session, statements, Cost::Scan, options, watch, |transaction| {
                book.set(transaction, number, State::Undone)
            })
        }
        Undo::Alone(statement) => {
            book.set(&mut session.worker, number, State::Undoing)?;
            let never_built = match &step.work {
                Work::Alone { index: Some(index), .. } if half => {
                    let name = session.placed(index);
                    alone::find(&mut session.worker, &name)? == alone::Found::Nothing
                }
                _ => false,
            };
            if !never_built {
                alone::run(session, &Alone { statement, index: None, begun: half }, options, watch)?;
            }
            Ok(book.set(&mut session.worker, number, State::Undone)?)
        }
        Undo::Nothing | Undo::Lost(_) => Ok(book.set(&mut session.worker, number, State::Undone)?),
    }
}
