//! Materialized views that a workload should have.

use crate::name::QName;
use crate::rewrite::Rewritten;

/// A view that answers several queries, or one that is asked often.
#[derive(Clone, Debug, PartialEq)]
pub struct NewView {
    pub name: QName,
    /// `CREATE MATERIALIZED VIEW …`
    pub sql: String,
    /// The unique index that a refresh beside readers needs.
    pub index: String,
    pub refresh: String,
    /// How many rows it has, by the statistics.
    pub rows: f64,
    /// The queries as they read the view.
    pub queries: Vec<Rewritten>,
}
