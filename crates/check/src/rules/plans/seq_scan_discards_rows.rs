use model::plan::QueryPlan;
use model::{QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A sequential scan reads the whole table and throws nearly all of it away; index the columns of its filter.
    ///
    /// The time grows with the table, while the rows that are wanted stay few. An index that fits the filter reads only
    /// those.
    ///
    /// ```json,bad
    /// [{"Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Schema": "public", "Alias": "orders",
    ///   "Startup Cost": 0.00, "Total Cost": 25980.00, "Plan Rows": 12, "Plan Width": 36,
    ///   "Actual Startup Time": 0.02, "Actual Total Time": 96.41, "Actual Rows": 9, "Actual Loops": 1,
    ///   "Filter": "(status = 'stuck'::text)", "Rows Removed by Filter": 999991},
    ///   "Planning Time": 0.08, "Execution Time": 96.44}]
    /// ```
    /// ```json,good
    /// [{"Plan": {"Node Type": "Index Scan", "Relation Name": "orders", "Schema": "public", "Alias": "orders",
    ///   "Index Name": "orders_status", "Startup Cost": 0.42, "Total Cost": 8.44, "Plan Rows": 12, "Plan Width": 36,
    ///   "Actual Startup Time": 0.02, "Actual Total Time": 0.05, "Actual Rows": 9, "Actual Loops": 1,
    ///   "Index Cond": "(status = 'stuck'::text)"}, "Planning Time": 0.08, "Execution Time": 0.07}]
    /// ```
    "P001", Check::Plan(check)
}

/// Below this a scan is done before an index would be worth its upkeep.
const FEW_ROWS: f64 = 10_000.0;
/// Thrown away for each row that is kept.
const WASTE: f64 = 20.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    for node in plan.nodes.iter().filter(|node| node.kind.ends_with("Seq Scan")) {
        let (Some(actual), Some(relation)) = (node.actual, &node.relation) else { continue };
        let (removed, kept) = (actual.removed * actual.loops, actual.rows * actual.loops);
        if removed < FEW_ROWS || removed < WASTE * kept.max(1.0) {
            continue;
        }
        let table = QName::new(node.schema.clone().unwrap_or_default(), relation.clone());
        let message = format!("the scan of {table} keeps {} of {} rows", grouped(kept), grouped(kept + removed));
        let mut draft = findings.here(node.place, message);
        if let Some(filter) = &node.filter {
            draft = draft.why(format!("the filter is {filter}"));
        }
        if let Some(total) = plan.execution_ms.filter(|total| *total > 0.0) {
            let share = 100.0 * (actual.total_ms * actual.loops / total).min(1.0);
            draft.why(format!("it takes {share:.0} % of {total:.0} ms"));
        }
    }
}
