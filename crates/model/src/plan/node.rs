//! A node of a plan: what it does, what was expected of it, and what it did.

use super::detail::{Aggregation, Blocks, Buffers, Groups, Hashing, Memoization, Sorting, Storage, Wal, Worker};
use crate::expr::Expr;
use crate::name::Name;
use crate::place::Place;

#[derive(Clone, Debug, PartialEq)]
pub struct PlanNode {
    /// The position of the parent among the nodes.
    pub parent: Option<usize>,
    pub relationship: Relationship,
    /// `InitPlan 1 (returns $0)`, `SubPlan 2`, `CTE recent`
    pub subplan: Option<Name>,
    /// As JSON calls it: `Seq Scan`, `Hash Join`, `Aggregate`, `ModifyTable`, …
    pub kind: Name,
    /// `Sorted`, `Hashed`, `Mixed`; nothing for what has one way only.
    pub strategy: Option<Name>,
    /// `Partial` or `Finalize`.
    pub partial: Option<Name>,
    /// `Left`, `Anti`, …; nothing for an inner join.
    pub join: Option<Name>,
    /// `Insert`, `Update`, `Delete`, `Merge` of a node that writes; `Intersect All` of a set operation.
    pub operation: Option<Name>,
    /// It shares its work with the other processes.
    pub parallel: bool,
    pub asynchronous: bool,
    pub backward: bool,
    /// Exactly one process of those below runs it.
    pub single_copy: bool,
    /// The planner was told not to use its kind, and had no other way.
    pub disabled: bool,
    pub schema: Option<Name>,
    pub relation: Option<Name>,
    /// Another name that the query gives to it.
    pub alias: Option<Name>,
    pub index: Option<Name>,
    pub function: Option<Name>,
    /// The CTE or work table that it reads.
    pub cte: Option<Name>,
    /// Of a custom scan.
    pub provider: Option<Name>,
    pub startup_cost: f64,
    pub cost: f64,
    pub estimated_rows: f64,
    pub width: f64,
    /// What ANALYZE measured; with no loop at all the node never ran.
    pub actual: Option<Actual>,
    pub removed: Removed,
    pub conditions: Conditions,
    pub keys: Keys,
    /// The columns that it hands up, where VERBOSE shows them.
    pub output: Vec<String>,
    pub sort: Option<Sorting>,
    pub full_groups: Option<Groups>,
    pub presorted_groups: Option<Groups>,
    pub hash: Option<Hashing>,
    pub aggregation: Option<Aggregation>,
    pub memoize: Option<Memoization>,
    pub storage: Option<Storage>,
    pub heap_fetches: Option<f64>,
    pub index_searches: Option<f64>,
    pub blocks: Option<Blocks>,
    pub workers_planned: Option<u32>,
    pub workers_launched: Option<u32>,
    pub workers: Vec<Worker>,
    pub subplans_removed: Option<u32>,
    pub inner_unique: bool,
    pub buffers: Buffers,
    pub wal: Wal,
    /// What a foreign server is sent.
    pub remote_sql: Option<String>,
    /// Rows that were written, by what was done: `inserted`, `updated`, `deleted`, `skipped`, `conflicting`.
    pub tuples: Vec<(Name, f64)>,
    /// What else the plan says of it, and no finding needs: field and text.
    pub other: Vec<(Name, String)>,
    /// Where the kind of the node stands.
    pub place: Place,
}

/// What a node is to its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relationship {
    #[default]
    Outer,
    Inner,
    Member,
    Subquery,
    InitPlan,
    SubPlan,
}

impl Relationship {
    /// It answers a question of an expression, and is no input.
    pub fn is_side(self) -> bool {
        matches!(self, Relationship::InitPlan | Relationship::SubPlan)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Actual {
    /// Rows per loop.
    pub rows: f64,
    pub loops: f64,
    /// Milliseconds per loop until the first row; nothing with TIMING off.
    pub startup_ms: Option<f64>,
    /// Milliseconds per loop until the last row.
    pub total_ms: Option<f64>,
}

/// Rows per loop that were thrown away, by what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Removed {
    pub filter: f64,
    pub join_filter: f64,
    pub recheck: f64,
}

/// A condition as it is printed, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub text: String,
    /// [`Expr::Text`] where it is not understood.
    pub expr: Expr,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    pub filter: Option<Condition>,
    pub join_filter: Option<Condition>,
    pub index: Option<Condition>,
    pub recheck: Option<Condition>,
    pub hash: Option<Condition>,
    pub merge: Option<Condition>,
    pub tid: Option<Condition>,
    pub order_by: Option<Condition>,
    pub one_time: Option<Condition>,
    pub run: Option<Condition>,
}

impl Conditions {
    /// All that there are, with the names that EXPLAIN gives them.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Condition)> {
        let all = [
            ("Index Cond", &self.index),
            ("Recheck Cond", &self.recheck),
            ("Hash Cond", &self.hash),
            ("Merge Cond", &self.merge),
            ("TID Cond", &self.tid),
            ("Order By", &self.order_by),
            ("Run Condition", &self.run),
            ("One-Time Filter", &self.one_time),
            ("Join Filter", &self.join_filter),
            ("Filter", &self.filter),
        ];
        all.into_iter().filter_map(|(name, condition)| Some((name, condition.as_ref()?)))
    }
}

/// Lists of expressions, as they are printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keys {
    pub sort: Vec<String>,
    pub presorted: Vec<String>,
    /// One list for each grouping set; one alone without them.
    pub group: Vec<Vec<String>>,
    pub cache: Option<String>,
}

impl PlanNode {
    /// It did not run at all.
    pub fn never_ran(&self) -> bool {
        self.actual.is_some_and(|actual| actual.loops == 0.0)
    }

    /// Rows of all loops together.
    pub fn total_rows(&self) -> Option<f64> {
        self.actual.map(|actual| actual.rows * actual.loops)
    }

    pub fn loops(&self) -> f64 {
        self.actual.map_or(1.0, |actual| actual.loops)
    }

    /// A table scanned from one end to the other.
    pub fn is_seq_scan(&self) -> bool {
        self.kind == "Seq Scan"
    }

    pub fn is_join(&self) -> bool {
        matches!(self.kind.as_str(), "Nested Loop" | "Hash Join" | "Merge Join")
    }

    pub fn is_gather(&self) -> bool {
        matches!(self.kind.as_str(), "Gather" | "Gather Merge")
    }
}
