use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::indexing::{self, Advice};
use crate::plans::table;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A whole table is read and sorted for the first few rows of an order; an index in that order ends after these.
    ///
    /// A sort of the first rows keeps few of them, but looks at all. An index in the order of the sort gives them at once; where
    /// there is a filter of equalities, its columns come first. The gain is the time of the sort and of the scan below, times the
    /// part of the rows that was not wanted.
    ///
    /// ```plan,bad
    /// Limit  (cost=9000.00..9000.02 rows=10 width=36) (actual time=80.000..80.010 rows=10 loops=1)
    ///   ->  Sort  (cost=9000.00..9900.00 rows=100000 width=36) (actual time=80.000..80.005 rows=10 loops=1)
    ///         Sort Key: placed_at DESC
    ///         Sort Method: top-N heapsort  Memory: 26kB
    ///         ->  Seq Scan on orders  (cost=0.00..2000.00 rows=100000 width=36) (actual time=0.020..50.000 rows=100000 loops=1)
    /// Execution Time: 80.100 ms
    /// ```
    /// ```plan,good
    /// Limit  (cost=0.42..4.00 rows=10 width=36) (actual time=0.020..0.030 rows=10 loops=1)
    ///   ->  Index Scan Backward using orders_placed_at on orders  (cost=0.42..4000.00 rows=100000 width=36) (actual time=0.020..0.028 rows=10 loops=1)
    /// Execution Time: 0.100 ms
    /// ```
    "P027", fix, Check::Plan(check)
}

const FEW_ROWS: f64 = 5_000.0;
const WASTE: f64 = 50.0;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Sort") {
        let first = node.sort.as_ref().is_some_and(|sort| sort.method.starts_with("top-N"));
        let Some(input) = plan.inputs(index).next().filter(|_| first) else { continue };
        let scan = look.node(input);
        let (Some(table), Some(order)) = (table(scan), indexing::order_keys(&node.keys.sort)) else { continue };
        let (kept, wanted) = (scan.total_rows().unwrap_or(0.0), node.total_rows().unwrap_or(0.0));
        // A filter that throws nearly all away is the greater evil, and another finding.
        if kept < FEW_ROWS
            || kept < WASTE * wanted.max(1.0)
            || scan.removed.filter > 20.0 * scan.actual.map_or(0.0, |actual| actual.rows)
        {
            continue;
        }
        let took = look.own(index) + look.whole(input);
        let message =
            format!("{} rows of {table} are read and sorted for the first {}", grouped(kept), grouped(wanted));
        let Some(draft) = look.say(findings, index, took * (1.0 - wanted / kept), message) else { continue };
        let conditions = [&scan.conditions.index, &scan.conditions.filter].into_iter().flatten();
        let wants: Vec<_> = conditions.flat_map(|condition| indexing::wants(schema, scan, condition)).collect();
        if let Some(Advice::Index { sql, .. }) = indexing::advice(&table, &[], &wants, &order) {
            sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
        }
    }
}
