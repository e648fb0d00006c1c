//! Loops: a statement that one session sends again and again, in one transaction or without a pause.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use model::workload::{Line, Orm, Repeat};

use super::gather::{Call, Kind};
use super::shape::{Shape, Slot, Value};

/// Sessions that are watched at once, and statements of one.
const SESSIONS: usize = 4000;
const OPEN: usize = 32;
/// Values that are told apart in one loop.
const VALUES: usize = 10_000;
/// A statement with more constants is no lookup of one row.
const SLOTS: usize = 32;
/// Statements before a loop that it may go over the rows of: loops go over several things in turn.
const BEFORE: usize = 4;
/// The longest text, with its values, that is watched: a lookup by key is short.
const LONG: usize = 8 * 1024;

#[derive(Debug)]
pub(super) struct Watch {
    least: u64,
    pause_ms: i64,
    sessions: HashMap<Box<str>, Session>,
    /// By statement and the slot that differed.
    found: BTreeMap<(usize, Option<usize>), Repeat>,
}

#[derive(Debug, Default)]
struct Session {
    in_transaction: bool,
    open: HashMap<usize, Run>,
    /// The last statements that read something, each once, with their parameters put in.
    last: VecDeque<(usize, String)>,
}

#[derive(Debug)]
struct Run {
    calls: u64,
    /// The hashes of the first call's values.
    slots: Vec<u64>,
    varying: Varying,
    values: HashSet<u64>,
    ms: Option<f64>,
    line: Line,
    at: Option<i64>,
    orm: Option<Orm>,
    /// Kept from the second call on: most statements are no loop.
    kept: Option<Kept>,
    /// What was asked before it, the last first.
    before: Vec<(usize, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Varying {
    Nothing,
    One(usize),
    Several,
}

/// The text of a loop.
#[derive(Debug)]
struct Kept {
    sql: String,
    slots: Vec<Slot>,
    parameters: Vec<Option<String>>,
}

impl Watch {
    pub(super) fn new(least: u64, pause_ms: i64) -> Watch {
        Watch { least, pause_ms, sessions: HashMap::new(), found: BTreeMap::new() }
    }

    pub(super) fn call(
        &mut self,
        entry: usize,
        kind: Kind,
        shape: &Shape,
        call: &Call<'_>,
        line: Line,
        orm: Option<Orm>,
    ) {
        // Lines of nobody could be of anybody.
        if call.session.is_empty() {
            return;
        }
        if !self.sessions.contains_key(call.session) {
            if self.sessions.len() >= SESSIONS {
                self.forget();
            }
            self.sessions.insert(call.session.into(), Session::default());
        }
        let session = self.sessions.get_mut(call.session).expect("it was put there above");
        match kind {
            Kind::Begin | Kind::End => {
                session.in_transaction = kind == Kind::Begin;
                session.last.clear();
                let runs: Vec<_> = session.open.drain().collect();
                return self.close(runs);
            }
            Kind::Other => return,
            Kind::Read if shape.slots.len() > SLOTS || length(call) > LONG => return,
            Kind::Read => {}
        }
        let mut ended = session.again(entry);
        let pause = self.pause_ms;
        let in_transaction = session.in_transaction;
        let follows = |run: &Run| match (run.at, call.at) {
            _ if in_transaction => true,
            (Some(before), Some(now)) => {
                // Clocks that count seconds alone say less.
                let seconds = before % 1000 == 0 && now % 1000 == 0;
                now.saturating_sub(before) <= if seconds { pause.max(1000) } else { pause }
            }
            _ => true,
        };
        let hash = |slot| shape.value(slot, call.sql, call.parameters).hash();
        match session.open.get_mut(&entry) {
            Some(run) if follows(run) => run.add(shape, call, hash),
            _ => {
                ended.extend(session.open.remove(&entry).map(|run| (entry, run)));
                if session.open.len() >= OPEN {
                    ended.extend(session.open.drain());
                }
                let others = session.last.iter().rev().filter(|(last, _)| *last != entry);
                let before = others.cloned().collect();
                session.open.insert(entry, Run::new(shape, call, line, orm, before, hash));
            }
        }
        // What a loop asks in between is not what it loops over.
        let looped = session.open.get(&entry).is_some_and(|run| run.calls > 1);
        if !looped {
            session.last.retain(|(last, _)| *last != entry);
            if session.last.len() >= BEFORE {
                session.last.pop_front();
            }
            session.last.push_back((entry, shape.bound(call.sql, call.parameters)));
        }
        self.close(ended);
    }

    /// The time of the last call of this statement came by itself.
    pub(super) fn time(&mut self, session: &str, entry: usize, ms: f64) {
        if let Some(run) = self.sessions.get_mut(session).and_then(|session| session.open.get_mut(&entry)) {
            run.ms = Some(run.ms.unwrap_or(0.0) + ms);
        }
    }

    /// Ends all loops.
    pub(super) fn forget(&mut self) {
        let mut sessions: Vec<_> = std::mem::take(&mut self.sessions).into_iter().collect();
        sessions.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, session) in sessions {
            self.close(session.open.into_iter().collect());
        }
    }

    fn close(&mut self, mut runs: Vec<(usize, Run)>) {
        runs.retain(|(_, run)| run.calls >= self.least && run.varying != Varying::Several);
        runs.sort_by_key(|(entry, run)| (run.line, *entry));
        for (entry, run) in runs {
            let Some(kept) = &run.kept else { continue };
            let slot = match run.varying {
                Varying::One(slot) => Some(slot),
                _ => None,
            };
            let new = run.repeat(entry, kept, slot);
            match self.found.get_mut(&(entry, slot)) {
                None => drop(self.found.insert((entry, slot), new)),
                Some(found) => {
                    let total = match (found.total_ms, new.total_ms) {
                        (None, None) => None,
                        (one, other) => Some(one.unwrap_or(0.0) + other.unwrap_or(0.0)),
                    };
                    let (loops, calls) = (found.loops + 1, found.calls + new.calls);
                    if new.longest > found.longest {
                        *found = new;
                    }
                    (found.loops, found.calls, found.total_ms) = (loops, calls, total);
                }
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<Repeat> {
        self.forget();
        self.found.into_values().collect()
    }
}

fn length(call: &Call<'_>) -> usize {
    call.sql.len() + call.parameters.iter().flatten().map(String::len).sum::<usize>()
}

impl Session {
    /// Where a statement comes again that a longer loop came after, what follows is another loop: the next page of
    /// rows, the next request.
    fn again(&mut self, entry: usize) -> Vec<(usize, Run)> {
        let own = self.open.get(&entry).map_or(0, |run| run.calls);
        let follows = |run: &Run| run.calls > own + 1 && run.before.iter().any(|(before, _)| *before == entry);
        let mut ended: Vec<usize> = self.open.iter().filter(|(_, run)| follows(run)).map(|(entry, _)| *entry).collect();
        if ended.is_empty() {
            return Vec::new();
        }
        ended.push(entry);
        ended.sort_unstable();
        ended.into_iter().filter_map(|entry| Some((entry, self.open.remove(&entry)?))).collect()
    }
}

impl Run {
    fn new(
        shape: &Shape,
        call: &Call<'_>,
        line: Line,
        orm: Option<Orm>,
        before: Vec<(usize, String)>,
        hash: impl Fn(usize) -> u64,
    ) -> Run {
        Run {
            calls: 1,
            slots: (0..shape.slots.len()).map(hash).collect(),
            varying: Varying::Nothing,
            values: HashSet::new(),
            ms: call.ms,
            line,
            at: call.at,
            orm,
            kept: None,
            before,
        }
    }

    fn add(&mut self, shape: &Shape, call: &Call<'_>, hash: impl Fn(usize) -> u64) {
        self.calls += 1;
        self.at = call.at.or(self.at);
        if let Some(ms) = call.ms {
            self.ms = Some(self.ms.unwrap_or(0.0) + ms);
        }
        if shape.slots.len() != self.slots.len() {
            self.varying = Varying::Several;
        }
        // Values that nobody wrote down may be anything.
        let open = (0..shape.slots.len()).any(|slot| shape.value(slot, call.sql, call.parameters) == Value::Open);
        if open {
            self.varying = Varying::Several;
        }
        if self.varying == Varying::Several {
            return;
        }
        for slot in 0..self.slots.len() {
            let value = hash(slot);
            if value != self.slots[slot] {
                self.varying = match self.varying {
                    Varying::Nothing => Varying::One(slot),
                    Varying::One(other) if other == slot => Varying::One(slot),
                    _ => Varying::Several,
                };
            }
        }
        if let Varying::One(slot) = self.varying
            && self.values.len() < VALUES
        {
            self.values.insert(self.slots[slot]);
            self.values.insert(hash(slot));
        }
        if self.kept.is_none() && self.varying != Varying::Several {
            let (sql, slots) = (call.sql.to_owned(), shape.slots.clone());
            self.kept = Some(Kept { sql, slots, parameters: call.parameters.to_vec() });
        }
    }

    fn repeat(&self, statement: usize, kept: &Kept, slot: Option<usize>) -> Repeat {
        let shape = Shape { text: String::new(), slots: kept.slots.clone() };
        let varying = slot.map(|varying| {
            shape.with(&kept.sql, |slot| match slot == varying {
                true => Some("$1".to_owned()),
                false => Some(shape.value(slot, &kept.sql, &kept.parameters).sql()),
            })
        });
        Repeat {
            statement,
            varying,
            first: shape.bound(&kept.sql, &kept.parameters),
            loops: 1,
            calls: self.calls,
            longest: self.calls,
            values: (self.values.len() as u64).max(1),
            total_ms: self.ms,
            line: self.line,
            before: self.before.iter().map(|(_, sql)| sql.clone()).collect(),
            orm: self.orm,
        }
    }
}
