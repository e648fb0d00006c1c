//! What rules over query plans share: whose time it was, what is worth saying, and what to type.

pub(crate) mod early;
pub(crate) mod indexing;
pub(crate) mod memory;
pub(crate) mod misestimate;

use model::plan::{PlanNode, QueryPlan, Times, ms};
use model::{Place, QName};

use crate::findings::{Draft, Findings};

/// Less than this part of a run is not worth a word.
const LEAST_SHARE: f64 = 0.05;
/// Nor are fewer milliseconds than this.
const LEAST_MS: f64 = 1.0;

/// After ALTER SYSTEM, so that the server learns of it.
pub(crate) const RELOAD: &str = "SELECT pg_reload_conf()";

/// A plan with its times.
pub(crate) struct Look<'a> {
    pub(crate) plan: &'a QueryPlan,
    times: Option<Times>,
}

impl<'a> Look<'a> {
    pub(crate) fn at(plan: &'a QueryPlan) -> Look<'a> {
        Look { plan, times: plan.times() }
    }

    pub(crate) fn node(&self, node: usize) -> &'a PlanNode {
        &self.plan.nodes[node]
    }

    /// All nodes with their positions; those that never ran cost nothing.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (usize, &'a PlanNode)> {
        self.plan.nodes.iter().enumerate().filter(|(_, node)| !node.never_ran())
    }

    /// Milliseconds of the node alone.
    pub(crate) fn own(&self, node: usize) -> f64 {
        self.times.as_ref().map_or(0.0, |times| times.own[node])
    }

    /// Milliseconds with everything below.
    pub(crate) fn whole(&self, node: usize) -> f64 {
        self.times.as_ref().map_or(0.0, |times| times.whole[node])
    }

    /// How many processes shared the node.
    pub(crate) fn processes(&self, node: usize) -> f64 {
        self.times.as_ref().map_or(1.0, |times| times.processes[node]).max(1.0)
    }

    /// The whole run.
    pub(crate) fn run(&self) -> Option<f64> {
        self.times.as_ref().map(|times| times.run).or(self.plan.execution_ms)
    }

    /// How often each process ran the node.
    pub(crate) fn repeats(&self, node: usize) -> f64 {
        self.node(node).loops() / self.processes(node)
    }

    /// A finding about a node that would save so many milliseconds; nothing where that is too little to speak of.
    pub(crate) fn say<'f>(
        &self,
        findings: &'f mut Findings<'_>,
        node: usize,
        gain: f64,
        message: impl Into<String>,
    ) -> Option<Draft<'f>> {
        self.draft(findings, Some(node), self.node(node).place, gain, message.into(), 0.0)
    }

    /// The same about the plan as a whole; `beside` is what the run took that is in none of its nodes.
    pub(crate) fn say_of_plan<'f>(
        &self,
        findings: &'f mut Findings<'_>,
        gain: f64,
        beside: f64,
        message: impl Into<String>,
    ) -> Option<Draft<'f>> {
        let place = self.plan.nodes.first().map_or(self.plan.place, |root| root.place);
        self.draft(findings, None, place, gain, message.into(), beside)
    }

    fn draft<'f>(
        &self,
        findings: &'f mut Findings<'_>,
        node: Option<usize>,
        place: Place,
        gain: f64,
        message: String,
        beside: f64,
    ) -> Option<Draft<'f>> {
        let run = self.run();
        if run.is_some_and(|run| gain < LEAST_MS || gain < LEAST_SHARE * (run + beside)) {
            return None;
        }
        // Without a clock nobody knows how much it is.
        let gain = run.map(|run| gain.min(run + beside));
        let draft = findings.here(place, message).saves(node, gain);
        Some(match (gain, run) {
            (Some(gain), Some(run)) if run > 0.0 => {
                draft.why(format!("about {} of {} could be saved", ms(gain), ms(run + beside)))
            }
            _ => draft,
        })
    }

    /// Which part of the time of a scan an index would save that finds only the rows that are kept. Rows that are kept lie
    /// scattered over pages, and a page with one of them is read all the same: from a few in a hundred on, that is
    /// nearly every page. How many pages there are the buffers tell; without them only the rows are known.
    pub(crate) fn avoidable(&self, node: usize, kept: f64, removed: f64) -> f64 {
        let buffers = &self.node(node).buffers;
        let rows = (kept + removed).max(1.0);
        let part = kept / rows;
        let pages = buffers.shared_hit + buffers.shared_read;
        if pages < 1.0 {
            return 1.0 - part;
        }
        (1.0 - part).powf((rows / pages).max(1.0))
    }

    /// The nearest node above that is no mere passage of rows.
    pub(crate) fn above(&self, node: usize) -> Option<usize> {
        const PASSAGES: [&str; 4] = ["Materialize", "Memoize", "Gather", "Gather Merge"];
        self.plan.above(node).find(|above| !PASSAGES.contains(&self.node(*above).kind.as_str()))
    }

    /// Whether the node is, or stands in, the inner side of a nested loop, and of which.
    pub(crate) fn inner_of(&self, node: usize) -> Option<usize> {
        let mut below = node;
        for above in self.plan.above(node) {
            let is_inner = self.plan.inputs(above).nth(1) == Some(below);
            match self.node(above).kind.as_str() {
                "Nested Loop" if is_inner => return Some(above),
                "Materialize" | "Memoize" => below = above,
                _ => return None,
            }
        }
        None
    }

    /// The sub-plan that the node is in, when it is asked for each row anew.
    pub(crate) fn repeated_subplan(&self, node: usize) -> Option<usize> {
        std::iter::once(node).chain(self.plan.above(node)).find(|above| {
            self.node(*above).relationship == model::plan::Relationship::SubPlan && self.repeats(*above) > 1.0
        })
    }
}

/// The table of a node.
pub(crate) fn table(node: &PlanNode) -> Option<QName> {
    let relation = node.relation.clone()?;
    Some(QName::new(node.schema.clone().unwrap_or_default(), relation))
}

/// Rows of all loops that the node handed up, and those that its filters threw away.
pub(crate) fn kept_and_removed(node: &PlanNode) -> (f64, f64) {
    let loops = node.loops();
    let kept = node.actual.map_or(0.0, |actual| actual.rows) * loops;
    (kept, node.removed.filter * loops)
}

/// The setting for megabytes and kilobytes.
pub(crate) fn set_work_mem(kilobytes: f64) -> String {
    let megabytes = (kilobytes / 1024.0).ceil().max(1.0);
    format!("SET work_mem = '{megabytes:.0}MB'")
}
