use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// OFFSET reads the rows that it skips; remember the last key and ask for those behind it.
    ///
    /// Page 1,000 costs a thousand pages. With the key of the last row in hand, an index begins where the page begins. The gain
    /// is the time of what is below, times the part of the rows that was skipped.
    ///
    /// ```plan,bad
    /// Limit  (cost=4000.00..4040.00 rows=10 width=36) (actual time=80.000..80.010 rows=10 loops=1)
    ///   ->  Index Scan using orders_pkey on orders  (cost=0.42..40000.00 rows=1000000 width=36) (actual time=0.020..75.000 rows=90010 loops=1)
    /// Execution Time: 80.100 ms
    /// ```
    /// ```plan,good
    /// Limit  (cost=0.42..4.00 rows=10 width=36) (actual time=0.020..0.030 rows=10 loops=1)
    ///   ->  Index Scan using orders_pkey on orders  (cost=0.42..4000.00 rows=10000 width=36) (actual time=0.020..0.028 rows=10 loops=1)
    ///         Index Cond: (id > 90000)
    /// Execution Time: 0.100 ms
    /// ```
    "P026", Check::Plan(check)
}

const FEW_ROWS: f64 = 1_000.0;
const SKIPPED: f64 = 10.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Limit") {
        let Some(below) = plan.inputs(index).next() else { continue };
        let (wanted, read) = (node.total_rows().unwrap_or(0.0), look.node(below).total_rows().unwrap_or(0.0));
        // The processes below a Gather read ahead.
        if read - wanted < FEW_ROWS || read < SKIPPED * wanted.max(1.0) || look.node(below).is_gather() {
            continue;
        }
        let message = format!(
            "{} rows are read and skipped before the {} that are wanted",
            grouped(read - wanted),
            grouped(wanted)
        );
        let gain = look.whole(below) * (1.0 - wanted / read);
        if let Some(draft) = look.say(findings, index, gain, message) {
            draft
                .why("the next page takes longer still: each reads all those before it")
                .why("let each page begin behind the last row of the one before: WHERE key > $1 ORDER BY key LIMIT 20");
        }
    }
}
