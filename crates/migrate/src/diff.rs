//! The changes that lead from one schema to another, in an order that a database accepts.
//!
//! The work is done in rounds: compare, put in order, apply to a copy, and look again. A round may leave things behind
//! (the grants of a view that had to be made anew, the owner of a sequence whose table came later); the next one sees
//! them. What no round can reach is said and not passed over: see [`Diff::left`].

mod alter;
mod cast;
mod compare;
mod facts;
mod order;
mod parts;
mod rename;
mod ties;
mod types;
mod values;
mod views;
mod way;

use std::collections::BTreeSet;

use model::dialect::Version;
use model::step::How;
use model::{Change, Kind, Path, Schema, apply};

pub(crate) use cast::converted;
pub use rename::{Likely, Rename, UnknownRename, likely, named};
pub use values::{LostValue, lost_values, replaced_columns};

pub(crate) use way::again;

/// What the caller knows besides the two schemas.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The database's version: what ALTER can do.
    pub version: Version,
    /// Things that go on under another name.
    pub renames: Vec<Rename>,
    pub owners: Owners,
    /// Compare privileges.
    pub privileges: bool,
}

/// What is made of owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// They are not compared.
    Ignored,
    /// Where the second schema names one, that is it; of the others it says nothing, and they stay.
    Named,
    /// What has no owner there belongs to whoever runs the statements: the second schema is that of a database.
    All,
}

/// One change and how it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    pub change: Change,
    pub how: How,
}

impl Act {
    pub fn new(change: Change) -> Act {
        Act { change, how: How::default() }
    }
}

/// The way from one schema to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    pub acts: Vec<Act>,
    /// What is still different after them: no ALTER leads there.
    pub left: Vec<Path>,
}

impl Diff {
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty() && self.left.is_empty()
    }

    /// The acts as statements, in order, each with its semicolon.
    pub fn statements(&self, before: &Schema) -> Vec<String> {
        let mut now = before.clone();
        let mut statements = Vec::new();
        for act in &self.acts {
            statements.extend(write::sql::postgres::change_as(&now, &act.change, &act.how));
            apply(&mut now, &act.change).expect("the acts of a difference were tried in this order");
        }
        statements
    }

    /// Whether a routine is made whose body may name what is made after it.
    pub fn makes_routines(&self) -> bool {
        self.acts.iter().any(|act| {
            matches!(act.change, Change::Create { .. } | Change::Replace { .. })
                && matches!(act.change.path().kind, Kind::Function | Kind::Procedure)
        })
    }
}

/// More rounds than any two schemas need: dropped, made anew, dressed with what is said of it.
const ROUNDS: usize = 12;

/// The schema with these renames done.
pub fn renamed(before: &Schema, renames: &[Rename]) -> Schema {
    let mut now = before.clone();
    for change in rename::changes(before, renames).changes {
        apply(&mut now, &change).expect("the renames were tried in this order");
    }
    now
}

/// What leads from `before` to `after`.
pub fn diff(before: &Schema, after: &Schema, settings: &Settings) -> Diff {
    let mut now = before.clone();
    let mut acts = Vec::new();
    let mut take = |now: &mut Schema, act: Act| {
        let done = apply(now, &act.change).is_ok();
        if done {
            acts.push(act);
        }
        done
    };
    for change in rename::changes(before, &settings.renames).changes {
        take(&mut now, Act::new(change));
    }
    let settings = &Settings { renames: values::pending(before, &settings.renames), ..settings.clone() };
    for change in types::set_aside(before, &now, after) {
        take(&mut now, Act::new(change));
    }
    let mut manner = way::Manner::Replaced;
    for _ in 0..ROUNDS {
        let differences = compare::compare(&now, after, settings);
        if differences.is_empty() {
            break;
        }
        let nodes = way::cleared(&now, after, differences, manner);
        let mut progress = false;
        let mut failed = BTreeSet::new();
        let ordered = order::ordered(&now, after, nodes);
        for (place, order::Placed { act, needs }) in ordered.iter().enumerate() {
            // What waits for one that cannot be done yet waits with it.
            let waits = needs.iter().any(|need| failed.contains(need));
            match !waits && take(&mut now, act.clone()) {
                true => progress = true,
                false => {
                    failed.insert(place);
                }
            }
        }
        if !progress {
            // All that is left waits for each other: whatever can be done is done.
            for placed in ordered {
                progress |= order::can_stand(&now, after, &placed.act) && take(&mut now, placed.act);
            }
        }
        manner = match (progress, manner) {
            (true, _) => way::Manner::Replaced,
            (false, way::Manner::Replaced) => way::Manner::Anew,
            (false, way::Manner::Anew) => break,
        };
    }
    let left = compare::compare(&now, after, settings);
    let mut left: Vec<Path> = left.into_iter().map(|difference| difference.path).collect();
    left.sort();
    left.dedup();
    Diff { acts, left }
}
