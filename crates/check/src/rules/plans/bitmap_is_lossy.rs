use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{kept_and_removed, set_work_mem};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A bitmap does not fit into `work_mem` and names whole pages instead of rows; raise it for this query.
    ///
    /// Every row of such a page is looked at again. A bitmap takes some 64 bytes for each page in which it names rows. The gain
    /// is the time of the scan, times the part of the rows that was looked at in vain.
    ///
    /// ```plan,bad
    /// Bitmap Heap Scan on orders  (cost=90.00..9000.00 rows=90000 width=36) (actual time=10.000..190.000 rows=90000 loops=1)
    ///   Recheck Cond: (customer_id < 900)
    ///   Rows Removed by Index Recheck: 900000
    ///   Heap Blocks: exact=500 lossy=9500
    ///   ->  Bitmap Index Scan on orders_customer  (cost=0.00..80.00 rows=90000 width=0) (actual time=9.000..9.000 rows=90000 loops=1)
    ///         Index Cond: (customer_id < 900)
    /// Execution Time: 195.000 ms
    /// ```
    /// ```plan,good
    /// Bitmap Heap Scan on orders  (cost=90.00..9000.00 rows=90000 width=36) (actual time=10.000..90.000 rows=90000 loops=1)
    ///   Recheck Cond: (customer_id < 900)
    ///   Heap Blocks: exact=10000
    ///   ->  Bitmap Index Scan on orders_customer  (cost=0.00..80.00 rows=90000 width=0) (actual time=9.000..9.000 rows=90000 loops=1)
    ///         Index Cond: (customer_id < 900)
    /// Execution Time: 95.000 ms
    /// ```
    "P016", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let Some(blocks) = node.blocks.filter(|blocks| blocks.lossy > 0.0) else { continue };
        let (kept, removed) = kept_and_removed(node);
        let again = node.removed.recheck * node.loops();
        let part = again / (again + removed + kept).max(1.0);
        let pages = blocks.exact + blocks.lossy;
        let message = format!("the bitmap names {} of {} pages as a whole", grouped(blocks.lossy), grouped(pages));
        let Some(draft) = look.say(findings, index, look.own(index) * part, message) else { continue };
        draft
            .why(format!("{} rows were looked at again in vain", grouped(again)))
            // A page takes an entry of 48 bytes in a table that is filled to nine tenths and grows by doubling.
            .run(set_work_mem(pages * 64.0 * 2.0 / 1024.0));
    }
}
