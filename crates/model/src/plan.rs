//! Query plans: what EXPLAIN says, node by node.

use crate::name::Name;
use crate::place::Place;

#[derive(Clone, Debug, PartialEq)]
pub struct QueryPlan {
    /// In the order of printing; the root is the first.
    pub nodes: Vec<PlanNode>,
    pub planning_ms: Option<f64>,
    pub execution_ms: Option<f64>,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlanNode {
    /// The position of the parent among the nodes.
    pub parent: Option<usize>,
    /// `Seq Scan`, `Hash Join`, …
    pub kind: Name,
    pub schema: Option<Name>,
    pub relation: Option<Name>,
    pub index: Option<Name>,
    pub filter: Option<String>,
    pub condition: Option<String>,
    pub cost: f64,
    pub estimated_rows: f64,
    pub width: f64,
    /// What ANALYZE measured.
    pub actual: Option<Actual>,
    /// `Memory` or `Disk`, with kilobytes.
    pub sort_space: Option<(Name, u64)>,
    /// Where the kind of the node stands.
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Actual {
    /// Rows per loop.
    pub rows: f64,
    pub loops: f64,
    /// Milliseconds per loop until the last row.
    pub total_ms: f64,
    /// Rows per loop that a filter threw away.
    pub removed: f64,
}
