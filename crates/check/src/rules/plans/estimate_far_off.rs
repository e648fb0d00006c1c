use model::{Schema, Severity};
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// The planner expected far fewer rows than came, so its plan is a guess; run ANALYZE, or create extended statistics for columns that depend on each other.
    ///
    /// A join order and method are chosen by these numbers. A nested loop that is right for 10 rows is wrong for 100,000.
    /// Ten times as many rows as expected are a note, a hundred times as many a warning, once a thousand rows came. Fewer
    /// rows than expected say nothing: a LIMIT above may have stopped the node early.
    ///
    /// ```json,bad
    /// [{"Plan": {"Node Type": "Index Scan", "Relation Name": "orders", "Schema": "public", "Alias": "orders",
    ///   "Index Name": "orders_place", "Startup Cost": 0.42, "Total Cost": 8.44, "Plan Rows": 4, "Plan Width": 36,
    ///   "Actual Startup Time": 0.02, "Actual Total Time": 88.0, "Actual Rows": 81250, "Actual Loops": 1,
    ///   "Index Cond": "((city = 'Bonn'::text) AND (country = 'DE'::text))"},
    ///   "Planning Time": 0.08, "Execution Time": 95.0}]
    /// ```
    /// ```json,good
    /// [{"Plan": {"Node Type": "Index Scan", "Relation Name": "orders", "Schema": "public", "Alias": "orders",
    ///   "Index Name": "orders_place", "Startup Cost": 0.42, "Total Cost": 8.44, "Plan Rows": 78000, "Plan Width": 36,
    ///   "Actual Startup Time": 0.02, "Actual Total Time": 88.0, "Actual Rows": 81250, "Actual Loops": 1,
    ///   "Index Cond": "((city = 'Bonn'::text) AND (country = 'DE'::text))"},
    ///   "Planning Time": 0.08, "Execution Time": 95.0}]
    /// ```
    "P003", note, Check::Plan(check)
}

const FACTOR: f64 = 10.0;
/// At this the choice of the planner was luck.
const GRAVE: f64 = 100.0;
/// Below this no choice of the planner matters.
const FEW_ROWS: f64 = 1_000.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    // A wrong number is inherited by every node above: the deepest one is where it arose. A LIMIT or a semi-join above
    // stops its input early, so a node that returns less than was estimated proves nothing.
    let is_off = |node: &model::plan::PlanNode| {
        let Some(actual) = node.actual.filter(|actual| actual.loops >= 1.0) else { return false };
        actual.rows * actual.loops >= FEW_ROWS && actual.rows >= FACTOR * node.estimated_rows.max(1.0)
    };
    for (index, node) in plan.nodes.iter().enumerate().filter(|(_, node)| is_off(node)) {
        let inherited = plan.nodes.iter().any(|below| below.parent == Some(index) && is_off(below));
        let Some(actual) = node.actual.filter(|_| !inherited) else { continue };
        let on = node.relation.as_ref().map_or(String::new(), |relation| format!(" on {relation}"));
        let factor = actual.rows / node.estimated_rows.max(1.0);
        let mut draft = findings.here(
            node.place,
            format!(
                "{} rows came where {} were expected",
                grouped(actual.rows),
                grouped(node.estimated_rows)
            ),
        );
        if factor >= GRAVE {
            draft = draft.severity(Severity::Warning);
        }
        draft = draft.why(format!("{}{on} returned {} times as many", node.kind, grouped(factor)));
        if let Some(condition) = node.condition.as_ref().or(node.filter.as_ref()) {
            draft.why(format!("the condition is {condition}"));
        }
    }
}
