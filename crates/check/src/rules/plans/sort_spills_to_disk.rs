use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::bytes;

rule! {
    /// A sort does not fit into `work_mem` and goes to disk; sort fewer or narrower rows, let an index give the order, or raise `work_mem` for this query.
    ///
    /// The rows are written to temporary files and read back, often several times.
    ///
    /// ```json,bad
    /// [{"Plan": {"Node Type": "Sort", "Startup Cost": 129.10, "Total Cost": 131.60, "Plan Rows": 1000000, "Plan Width": 36,
    ///   "Actual Startup Time": 812.0, "Actual Total Time": 990.0, "Actual Rows": 1000000, "Actual Loops": 1,
    ///   "Sort Key": ["placed_at"], "Sort Method": "external merge", "Sort Space Used": 48216, "Sort Space Type": "Disk"},
    ///   "Planning Time": 0.08, "Execution Time": 1040.0}]
    /// ```
    /// ```json,good
    /// [{"Plan": {"Node Type": "Sort", "Startup Cost": 129.10, "Total Cost": 131.60, "Plan Rows": 1000, "Plan Width": 36,
    ///   "Actual Startup Time": 0.8, "Actual Total Time": 0.9, "Actual Rows": 1000, "Actual Loops": 1,
    ///   "Sort Key": ["placed_at"], "Sort Method": "quicksort", "Sort Space Used": 103, "Sort Space Type": "Memory"},
    ///   "Planning Time": 0.08, "Execution Time": 1.0}]
    /// ```
    "P002", Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    for node in &plan.nodes {
        let Some((kind, kilobytes)) = node.sort_space.as_ref().filter(|(kind, _)| kind == "Disk") else { continue };
        let rows = node.actual.map_or(node.estimated_rows, |actual| actual.rows);
        findings
            .here(
                node.place,
                format!(
                    "sorting {} rows writes {} to {}",
                    crate::words::grouped(rows),
                    bytes(kilobytes * 1024),
                    kind.to_lowercase()
                ),
            )
            .why(format!(
                "rows of {:.0} bytes are sorted; fewer columns or an index in this order spare it",
                node.width
            ));
    }
}
