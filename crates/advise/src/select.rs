//! Which candidates to take: all of them stand at first, and the one that is worth least for its size goes, until the
//! rest fits; then what does not stand gets another chance, alone and in the place of another.
//!
//! A candidate that no plan uses costs nothing and stays, because a plan may turn to it when a better one goes: what is
//! taken in the end is what plans use.

use std::collections::BTreeMap;

use crate::bits::Bits;
use crate::costs::Costs;

/// What the choice has to keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) indexes: usize,
    /// What an index has to be worth, in the planner's units.
    pub(crate) least: f64,
    /// How often the planner may be asked in all, before what is found so far has to do.
    pub(crate) explains: usize,
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

/// A set of candidates that may be used, and what that leads to.
#[derive(Clone, Debug)]
struct State {
    allowed: Bits,
    costs: Vec<f64>,
    used: Vec<Bits>,
    /// The queries that use a candidate.
    users: BTreeMap<usize, Vec<usize>>,
}

/// Going from one state to another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Difference {
    cost: f64,
    bytes: f64,
    indexes: isize,
}

impl State {
    fn new(costs: &mut Costs<'_>, pool: &Pool, allowed: Bits) -> State {
        let mut state = State { allowed, costs: Vec::new(), used: Vec::new(), users: BTreeMap::new() };
        for query in 0..pool.weights.len() {
            let (cost, used) = costs.ask(query, &state.allowed);
            used.iter().for_each(|number| state.users.entry(number).or_default().push(query));
            state.costs.push(cost);
            state.used.push(used);
        }
        state
    }

    fn bytes(&self, pool: &Pool) -> u64 {
        self.users.keys().map(|number| pool.bytes[*number]).sum()
    }

    fn total(&self, pool: &Pool) -> f64 {
        let queries: f64 = self.costs.iter().zip(&pool.weights).map(|(cost, weight)| cost * weight).sum();
        queries + self.users.keys().map(|number| pool.upkeep[*number]).sum::<f64>()
    }

    fn fits(&self, pool: &Pool, limits: &Limits) -> bool {
        self.bytes(pool) <= limits.bytes && self.users.len() <= limits.indexes
    }

    /// What changes when these queries are planned with another set.
    fn difference(&self, costs: &mut Costs<'_>, pool: &Pool, allowed: &Bits, queries: &[usize]) -> Difference {
        let mut cost = 0.0;
        let mut counts: BTreeMap<usize, isize> = BTreeMap::new();
        for &query in queries {
            let (now, used) = costs.ask(query, allowed);
            cost += (now - self.costs[query]) * pool.weights[query];
            self.used[query].iter().for_each(|number| *counts.entry(number).or_default() -= 1);
            used.iter().for_each(|number| *counts.entry(number).or_default() += 1);
        }
        let mut difference = Difference { cost, bytes: 0.0, indexes: 0 };
        for (number, change) in counts {
            let users = self.users.get(&number).map_or(0, Vec::len) as isize;
            let step = match (users, users + change) {
                (0, after) if after > 0 => 1,
                (before, 0) if before > 0 => -1,
                _ => continue,
            };
            difference.cost += pool.upkeep[number] * step as f64;
            difference.bytes += pool.bytes[number] as f64 * step as f64;
            difference.indexes += step;
        }
        difference
    }

    fn go(&mut self, costs: &mut Costs<'_>, allowed: Bits, queries: &[usize]) {
        for &query in queries {
            for number in self.used[query].iter() {
                let users = self.users.get_mut(&number).expect("it is used by this query");
                users.retain(|user| *user != query);
                if users.is_empty() {
                    self.users.remove(&number);
                }
            }
            let (cost, used) = costs.ask(query, &allowed);
            used.iter().for_each(|number| self.users.entry(number).or_default().push(query));
            self.costs[query] = cost;
            self.used[query] = used;
        }
        self.allowed = allowed;
    }

    /// The queries that may plan otherwise when the candidate comes.
    fn interested(&self, costs: &Costs<'_>, pool: &Pool, number: usize) -> Vec<usize> {
        let with = self.allowed.with(number);
        let gains = |query: &usize| costs.relevant(*query).has(number) && costs.at_least(*query, &with) < self.costs[*query];
        (0..pool.weights.len()).filter(gains).collect()
    }
}

/// The candidates to take, with what each query uses of them and what it costs then.
pub(crate) struct Choice {
    pub(crate) taken: Bits,
    pub(crate) costs: Vec<f64>,
    pub(crate) used: Vec<Bits>,
    /// Those that were worth something and did not fit.
    pub(crate) left: Vec<usize>,
}

pub(crate) fn select(costs: &mut Costs<'_>, pool: &Pool, active: Bits, limits: &Limits) -> Choice {
    let mut state = State::new(costs, pool, active.clone());
    let wanted = Bits::of(state.users.keys().copied());
    shrink(&mut state, costs, pool, limits);
    // What is not used now may have been the better choice for what is left of the room.
    let used = Bits::of(state.users.keys().copied());
    state.allowed = used;
    improve(&mut state, costs, pool, &active, limits);
    let taken = Bits::of(state.users.keys().copied());
    let left = wanted.iter().filter(|number| !taken.has(*number)).collect();
    Choice { taken, costs: state.costs, used: state.used, left }
}

/// Takes away what is worth least, byte for byte.
fn shrink(state: &mut State, costs: &mut Costs<'_>, pool: &Pool, limits: &Limits) {
    let mut known: BTreeMap<usize, Difference> = BTreeMap::new();
    loop {
        let fits = state.fits(pool, limits);
        let numbers: Vec<usize> = state.users.keys().copied().collect();
        for number in &numbers {
            if !known.contains_key(number) {
                let users = state.users[number].clone();
                let without = state.allowed.without(*number);
                known.insert(*number, state.difference(costs, pool, &without, &users));
            }
        }
        let worth = |number: &usize| {
            let Difference { cost, bytes, .. } = known[number];
            // One that frees nothing now may do so when what comes in its place goes.
            if bytes < 0.0 { cost / -bytes } else { cost / pool.bytes[*number].max(1) as f64 * 4.0 }
        };
        let least = |numbers: &[usize]| {
            numbers.iter().copied().min_by(|one, other| worth(one).total_cmp(&worth(other)).then(one.cmp(other)))
        };
        let next = match fits {
            false => least(&numbers),
            true => {
                let idle: Vec<usize> =
                    numbers.iter().copied().filter(|number| known[number].cost <= limits.least).collect();
                least(&idle)
            }
        };
        let Some(next) = next else { return };
        let users = state.users[&next].clone();
        let allowed = state.allowed.without(next);
        state.go(costs, allowed, &users);
        // Others are worth something else now, if one of these queries uses them.
        known.remove(&next);
        let touched: Bits = users.iter().fold(Bits::default(), |mut all, query| {
            all.union(&state.used[*query]);
            all
        });
        let is_same = |number: &usize| !touched.has(*number) && state.users.get(number).is_some_and(|now| !now.iter().any(|user| users.contains(user)));
        known.retain(|number, _| is_same(number));
    }
}

/// Adds what fits, and puts one in the place of others, as long as that makes the workload cheaper.
fn improve(state: &mut State, costs: &mut Costs<'_>, pool: &Pool, active: &Bits, limits: &Limits) {
    for _ in 0..64 {
        let mut best: Option<(f64, Bits, Vec<usize>)> = None;
        for number in active.iter().filter(|number| !state.users.contains_key(number)) {
            if costs.explains >= limits.explains {
                break;
            }
            let queries = state.interested(costs, pool, number);
            let hoped: f64 = queries
                .iter()
                .map(|query| (state.costs[*query] - costs.at_least(*query, &state.allowed.with(number))) * pool.weights[*query])
                .sum();
            if hoped <= limits.least.max(best.as_ref().map_or(0.0, |(gain, ..)| *gain)) {
                continue;
            }
            let Some((gain, allowed, queries)) = place(state, costs, pool, number, queries, limits) else { continue };
            if gain > best.as_ref().map_or(limits.least, |(best, ..)| *best) {
                best = Some((gain, allowed, queries));
            }
        }
        let Some((_, allowed, queries)) = best else { return };
        state.go(costs, allowed, &queries);
        let used = Bits::of(state.users.keys().copied());
        state.allowed = used;
    }
}

/// The gain of one more, when those that are worth least make room for it.
fn place(
    state: &State,
    costs: &mut Costs<'_>,
    pool: &Pool,
    number: usize,
    mut queries: Vec<usize>,
    limits: &Limits,
) -> Option<(f64, Bits, Vec<usize>)> {
    let mut trial = state.clone();
    trial.go(costs, state.allowed.with(number), &queries);
    while !trial.fits(pool, limits) {
        let mut least: Option<(f64, usize)> = None;
        for out in trial.users.keys().copied().filter(|out| *out != number).collect::<Vec<_>>() {
            let users = trial.users[&out].clone();
            // It cannot be cheap to do without: what is known suffices to pass it over.
            let difference = trial.difference(costs, pool, &trial.allowed.without(out), &users);
            let worth = difference.cost / (-difference.bytes).max(1.0);
            if least.is_none_or(|(least, _)| worth < least) {
                least = Some((worth, out));
            }
        }
        let (_, out) = least?;
        let users = trial.users[&out].clone();
        let allowed = trial.allowed.without(out);
        trial.go(costs, allowed, &users);
        queries.extend(users);
        if trial.total(pool) >= state.total(pool) {
            return None;
        }
    }
    queries.sort_unstable();
    queries.dedup();
    let gain = state.total(pool) - trial.total(pool);
    Some((gain, trial.allowed, queries))
}
