//! What queries cost with which indexes: asked of a planner, and never twice.
//!
//! A planner that used the indexes U of all J that stood would choose the same plan wherever U stands and nothing but J
//! does: an index that it did not use changes no estimate. So one answer is the answer for many sets. Of expressions
//! and unique indexes that is not quite so, and they are never left out of the question.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use model::QName;

use crate::bits::Bits;
use crate::candidates::Candidate;
use crate::size::Size;

/// A database's planner, on which indexes can stand that are not there.
pub trait Planner {
    /// Makes more indexes that can stand, of these sizes. The number of each is how many were made before. Says of each
    /// why the database refuses it, if it does.
    fn make(&mut self, candidates: &[(Candidate, Size)]) -> Vec<Result<(), String>>;

    /// Lets the planner pass over these indexes of the database, and over no others of it. Says why it cannot.
    fn hide(&mut self, indexes: &[QName]) -> Result<(), String> {
        match indexes {
            [] => Ok(()),
            _ => Err("this planner hides no index".to_owned()),
        }
    }

    /// Those who can be asked at the same time, each about other indexes; at least one. All of them give the same answer.
    fn seats(&mut self) -> Vec<Box<dyn Seat + '_>>;
}

/// One who answers for a planner.
pub trait Seat: Send {
    /// What the query costs when of all indexes that were made only these stand; or why it cannot be planned.
    fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Estimate, String>;
}

impl<S: Seat + ?Sized> Seat for &mut S {
    fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Estimate, String> {
        (**self).explain(sql, standing)
    }
}

/// What a planner says about a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    pub cost: f64,
    /// The indexes in its plan, of those that were made.
    pub used: Vec<usize>,
    /// The indexes in its plan that the database has.
    pub existing: Vec<String>,
}

/// An answer of the planner.
#[derive(Clone, Debug)]
struct Answer {
    stood: Bits,
    used: Bits,
    cost: f64,
}

/// A query of the workload, as far as costs are concerned.
#[derive(Clone, Debug)]
struct Asker {
    sql: String,
    /// Candidates that may change its plan.
    relevant: Bits,
    answers: Vec<Answer>,
}

impl Asker {
    /// An answer that says what the query costs with these.
    fn known(&self, standing: &Bits) -> Option<&Answer> {
        self.answers.iter().find(|known| known.used.is_subset(standing) && standing.is_subset(&known.stood))
    }

    /// The cheapest plan that was seen and needs no others: the planner would find no dearer one.
    fn cheapest(&self, standing: &Bits) -> &Answer {
        let possible = self.answers.iter().filter(|known| known.used.is_subset(standing));
        possible.min_by(|one, other| one.cost.total_cmp(&other.cost)).expect("without any index there is a plan")
    }
}

/// A query that is asked about.
pub(crate) struct Turn<'t> {
    pub(crate) query: usize,
    asker: &'t mut Asker,
    /// Who answers what is not known.
    seat: Option<&'t mut dyn Seat>,
    /// So many more questions.
    left: usize,
}

impl Turn<'_> {
    /// The cost with these indexes and those that are used. Where no more may be asked it is the cheapest plan that was
    /// seen; none where the planner has to be asked, and there is nobody yet to do it.
    pub(crate) fn ask(&mut self, standing: &Bits) -> Option<(f64, Bits)> {
        let standing = standing.and(&self.asker.relevant);
        if let Some(known) = self.asker.known(&standing) {
            return Some((known.cost, known.used.clone()));
        }
        let seat = self.seat.as_mut()?;
        if self.left == 0 {
            let known = self.asker.cheapest(&standing);
            return Some((known.cost, known.used.clone()));
        }
        self.left -= 1;
        let numbers: Vec<usize> = standing.iter().collect();
        // It could be planned before; should it fail now, no index helps it.
        let answer = match seat.explain(&self.asker.sql, &numbers) {
            Ok(estimate) => Answer { stood: standing, used: Bits::of(estimate.used), cost: estimate.cost },
            Err(_) => Answer { stood: standing, used: Bits::default(), cost: self.asker.answers[0].cost },
        };
        let known = (answer.cost, answer.used.clone());
        self.asker.answers.push(answer);
        Some(known)
    }
}

pub(crate) struct Costs<'p> {
    planner: &'p mut dyn Planner,
    askers: Vec<Asker>,
    pub(crate) explains: usize,
    /// After so many no more is asked, and what is known has to do.
    pub(crate) most: usize,
}

/// So many queries share what may still be asked: their answers, and nobody's speed, say what the next ones may ask.
const TOGETHER: usize = 32;

impl Costs<'_> {
    pub(crate) fn new(planner: &mut dyn Planner) -> Costs<'_> {
        Costs { planner, askers: Vec::new(), explains: 0, most: usize::MAX }
    }

    /// What queries cost while these stand, or why they cannot be planned; nothing of it is remembered.
    pub(crate) fn explain_all(&mut self, queries: &[&str], standing: &[usize]) -> Vec<Result<Estimate, String>> {
        self.explains += queries.len();
        let seats = self.planner.seats();
        share(queries.to_vec(), seats, |sql, seat| seat.explain(sql, standing))
    }

    /// The database without these of its indexes, until the next ones are named.
    pub(crate) fn hide(&mut self, indexes: &[QName]) -> Result<(), String> {
        self.planner.hide(indexes)
    }

    /// A query that can be planned, and its cost as the database is.
    pub(crate) fn add(&mut self, sql: &str, now: f64) {
        let answer = Answer { stood: Bits::default(), used: Bits::default(), cost: now };
        self.askers.push(Asker { sql: sql.to_owned(), relevant: Bits::default(), answers: vec![answer] });
    }

    pub(crate) fn make(&mut self, candidates: &[(Candidate, Size)]) -> Vec<Result<(), String>> {
        self.planner.make(candidates)
    }

    pub(crate) fn may_use(&mut self, query: usize, candidate: usize) {
        self.askers[query].relevant.insert(candidate);
    }

    /// The same questions about each query: at the same time where the planner has to be asked. `ask` gives up where its
    /// turn does, and is called again when there is somebody to answer.
    pub(crate) fn each<T: Send>(&mut self, ask: impl Fn(&mut Turn<'_>) -> Option<T> + Sync) -> Vec<T> {
        let mut found: Vec<Option<T>> = Vec::new();
        let mut open = Vec::new();
        for (query, asker) in self.askers.iter_mut().enumerate() {
            let known = ask(&mut Turn { query, asker: &mut *asker, seat: None, left: 0 });
            if known.is_none() {
                open.push((query, asker));
            }
            found.push(known);
        }
        while !open.is_empty() {
            let now: Vec<_> = open.drain(..open.len().min(TOGETHER)).collect();
            let left = self.most.saturating_sub(self.explains) / now.len();
            let answered = share(now, self.planner.seats(), |(query, asker), seat| {
                let mut turn = Turn { query, asker, seat: Some(seat), left };
                let answer = ask(&mut turn).expect("there is somebody to answer");
                (query, answer, left - turn.left)
            });
            for (query, answer, asked) in answered {
                found[query] = Some(answer);
                self.explains += asked;
            }
        }
        found.into_iter().map(|found| found.expect("all were asked")).collect()
    }

    /// What each query costs with a set, and what it uses of it.
    pub(crate) fn ask_each(&mut self, standing: &Bits) -> Vec<(f64, Bits)> {
        self.each(|turn| turn.ask(standing))
    }

    /// The plans of a query that were seen: what each uses and costs, the cheapest first.
    pub(crate) fn plans(&self, query: usize) -> Vec<(Bits, f64)> {
        let mut plans: Vec<(Bits, f64)> = Vec::new();
        let mut answers: Vec<&Answer> = self.askers[query].answers.iter().collect();
        answers.sort_by(|one, other| one.cost.total_cmp(&other.cost).then_with(|| one.used.cmp(&other.used)));
        for answer in answers {
            // One that uses more and costs more is never chosen.
            if !plans.iter().any(|(used, _)| used.is_subset(&answer.used)) {
                plans.push((answer.used.clone(), answer.cost));
            }
        }
        plans
    }
}

/// Each seat takes the next piece of work that nobody has taken; the answers come in the order of the work.
fn share<W: Send, T: Send>(
    work: Vec<W>,
    seats: Vec<Box<dyn Seat + '_>>,
    does: impl Fn(W, &mut dyn Seat) -> T + Sync,
) -> Vec<T> {
    let count = work.len();
    let next = Mutex::new(work.into_iter().enumerate());
    let take = |mut seat: Box<dyn Seat + '_>| {
        let mut done = Vec::new();
        loop {
            let taken = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, work)) = taken else { return done };
            done.push((at, does(work, &mut *seat)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let take = &take;
        let taken: Vec<_> = seats.into_iter().take(count).map(|seat| scope.spawn(move || take(seat))).collect();
        taken.into_iter().flat_map(|taken| taken.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}
