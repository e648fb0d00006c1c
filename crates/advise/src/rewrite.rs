//! Queries written differently: each rule knows one way, and when the rows stay the same.
//!
//! What a rule offers is an edit of the query's own text, so that comments, parameters and layout stay. It checks its
//! conditions against the schema; whether the rows are really the same and the query cheaper is seen on a server.

mod edits;
pub(crate) mod level;
pub(crate) mod meaning;
mod parts;

mod aggregate_join;
mod batches;
mod columns_used;
mod count_estimate;
mod count_exists;
mod day_range;
mod distinct_key;
mod distinct_on;
mod in_exists;
mod keyset;
mod left_inner;
mod not_in;
mod one_insert;
mod or_union_all;
mod prefix_like;
mod row_lookup;
mod self_join_window;
mod union_all;
mod unused_join;

pub use model::rewrite::{Offer, Proof};
use model::{Placed, Schema};

use level::Level;
pub use one_insert::{ONE_INSERT, one_insert};

/// One way to write queries differently.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    /// What becomes of what, and why that is faster.
    pub says: &'static str,
    offer: fn(&Level<'_>, &mut Vec<Offer>),
}

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    aggregate_join::RULE,
    batches::RULE,
    columns_used::RULE,
    count_estimate::RULE,
    count_exists::RULE,
    day_range::RULE,
    distinct_key::RULE,
    distinct_on::RULE,
    in_exists::RULE,
    keyset::RULE,
    left_inner::RULE,
    not_in::RULE,
    or_union_all::RULE,
    prefix_like::RULE,
    row_lookup::RULE,
    self_join_window::RULE,
    union_all::RULE,
    unused_join::RULE,
];

/// Every other way to write the query whose conditions hold, by rule and place.
pub fn offers(schema: &Schema, placed: &Placed) -> Vec<Offer> {
    let mut found = Vec::new();
    for rule in RULES {
        level::each(schema, placed, &mut |level| (rule.offer)(level, &mut found));
    }
    found.retain(|offer| offer.sql != placed.text);
    found
}
