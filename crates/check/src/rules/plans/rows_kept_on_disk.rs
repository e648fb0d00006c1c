use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::set_work_mem;
use crate::rule::Check;
use crate::words::bytes;

rule! {
    /// Rows that are read again do not fit into `work_mem` and are kept on disk; raise it for this query, or keep fewer columns.
    ///
    /// Materialized rows, CTEs, functions and windows keep their rows; beyond `work_mem` they are written to a temporary file
    /// and read from it each time. The gain is half of the time of the node itself.
    ///
    /// ```plan,bad
    /// CTE Scan on r  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=0.060..190.000 rows=100000 loops=1)
    ///   Buffers: shared hit=800, temp written=900
    ///   CTE r
    ///     ->  Seq Scan on orders o  (cost=0.00..1800.00 rows=100000 width=36) (actual time=0.020..22.000 rows=100000 loops=1)
    ///           Buffers: shared hit=800
    /// Execution Time: 195.000 ms
    /// ```
    /// ```plan,good
    /// CTE Scan on r  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=0.060..90.000 rows=100000 loops=1)
    ///   Buffers: shared hit=800
    ///   CTE r
    ///     ->  Seq Scan on orders o  (cost=0.00..1800.00 rows=100000 width=36) (actual time=0.020..22.000 rows=100000 loops=1)
    ///           Buffers: shared hit=800
    /// Execution Time: 95.000 ms
    /// ```
    "P015", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let keeps = matches!(
            node.kind.as_str(),
            "Materialize"
                | "CTE Scan"
                | "Function Scan"
                | "Table Function Scan"
                | "WindowAgg"
                | "Recursive Union"
                | "WorkTable Scan"
        );
        let below: f64 = plan.children(index).map(|child| look.node(child).buffers.temp_written).sum();
        let written = node.buffers.temp_written - below;
        let on_disk = node.storage.as_ref().is_some_and(|storage| storage.kind == "Disk");
        if !keeps || (written < 1.0 && !on_disk) {
            continue;
        }
        let kilobytes =
            (written.max(0.0) * 8.0).max(node.storage.as_ref().map_or(0.0, |storage| storage.kilobytes as f64));
        let message = format!(
            "the rows of {} are kept on disk: {}",
            node.object().unwrap_or_else(|| node.label()),
            bytes((kilobytes * 1024.0) as u64)
        );
        let Some(draft) = look.say(findings, index, look.own(index) / 2.0, message) else { continue };
        let rows = plan
            .children(index)
            .filter_map(|child| look.node(child).total_rows())
            .fold(node.total_rows().unwrap_or(0.0), f64::max);
        // In memory each row has a head of its own and its place in a list.
        draft.run(set_work_mem((kilobytes + rows * 64.0 / 1024.0) * 1.5));
    }
}
