use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::table;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Every row gets a random number and all are sorted by it; take a sample of the table, or draw keys.
    ///
    /// No index helps an order that is made up on the spot. TABLESAMPLE reads some pages; a random key between the least and the
    /// greatest one finds a row by its index. The gain is the time of the sort and of what is below, times nine tenths.
    ///
    /// ```plan,bad
    /// Limit  (cost=9000.00..9000.02 rows=10 width=36) (actual time=80.000..80.010 rows=10 loops=1)
    ///   ->  Sort  (cost=9000.00..9900.00 rows=100000 width=36) (actual time=80.000..80.005 rows=10 loops=1)
    ///         Sort Key: (random())
    ///         Sort Method: top-N heapsort  Memory: 26kB
    ///         ->  Seq Scan on orders  (cost=0.00..2000.00 rows=100000 width=36) (actual time=0.020..50.000 rows=100000 loops=1)
    /// Execution Time: 80.100 ms
    /// ```
    /// ```plan,good
    /// Limit  (cost=0.00..40.00 rows=10 width=36) (actual time=0.020..0.030 rows=10 loops=1)
    ///   ->  Sample Scan on orders  (cost=0.00..400.00 rows=1000 width=36) (actual time=0.020..0.028 rows=10 loops=1)
    ///         Sampling: system ('1'::real)
    /// Execution Time: 0.100 ms
    /// ```
    "P028", Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Sort") {
        if !node.keys.sort.first().is_some_and(|key| key.contains("random()") || key.contains("gen_random_uuid()")) {
            continue;
        }
        let input = plan.inputs(index).next();
        let rows = input.and_then(|input| look.node(input).total_rows()).unwrap_or(0.0);
        let message = format!("{} rows are sorted by a random number", grouped(rows));
        let gain = look.whole(index) * 0.9;
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let table = input.and_then(|input| table(look.node(input)));
        if let Some(table) = table {
            draft.why(format!("FROM {table} TABLESAMPLE system (1) reads a hundredth of its pages"));
        }
    }
}
