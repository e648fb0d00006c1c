//! Whose time it was. EXPLAIN prints for each node the average of a loop, the nodes below included; what a node took by
//! itself is what remains when everything else is taken away:
//!
//! 1. loops: the time of a node is that of one loop times the loops;
//! 2. processes: below a Gather the loops of all processes are counted together, while they ran side by side, so that
//!    the time that passed is a part of the sum;
//! 3. an InitPlan runs when somebody first asks for its value: it is in the time of the node that asks, and not
//!    necessarily in that of the node that it is printed under;
//! 4. a CTE runs while its readers read: its time is in theirs, once, however many there are;
//! 5. a SubPlan runs inside the node that it is printed under.

use super::{PlanNode, QueryPlan, Relationship};

/// Milliseconds that passed, node by node.
#[derive(Clone, Debug, PartialEq)]
pub struct Times {
    /// With everything below.
    pub whole: Vec<f64>,
    /// Without. Never below zero: printed times are rounded, and a million loops make a large error of that.
    pub own: Vec<f64>,
    /// How many processes shared the work.
    pub processes: Vec<f64>,
    /// The whole run: what EXPLAIN or the log measured, else the root.
    pub run: f64,
}

impl QueryPlan {
    /// Nothing when the plan was not run, or without a clock (`TIMING off`).
    pub fn times(&self) -> Option<Times> {
        self.nodes.first()?.actual?.total_ms?;
        let processes = processes(self);
        let whole: Vec<f64> = self
            .nodes
            .iter()
            .zip(&processes)
            .map(|(node, processes)| {
                let time = node.actual.map_or(0.0, |actual| actual.total_ms.unwrap_or(0.0) * actual.loops / processes);
                if time.is_finite() { time.max(0.0) } else { 0.0 }
            })
            .collect();
        let mut own = whole.clone();
        for (index, node) in self.nodes.iter().enumerate() {
            if let Some(parent) = node.parent.filter(|_| node.relationship != Relationship::InitPlan) {
                own[parent] -= whole[index];
            }
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if node.relationship == Relationship::InitPlan {
                take_side_plan(self, index, whole[index], &whole, &mut own);
            }
        }
        own.iter_mut().for_each(|time| *time = time.max(0.0));
        let run = self.run_ms().filter(|run| run.is_finite()).unwrap_or(0.0).max(whole[0]);
        Some(Times { whole, own, processes, run })
    }
}

/// A time as people read it: `0.4 ms`, `96 ms`, `1.2 s`, `14 min`.
pub fn ms(time: f64) -> String {
    match time {
        ..10.0 => format!("{time:.1} ms"),
        ..1000.0 => format!("{time:.0} ms"),
        ..100_000.0 => format!("{:.1} s", time / 1000.0),
        ..600_000.0 => format!("{:.0} s", time / 1000.0),
        _ => format!("{:.0} min", time / 60_000.0),
    }
}

/// By how many processes each node ran at the same time.
fn processes(plan: &QueryPlan) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::with_capacity(plan.nodes.len());
    for (index, node) in plan.nodes.iter().enumerate() {
        let Some((parent, above)) = node.parent.and_then(|parent| Some((parent, plan.nodes.get(parent)?))) else {
            found.push(1.0);
            continue;
        };
        let inherited = found.get(parent).copied().unwrap_or(1.0);
        let starts_here = above.is_gather() && !node.relationship.is_side();
        found.push(if starts_here { inherited * below_gather(above, &plan.nodes[index]) } else { inherited });
    }
    found
}

/// The leader takes part unless it was told not to: then there are as many loops as workers.
fn below_gather(gather: &PlanNode, child: &PlanNode) -> f64 {
    if gather.single_copy {
        return 1.0;
    }
    let most = f64::from(gather.workers_launched.unwrap_or(0)) + 1.0;
    let (gather, child) = (gather.loops(), child.loops());
    if gather > 0.0 && child > 0.0 { (child / gather).clamp(1.0, most) } else { most }
}

/// The time of an InitPlan or CTE goes to those who asked for it.
fn take_side_plan(plan: &QueryPlan, side: usize, time: f64, whole: &[f64], own: &mut [f64]) {
    let Some(parent) = plan.nodes[side].parent else { return };
    let name = plan.nodes[side].subplan.as_deref().unwrap_or("");
    if let Some(cte) = name.strip_prefix("CTE ") {
        // A CTE that nobody reads and that writes runs after everything else, in nobody's time.
        let mut left = time;
        for reader in plan.below(parent) {
            if plan.nodes[reader].kind == "CTE Scan" && plan.nodes[reader].cte.as_deref() == Some(cte) {
                let part = left.min(own[reader].max(0.0));
                own[reader] -= part;
                left -= part;
            }
        }
        return;
    }
    // Who asks says so: `$0` up to version 16, `(InitPlan 1)` since. Without VERBOSE an output list is not shown, and
    // then it is the node that the plan is printed under.
    let side_plan = plan.below(side);
    let asks = |node: &PlanNode| {
        let mut texts = node.conditions.all().map(|(_, condition)| condition.text.as_str());
        texts.any(|text| mentions(text, name))
            || node.output.iter().chain(&node.keys.sort).any(|text| mentions(text, name))
    };
    let askers = plan.below(parent).into_iter().filter(|index| side_plan.binary_search(index).is_err());
    let asker = askers.filter(|index| asks(&plan.nodes[*index])).max_by(|one, other| {
        // Of several the first one pays; which that was shows in who has so much time of its own.
        let fits = |index: &usize| own[*index].min(time);
        fits(one).total_cmp(&fits(other)).then(other.cmp(one))
    });
    let payer = asker.unwrap_or(parent);
    let part = time.min(whole[payer]);
    own[payer] -= part;
}

/// `InitPlan 1 (returns $0,$1)` is asked for by `$0` or by `(InitPlan 1)`.
fn mentions(text: &str, name: &str) -> bool {
    let plain = name.split(" (returns").next().unwrap_or(name);
    if text.contains(&format!("({plain})")) {
        return true;
    }
    let parameters = name.split_once("(returns ").map_or("", |(_, rest)| rest.trim_end_matches(')'));
    parameters.split(',').map(str::trim).filter(|parameter| parameter.starts_with('$')).any(|parameter| {
        text.match_indices(parameter)
            .any(|(at, found)| !text[at + found.len()..].starts_with(|next: char| next.is_ascii_digit()))
    })
}
