use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{kept_and_removed, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// An index-only scan looks into the table all the same, because its pages are not known to be visible to all; VACUUM the table.
    ///
    /// An index does not know which rows a transaction may see; the visibility map does, page by page, and only VACUUM sets it.
    /// Until then each entry costs a visit of the table. The gain is the time of the scan, times the part of the rows that were
    /// fetched, times a half.
    ///
    /// ```plan,bad
    /// Aggregate  (cost=900.00..900.01 rows=1 width=8) (actual time=80.000..80.001 rows=1 loops=1)
    ///   ->  Index Only Scan using orders_customer on orders  (cost=0.42..800.00 rows=90000 width=0) (actual time=0.020..70.000 rows=90000 loops=1)
    ///         Index Cond: (customer_id < 500)
    ///         Heap Fetches: 90000
    /// Execution Time: 80.100 ms
    /// ```
    /// ```plan,good
    /// Aggregate  (cost=900.00..900.01 rows=1 width=8) (actual time=20.000..20.001 rows=1 loops=1)
    ///   ->  Index Only Scan using orders_customer on orders  (cost=0.42..800.00 rows=90000 width=0) (actual time=0.020..14.000 rows=90000 loops=1)
    ///         Index Cond: (customer_id < 500)
    ///         Heap Fetches: 0
    /// Execution Time: 20.100 ms
    /// ```
    "P005", fix, Check::Plan(check)
}

const FEW_FETCHES: f64 = 500.0;
const SHARE: f64 = 0.2;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Index Only Scan") {
        let (Some(table), Some(fetches)) = (table(node), node.heap_fetches) else { continue };
        let (kept, removed) = kept_and_removed(node);
        let share = (fetches / (kept + removed).max(1.0)).min(1.0);
        if fetches < FEW_FETCHES || share < SHARE {
            continue;
        }
        let message = format!("{} of {} rows were fetched from {table}", grouped(fetches), grouped(kept + removed));
        let Some(draft) = look.say(findings, index, look.own(index) * share / 2.0, message) else { continue };
        draft
            .why("VACUUM marks pages whose rows everybody sees; autovacuum comes after a fifth of the rows has changed")
            .run(format!("VACUUM {table}"));
    }
}
