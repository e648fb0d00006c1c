//! Which candidates to take.
//!
//! The planner's answers say of each query which sets of indexes lead to which cost. A choice over these answers needs
//! no planner and is made again and again: bundles come, what is worth least for its size goes. What it chooses is then
//! asked of the planner, whose answers correct it, until they agree.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread;

use crate::bits::Bits;
use crate::costs::{Costs, Turn};

/// What the choice has to keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) indexes: usize,
    /// What an index has to be worth, in the planner's units.
    pub(crate) least: f64,
    /// Of how many queries, the first ones, every start is tried and what each index is worth; of the others only the
    /// first start.
    pub(crate) deep: usize,
}

/// What is chosen from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    /// By number of the candidate.
    pub(crate) bytes: Vec<u64>,
    /// What writes cost more with it.
    pub(crate) upkeep: Vec<f64>,
    /// By number of the query.
    pub(crate) weights: Vec<f64>,
}

/// The candidates to take.
pub(crate) struct Choice {
    pub(crate) taken: Bits,
    /// Those that were worth something and did not fit.
    pub(crate) left: Vec<usize>,
}

/// The smaller budgets come first, each half of the next, and what was found for one is where the next begins: twice the
/// budget is never worse. Below this part of what everything takes together no smaller one is looked at.
const SMALLEST: u64 = 256;

pub(crate) fn select(costs: &mut Costs<'_>, pool: &Pool, starts: &[Bits], limits: &Limits) -> Choice {
    costs.each(|turn| {
        let starts = if turn.query < limits.deep { starts } else { &starts[..starts.len().min(1)] };
        starts.iter().try_for_each(|start| peel(turn, start))
    });
    let everything = starts.first().cloned().unwrap_or_default();
    let all: u64 = everything.iter().map(|number| pool.bytes[number]).sum();
    let mut search = Search {
        least: total(costs, pool, &Bits::default()),
        best: Bits::default(),
        everything,
        wanted: BTreeSet::new(),
    };
    for bytes in budgets(limits.bytes, all) {
        search.within(costs, pool, &Limits { bytes, ..*limits });
    }
    let taken = pruned(costs, pool, search.best, limits);
    let left = search.wanted.into_iter().filter(|number| !taken.has(*number)).collect();
    Choice { taken, left }
}

/// Ascending, the last one is the whole.
fn budgets(whole: u64, all: u64) -> Vec<u64> {
    let halves = std::iter::successors(Some(whole), |bytes| Some(bytes / 2));
    let mut budgets: Vec<u64> =
        halves.take_while(|bytes| *bytes > all / SMALLEST).filter(|bytes| *bytes < all).collect();
    if budgets.first() != Some(&whole) {
        budgets.insert(0, whole);
    }
    budgets.reverse();
    budgets
}

/// What was found so far.
struct Search {
    best: Bits,
    /// What the workload costs with it.
    least: f64,
    everything: Bits,
    wanted: BTreeSet<usize>,
}

impl Search {
    fn within(&mut self, costs: &mut Costs<'_>, pool: &Pool, limits: &Limits) {
        let mut tried: BTreeSet<Bits> = BTreeSet::new();
        loop {
            let known = Known::of(costs, pool, limits);
            let from = [Bits::default(), self.best.clone(), self.everything.clone()];
            let mut news = false;
            for set in known.searched(from) {
                self.wanted.extend(set.iter());
                if !tried.insert(set.clone()) {
                    continue;
                }
                let before = costs.explains;
                let found = used(costs, &set);
                news |= costs.explains > before;
                let cost = total(costs, pool, &found);
                if cost < self.least {
                    (self.best, self.least) = (found, cost);
                    news = true;
                }
            }
            if !news {
                return;
            }
        }
    }
}

/// Asks what a query does without each of the indexes that it uses.
fn peel(turn: &mut Turn<'_>, start: &Bits) -> Option<()> {
    let (_, used) = turn.ask(start)?;
    for number in used.iter() {
        turn.ask(&start.without(number))?;
    }
    turn.ask(&used.iter().fold(start.clone(), |rest, number| rest.without(number)))?;
    Some(())
}

/// The part of a set that plans use.
fn used(costs: &mut Costs<'_>, set: &Bits) -> Bits {
    let mut all = Bits::default();
    costs.ask_each(set).iter().for_each(|(_, used)| all.union(used));
    all
}

fn total(costs: &mut Costs<'_>, pool: &Pool, set: &Bits) -> f64 {
    let answers = costs.ask_each(set);
    let queries: f64 = answers.iter().zip(&pool.weights).map(|((cost, _), weight)| cost * weight).sum();
    queries + set.iter().map(|number| pool.upkeep[number]).sum::<f64>()
}

/// Without those that save less than an index has to.
fn pruned(costs: &mut Costs<'_>, pool: &Pool, mut set: Bits, limits: &Limits) -> Bits {
    loop {
        let answers = costs.ask_each(&set);
        // Where it is not used nothing changes without it.
        let dearer = costs.each(|turn| {
            let (cost, used) = &answers[turn.query];
            let mut dearer = Vec::new();
            for number in used.iter() {
                dearer.push((number, (turn.ask(&set.without(number))?.0 - cost) * pool.weights[turn.query]));
            }
            Some(dearer)
        });
        let mut worth: BTreeMap<usize, f64> = set.iter().map(|number| (number, 0.0)).collect();
        for (number, dearer) in dearer.into_iter().flatten() {
            worth.entry(number).and_modify(|worth| *worth += dearer);
        }
        let worth = worth.into_iter().map(|(number, worth)| (worth - pool.upkeep[number], number));
        let idle = worth.filter(|(worth, _)| *worth <= limits.least).min_by(|one, other| one.0.total_cmp(&other.0));
        match idle {
            Some((_, number)) => set.remove(number),
            None => return set,
        }
    }
}

/// How many exchanges are tried at once, those that promise most.
const TRIED: usize = 256;

/// What the planner has said so far, as something to choose over.
struct Known<'a> {
    pool: &'a Pool,
    limits: &'a Limits,
    /// By query: what it uses and costs then, the cheapest first. The last uses nothing.
    plans: Vec<Vec<(Bits, f64)>>,
    /// By candidate: the queries with a plan that uses it.
    users: Vec<Vec<usize>>,
    /// What is worth to come together: the indexes of one plan.
    bundles: Vec<Bits>,
    /// By query: the bundles with an index that it has a plan with, and the indexes of its plans.
    touching: Vec<Vec<usize>>,
    parts: Vec<Bits>,
}

/// A set of candidates, and what each query costs with it.
#[derive(Clone)]
struct State {
    set: Bits,
    costs: Vec<f64>,
    bytes: u64,
    total: f64,
    /// What is still true of the gain of each bundle and of the loss of each index.
    gains: Vec<Option<(f64, u64)>>,
    losses: Vec<Option<f64>>,
}

impl<'a> Known<'a> {
    fn of(costs: &Costs<'_>, pool: &'a Pool, limits: &'a Limits) -> Known<'a> {
        let mut users = vec![Vec::new(); pool.bytes.len()];
        let mut bundles = BTreeSet::new();
        let mut plans = Vec::new();
        for query in 0..pool.weights.len() {
            let known = costs.plans(query);
            for (used, _) in &known {
                for number in used.iter() {
                    if users[number].last() != Some(&query) {
                        users[number].push(query);
                    }
                    bundles.insert(Bits::of([number]));
                }
                if !used.is_empty() {
                    bundles.insert(used.clone());
                }
            }
            plans.push(known);
        }
        let fits = |bundle: &Bits| bundle.iter().map(|number| pool.bytes[number]).sum::<u64>() <= limits.bytes;
        let bundles: Vec<Bits> = bundles.into_iter().filter(fits).collect();
        let mut touching = vec![Vec::new(); plans.len()];
        for (at, bundle) in bundles.iter().enumerate() {
            for &query in bundle.iter().flat_map(|number| &users[number]) {
                if touching[query].last() != Some(&at) {
                    touching[query].push(at);
                }
            }
        }
        let parts = plans.iter().map(|plans| {
            let mut parts = Bits::default();
            plans.iter().for_each(|(used, _)| parts.union(used));
            parts
        });
        Known { pool, limits, parts: parts.collect(), plans, users, bundles, touching }
    }

    fn cost(&self, query: usize, set: &Bits) -> f64 {
        let plans = &self.plans[query];
        let found = plans.iter().find(|(used, _)| used.is_subset(set));
        found.expect("one plan uses nothing").1
    }

    fn state(&self, set: Bits) -> State {
        let costs: Vec<f64> = (0..self.plans.len()).map(|query| self.cost(query, &set)).collect();
        let queries: f64 = costs.iter().zip(&self.pool.weights).map(|(cost, weight)| cost * weight).sum();
        let total = queries + set.iter().map(|number| self.pool.upkeep[number]).sum::<f64>();
        let bytes = set.iter().map(|number| self.pool.bytes[number]).sum();
        let (gains, losses) = (vec![None; self.bundles.len()], vec![None; self.pool.bytes.len()]);
        State { set, costs, bytes, total, gains, losses }
    }

    fn fits(&self, state: &State) -> bool {
        state.bytes <= self.limits.bytes && state.set.count() <= self.limits.indexes
    }

    /// Adds or takes away, and plans the queries anew that this is about.
    fn change(&self, state: &mut State, number: usize, comes: bool) {
        if comes {
            state.set.insert(number);
            state.bytes += self.pool.bytes[number];
            state.total += self.pool.upkeep[number];
        } else {
            state.set.remove(number);
            state.bytes -= self.pool.bytes[number];
            state.total -= self.pool.upkeep[number];
        }
        for &query in &self.users[number] {
            let cost = self.cost(query, &state.set);
            state.total += (cost - state.costs[query]) * self.pool.weights[query];
            state.costs[query] = cost;
            self.touching[query].iter().for_each(|at| state.gains[*at] = None);
            self.parts[query].iter().for_each(|part| state.losses[part] = None);
        }
        state.losses[number] = None;
    }

    /// How much dearer it gets without one.
    fn loss(&self, state: &mut State, number: usize) -> f64 {
        if let Some(known) = state.losses[number] {
            return known;
        }
        let without = state.set.without(number);
        let queries = self.users[number].iter();
        let dearer: f64 =
            queries.map(|&query| (self.cost(query, &without) - state.costs[query]) * self.pool.weights[query]).sum();
        let loss = dearer - self.pool.upkeep[number];
        state.losses[number] = Some(loss);
        loss
    }

    /// Takes away what is worth least for its size until the rest fits; what is in `kept` stays.
    fn shrink(&self, state: &mut State, kept: &Bits, most: f64) -> bool {
        while !self.fits(state) {
            let candidates: Vec<usize> = state.set.iter().filter(|number| !kept.has(*number)).collect();
            let worth = candidates
                .into_iter()
                .map(|number| (self.loss(state, number) / self.pool.bytes[number].max(1) as f64, number));
            let least = worth.min_by(|one, other| one.0.total_cmp(&other.0));
            let Some((_, number)) = least else { return false };
            self.change(state, number, false);
            if state.total >= most {
                return false;
            }
        }
        true
    }

    /// From each of these sets to one that no bundle makes better.
    fn searched<const N: usize>(&self, from: [Bits; N]) -> [Bits; N] {
        thread::scope(|scope| {
            let searches = from.map(|from| scope.spawn(move || self.search(from).set));
            searches.map(|search| search.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }

    fn search(&self, from: Bits) -> State {
        let mut state = self.state(from);
        self.drop_idle(&mut state);
        self.shrink(&mut state, &Bits::default(), f64::INFINITY);
        // First what gives most for its size, while there is room; then what gives most at all.
        while self.fill(&mut state) {}
        for _ in 0..200 {
            match self.better(&mut state) {
                Some(next) => state = next,
                None => break,
            }
        }
        state
    }

    /// The bundles that are worth something, with how much.
    fn worthy(&self, state: &mut State) -> Vec<(f64, u64, usize)> {
        let mut found = Vec::new();
        for (at, bundle) in self.bundles.iter().enumerate() {
            let (gain, bytes) = match state.gains[at] {
                Some(known) => known,
                None if bundle.is_subset(&state.set) => (0.0, 0),
                None => self.gain(state, bundle),
            };
            state.gains[at] = Some((gain, bytes));
            if gain > self.limits.least {
                found.push((gain, bytes, at));
            }
        }
        found
    }

    /// Adds the bundle that is worth most for its size, of those that there is room for.
    fn fill(&self, state: &mut State) -> bool {
        let mut best: Option<(f64, usize)> = None;
        for (gain, bytes, at) in self.worthy(state) {
            let more = self.bundles[at].iter().filter(|number| !state.set.has(*number)).count();
            let room = state.bytes + bytes <= self.limits.bytes && state.set.count() + more <= self.limits.indexes;
            let score = gain / bytes.max(1) as f64;
            if room && best.is_none_or(|(best, _)| score > best) {
                best = Some((score, at));
            }
        }
        let Some((_, at)) = best else { return false };
        self.add(state, &self.bundles[at]);
        true
    }

    fn add(&self, state: &mut State, bundle: &Bits) {
        for number in bundle.iter() {
            if !state.set.has(number) {
                self.change(state, number, true);
            }
        }
    }

    /// The state with the bundle that is worth most, even where others have to go for it.
    fn better(&self, state: &mut State) -> Option<State> {
        let mut worthy = self.worthy(state);
        worthy.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.2.cmp(&other.2)));
        let mut best: Option<(f64, State)> = None;
        for (gain, _, at) in worthy.into_iter().take(TRIED) {
            // What has to go for it makes it worth less, not more.
            if best.as_ref().is_some_and(|(best, _)| gain <= *best) {
                break;
            }
            let bundle = &self.bundles[at];
            let mut next = state.clone();
            self.add(&mut next, bundle);
            if !self.shrink(&mut next, bundle, state.total) {
                continue;
            }
            self.drop_idle(&mut next);
            let gain = state.total - next.total;
            if gain > self.limits.least / 4.0 && best.as_ref().is_none_or(|(best, _)| gain > *best) {
                best = Some((gain, next));
            }
        }
        best.map(|(_, state)| state)
    }

    /// How much cheaper it gets with a bundle, and how many bytes longer.
    fn gain(&self, state: &State, bundle: &Bits) -> (f64, u64) {
        let new: Vec<usize> = bundle.iter().filter(|number| !state.set.has(*number)).collect();
        let mut set = state.set.clone();
        set.union(bundle);
        let mut queries: Vec<usize> = new.iter().flat_map(|number| &self.users[*number]).copied().collect();
        if new.len() > 1 {
            queries.sort_unstable();
            queries.dedup();
        }
        let cheaper: f64 = queries
            .into_iter()
            .map(|query| (state.costs[query] - self.cost(query, &set)) * self.pool.weights[query])
            .sum();
        let upkeep: f64 = new.iter().map(|number| self.pool.upkeep[*number]).sum();
        (cheaper - upkeep, new.iter().map(|number| self.pool.bytes[*number]).sum())
    }

    /// Without those whose absence makes nothing dearer.
    fn drop_idle(&self, state: &mut State) {
        for number in state.set.clone().iter() {
            if self.loss(state, number) <= 0.0 {
                self.change(state, number, false);
            }
        }
    }
}

#[cfg(test)]
mod tests;
