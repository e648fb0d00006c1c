//! What queries cost with which indexes: asked of a planner, and never twice.
//!
//! A planner that used the indexes U of all J that stood would choose the same plan wherever U stands and nothing but J
//! does: an index that it did not use changes no estimate. So one answer is the answer for many sets. Of expressions
//! and unique indexes that is not quite so, and they are never left out of the question.

use model::QName;

use crate::bits::Bits;
use crate::candidates::Candidate;
use crate::size::Size;

/// A database's planner, on which indexes can stand that are not there.
pub trait Planner {
    /// Makes one more index that can stand, of this size. Its number is how many were made before. Says why the
    /// database refuses it, if it does.
    fn make(&mut self, candidate: &Candidate, size: &Size) -> Result<(), String>;

    /// What the query costs when of all indexes that were made only these stand; or why it cannot be planned.
    fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Estimate, String>;

    /// Lets the planner pass over these indexes of the database, and over no others of it. Says why it cannot.
    fn hide(&mut self, indexes: &[QName]) -> Result<(), String> {
        match indexes {
            [] => Ok(()),
            _ => Err("this planner hides no index".to_owned()),
        }
    }

    /// The same of many queries while the same indexes stand, in their order.
    fn explain_all(&mut self, queries: &[&str], standing: &[usize]) -> Vec<Result<Estimate, String>> {
        queries.iter().map(|sql| self.explain(sql, standing)).collect()
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

pub(crate) struct Costs<'p> {
    planner: &'p mut dyn Planner,
    askers: Vec<Asker>,
    /// By candidate: the queries whose plan it may change.
    by_candidate: Vec<Vec<usize>>,
    pub(crate) explains: usize,
    /// After so many no more is asked, and what is known has to do.
    pub(crate) most: usize,
}

impl Costs<'_> {
    pub(crate) fn new(planner: &mut dyn Planner) -> Costs<'_> {
        Costs { planner, askers: Vec::new(), by_candidate: Vec::new(), explains: 0, most: usize::MAX }
    }

    /// What queries cost while these stand, or why they cannot be planned; nothing of it is remembered.
    pub(crate) fn explain_all(&mut self, queries: &[&str], standing: &[usize]) -> Vec<Result<Estimate, String>> {
        self.explains += queries.len();
        self.planner.explain_all(queries, standing)
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

    pub(crate) fn make(&mut self, candidate: &Candidate, size: &Size) -> Result<(), String> {
        self.planner.make(candidate, size)
    }

    pub(crate) fn may_use(&mut self, query: usize, candidate: usize) {
        let relevant = &mut self.askers[query].relevant;
        if !relevant.has(candidate) {
            relevant.insert(candidate);
            if self.by_candidate.len() <= candidate {
                self.by_candidate.resize(candidate + 1, Vec::new());
            }
            self.by_candidate[candidate].push(query);
        }
    }

    pub(crate) fn relevant(&self, query: usize) -> &Bits {
        &self.askers[query].relevant
    }

    /// The queries whose plan the candidate may change.
    pub(crate) fn askers_of(&self, candidate: usize) -> &[usize] {
        self.by_candidate.get(candidate).map_or(&[], Vec::as_slice)
    }

    /// The cost with these indexes and those that are used, from what is known or from the planner. Where no more may be
    /// asked it is the cheapest plan that was seen and needs no others: the planner would find no dearer one.
    pub(crate) fn ask(&mut self, query: usize, standing: &Bits) -> (f64, Bits) {
        let asker = &mut self.askers[query];
        let standing = standing.and(&asker.relevant);
        if let Some(known) =
            asker.answers.iter().find(|known| known.used.is_subset(&standing) && standing.is_subset(&known.stood))
        {
            return (known.cost, known.used.clone());
        }
        if self.explains >= self.most {
            let possible = asker.answers.iter().filter(|known| known.used.is_subset(&standing));
            let cheapest = possible.min_by(|one, other| one.cost.total_cmp(&other.cost));
            let known = cheapest.expect("without any index there is a plan");
            return (known.cost, known.used.clone());
        }
        self.explains += 1;
        let numbers: Vec<usize> = standing.iter().collect();
        // It could be planned before; should it fail now, no index helps it.
        let answer = match self.planner.explain(&asker.sql, &numbers) {
            Ok(estimate) => Answer { stood: standing, used: Bits::of(estimate.used), cost: estimate.cost },
            Err(_) => Answer { stood: standing, used: Bits::default(), cost: asker.answers[0].cost },
        };
        let known = (answer.cost, answer.used.clone());
        asker.answers.push(answer);
        known
    }

    /// Whether an answer says what the query costs with these.
    pub(crate) fn knows(&self, query: usize, standing: &Bits) -> bool {
        let asker = &self.askers[query];
        let standing = standing.and(&asker.relevant);
        asker.answers.iter().any(|known| known.used.is_subset(&standing) && standing.is_subset(&known.stood))
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

    /// No set that is part of this one can make the query cheaper than this: more indexes never make a plan dearer.
    pub(crate) fn at_least(&self, query: usize, standing: &Bits) -> f64 {
        let asker = &self.askers[query];
        let standing = standing.and(&asker.relevant);
        let above = asker.answers.iter().filter(|known| standing.is_subset(&known.stood));
        above.map(|known| known.cost).fold(0.0, f64::max)
    }
}
