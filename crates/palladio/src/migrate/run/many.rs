//! One plan, many databases: the first alone, then the others side by side.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use live::run::{Event, Job, Options, Outcome, Watch};
use model::planned::Planned;
use report::count::counted;

use super::targets::One;
use crate::Failure;

/// What became of each, in the order of the list.
#[derive(Debug)]
pub struct Result {
    pub name: String,
    pub end: End,
}

#[derive(Debug)]
pub enum End {
    Ended(Outcome),
    Failed(Failure),
    /// The first one failed, or somebody asked for a stop.
    NotBegun,
}

impl End {
    fn is_good(&self) -> bool {
        matches!(self, End::Ended(outcome) if !matches!(outcome, Outcome::Stopped(_)))
    }
}

/// Runs the plan on all of them, `jobs` at a time. When the first one fails, no other is begun. What is done already
/// is known in each of them: who is run again does only what is left.
pub fn run(
    plan: &Planned,
    targets: &[One],
    options: &Options,
    jobs: usize,
    stops: &(dyn Fn() -> bool + Sync),
    said: &(dyn Fn(&str, &str) + Sync),
) -> Vec<Result> {
    let one = |one: &One| {
        let mut watch = Quiet { name: &one.name, stops, said };
        let job = Job { plan, namespace: &one.namespace };
        match live::run::run(&one.target, job, options, &mut watch) {
            Ok(outcome) => End::Ended(outcome),
            Err(error) => End::Failed(error.into()),
        }
    };
    let Some((canary, others)) = targets.split_first() else { return Vec::new() };
    let first = one(canary);
    let goes_on = first.is_good();
    let mut results = vec![Result { name: canary.name.clone(), end: first }];
    let ends: Vec<Mutex<End>> = others.iter().map(|_| Mutex::new(End::NotBegun)).collect();
    if goes_on {
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < others.len()) {
                if stops() {
                    break;
                }
                let end = one(&others[index]);
                said(&others[index].name, &word(plan, &end));
                *ends[index].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = end;
            }
        };
        thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, others.len().max(1)) {
                scope.spawn(work);
            }
        });
    }
    let ends = ends.into_iter().map(|end| end.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    results.extend(others.iter().zip(ends).map(|(one, end)| Result { name: one.name.clone(), end }));
    results
}

/// Tells only what needs somebody's attention.
struct Quiet<'a> {
    name: &'a str,
    stops: &'a (dyn Fn() -> bool + Sync),
    said: &'a (dyn Fn(&str, &str) + Sync),
}

impl Watch for Quiet<'_> {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Notes(note) => (self.said)(self.name, note),
            Event::Retries { said, attempt, .. } if attempt % 5 == 0 => {
                (self.said)(self.name, &format!("{said}, {attempt} times by now"));
            }
            _ => {}
        }
    }

    fn stops(&self) -> bool {
        (self.stops)()
    }
}

/// What became of one, in a few words.
fn word(plan: &Planned, end: &End) -> String {
    match end {
        End::Ended(Outcome::Reached) => "done".to_owned(),
        End::Ended(Outcome::NothingToDo) => "was done before".to_owned(),
        End::Ended(Outcome::Deploy(number)) => format!("waits for a deployment, step {number}"),
        End::Ended(Outcome::Paused(number)) => format!("as far as asked, next is step {number}"),
        End::Ended(Outcome::Stopped(number)) => format!("stopped at step {number} of {}", plan.steps.len()),
        End::Failed(Failure::Said { message, .. }) => format!("failed: {message}"),
        End::Failed(failure) => format!("failed: {failure}"),
        End::NotBegun => "not begun".to_owned(),
    }
}

/// Those that need somebody, and how many do not.
pub fn table(plan: &Planned, results: &[Result], again: &str) -> String {
    let mut out = String::new();
    let wide = results.iter().map(|result| result.name.len()).max().unwrap_or(0);
    let (good, bad): (Vec<&Result>, Vec<&Result>) = results.iter().partition(|result| result.end.is_good());
    let mut counts: Vec<(String, usize)> = Vec::new();
    for result in &good {
        let word = word(plan, &result.end);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some(known) => known.1 += 1,
            None => counts.push((word, 1)),
        }
    }
    let begun = bad.iter().filter(|result| !matches!(result.end, End::NotBegun));
    for result in begun {
        writeln!(out, "{:<wide$}  {}", result.name, word(plan, &result.end)).expect("a string takes it");
    }
    let not_begun = bad.iter().filter(|result| matches!(result.end, End::NotBegun)).count();
    let failed = bad.len() - not_begun;
    counts.push(("failed or stopped".to_owned(), failed));
    counts.push(("not begun".to_owned(), not_begun));
    let parts: Vec<String> =
        counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")).collect();
    writeln!(out, "{}: {}", counted(results.len(), "target"), parts.join(", ")).expect("a string takes it");
    if !bad.is_empty() {
        writeln!(out, "The same command runs only what is left: {again}").expect("a string takes it");
    }
    out
}

/// Whether all of them are where they were to go.
pub fn all_good(results: &[Result]) -> bool {
    results.iter().all(|result| result.end.is_good())
}
