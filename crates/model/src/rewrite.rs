//! Queries written differently, and how it is shown that they do the same.

use crate::name::Name;

/// A query written differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub rule: &'static str,
    pub sql: String,
    /// Why the rows are the same: what the schema and the query say, a clause each.
    pub conditions: Vec<String>,
    /// What the user must know before taking it, where it is not the same in every way.
    pub caveat: Option<String>,
    pub proof: Proof,
}

/// How it is shown that both do the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Both give the same rows, as often, in any order.
    Rows,
    /// Both leave the same rows in this table. What is tried is the same in smaller steps, `again` until it finds no
    /// row.
    Written { table: String, tried: String, again: bool },
    /// The page behind the last row of the page before: `all` gives every row in order, with the values in front that
    /// the parameters of these numbers take.
    Pages { all: String, keys: Vec<usize> },
    /// As rows, beside the view that this statement makes of them.
    View { make: String },
    /// It is not the same, and the caveat says so.
    None,
}

/// A query of a workload that is cheaper when it is written differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewritten {
    pub query: Name,
    /// One after the other.
    pub rules: Vec<&'static str>,
    /// Where all of them lead to.
    pub offer: Offer,
    /// In the planner's units, with the indexes that are there.
    pub before: f64,
    pub after: f64,
    /// On how many sets of rows both were run and gave the same; none where nothing is claimed of the rows.
    pub compared: usize,
}
