//! Query plans: what EXPLAIN says, node by node, whatever its format was.

mod detail;
mod label;
mod node;
mod time;

pub use detail::{
    Aggregation, Blocks, Buffers, Groups, Hashing, Jit, Memoization, Serialization, Sorting, Storage, Trigger, Wal,
    Worker,
};
pub use node::{Actual, Condition, Conditions, Keys, PlanNode, Relationship, Removed};
pub use time::{Times, ms};

use crate::name::Name;
use crate::place::Place;

#[derive(Clone, Debug, PartialEq)]
pub struct QueryPlan {
    /// In the order of printing: a parent before its children. The root is the first.
    pub nodes: Vec<PlanNode>,
    /// The statement, where a log or the plan itself holds it.
    pub query: Option<String>,
    pub query_id: Option<String>,
    /// What the log says that the statement took.
    pub duration_ms: Option<f64>,
    pub planning_ms: Option<f64>,
    pub execution_ms: Option<f64>,
    /// What planning read.
    pub planning: Buffers,
    /// Kilobytes that planning used, and those it asked for.
    pub planning_memory: Option<(u64, u64)>,
    /// Settings that are not as they come, and matter to the planner.
    pub settings: Vec<(Name, String)>,
    pub jit: Option<Jit>,
    pub triggers: Vec<Trigger>,
    pub serialization: Option<Serialization>,
    /// What stands in the text and was not understood.
    pub unknown: Vec<UnknownField>,
    pub place: Place,
}

/// A field that the reader does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// As the plan calls it.
    pub name: Name,
    /// The node it is in; without one it is about the plan as a whole.
    pub node: Option<usize>,
    pub place: Place,
}

impl QueryPlan {
    /// The nodes directly below.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let later = self.nodes.iter().enumerate().skip(node + 1);
        later.filter(move |(_, child)| child.parent == Some(node)).map(|(index, _)| index)
    }

    /// The children that hand rows up: no init plan and no sub-plan.
    pub fn inputs(&self, node: usize) -> impl Iterator<Item = usize> {
        self.children(node).filter(|child| !self.nodes[*child].relationship.is_side())
    }

    /// The nodes above, the nearest first.
    pub fn above(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.nodes.get(node).and_then(|node| node.parent), |above| {
            self.nodes.get(*above).and_then(|node| node.parent)
        })
    }

    /// How deep a node stands; the root stands at 0.
    pub fn depth(&self, node: usize) -> usize {
        self.above(node).count()
    }

    /// The node and everything below it.
    pub fn below(&self, node: usize) -> Vec<usize> {
        let mut found = vec![node];
        for index in node + 1..self.nodes.len() {
            if self.nodes[index].parent.is_some_and(|parent| found.binary_search(&parent).is_ok()) {
                found.push(index);
            }
        }
        found
    }

    /// ANALYZE ran it.
    pub fn was_run(&self) -> bool {
        self.nodes.first().is_some_and(|root| root.actual.is_some())
    }

    /// What the statement took as a whole, without planning: what EXPLAIN measured, else the log, else the root.
    pub fn run_ms(&self) -> Option<f64> {
        let root = self.nodes.first().and_then(|root| root.actual);
        self.execution_ms.or(self.duration_ms).or_else(|| root.and_then(|root| Some(root.total_ms? * root.loops)))
    }

    /// The value of a setting, where the plan shows it.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
