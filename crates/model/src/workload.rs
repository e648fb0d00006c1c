//! Workloads: which queries a database answers, and how often.

use crate::name::Name;
use crate::place::Place;
use crate::query::Query;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    /// In the order in which they were found.
    pub queries: Vec<WorkloadQuery>,
}

/// Statements that differ in nothing but their constants count as one query.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadQuery {
    /// What people call it: `GetUser`, `q01`, or its number in the workload.
    pub name: Name,
    /// One of its statements, whole; parameters are `$1`.
    pub sql: String,
    pub query: Query,
    pub calls: f64,
    /// How long a call takes, where somebody measured it.
    pub mean_ms: Option<f64>,
    pub place: Option<Place>,
}
