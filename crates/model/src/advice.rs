//! Advice: which indexes a workload should have, and what came of the rest.

use crate::name::{Name, QName};
use crate::object::Index;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// The most helpful first.
    pub indexes: Vec<NewIndex>,
    pub drops: Vec<Drop>,
    pub refused: Vec<Refused>,
    /// Queries that could not be planned, with the reason.
    pub problems: Vec<(Name, String)>,
    /// Of the whole workload, in the planner's units.
    pub before: f64,
    pub after: f64,
    pub candidates: usize,
    pub explains: usize,
    pub studied: Studied,
}

/// How a large workload was looked at: queries that ask alike are studied in one of them. Costs are those of each query
/// all the same, asked of the planner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Studied {
    /// Each of which stands for itself and those like it.
    pub representatives: usize,
    /// The queries that they stand for, with themselves.
    pub represented: usize,
    /// Those that an index could serve and nothing studied stands for: too cheap to be looked at one by one.
    pub alone: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NewIndex {
    pub table: QName,
    /// With a name that is free.
    pub index: Index,
    pub bytes: u64,
    pub rows: f64,
    /// Why a part of the table is enough, where the index has only that.
    pub why: Option<String>,
    /// What each write to the table costs more, in the planner's units.
    pub write_cost: f64,
    /// The queries whose plans use it.
    pub helps: Vec<Help>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Help {
    pub query: Name,
    pub before: f64,
    pub after: f64,
}

/// An index that is there and no longer needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Drop {
    pub index: QName,
    pub why: String,
    pub bytes: u64,
}

/// A candidate that was looked at closely and not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub table: QName,
    pub index: Index,
    pub why: String,
}
