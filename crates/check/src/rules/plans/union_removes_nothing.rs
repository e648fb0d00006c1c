use std::collections::BTreeSet;

use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// UNION looks for duplicates among all rows and finds none; UNION ALL spares that.
    ///
    /// The rows of all parts are hashed or sorted to find equal ones. Where the parts cannot have any in common, it is work for
    /// nothing. The gain is the time of that node itself.
    ///
    /// ```plan,bad
    /// HashAggregate  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=60.000..90.000 rows=100000 loops=1)
    ///   Group Key: a.id
    ///   Batches: 1  Memory Usage: 14000kB
    ///   ->  Append  (cost=0.00..1800.00 rows=100000 width=36) (actual time=0.020..22.000 rows=100000 loops=1)
    ///         ->  Seq Scan on a  (cost=0.00..900.00 rows=50000 width=36) (actual time=0.020..9.000 rows=50000 loops=1)
    ///         ->  Seq Scan on b  (cost=0.00..900.00 rows=50000 width=36) (actual time=0.020..9.000 rows=50000 loops=1)
    /// Execution Time: 95.000 ms
    /// ```
    /// ```plan,good
    /// Append  (cost=0.00..1800.00 rows=100000 width=36) (actual time=0.020..22.000 rows=100000 loops=1)
    ///   ->  Seq Scan on a  (cost=0.00..900.00 rows=50000 width=36) (actual time=0.020..9.000 rows=50000 loops=1)
    ///   ->  Seq Scan on b  (cost=0.00..900.00 rows=50000 width=36) (actual time=0.020..9.000 rows=50000 loops=1)
    /// Execution Time: 25.000 ms
    /// ```
    "P036", Check::Plan(check)
}

const FEW_ROWS: f64 = 1_000.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let removes = node.kind == "Unique"
            || (node.kind == "Aggregate" && node.strategy.as_deref() == Some("Hashed") && node.partial.is_none());
        let Some(mut input) = plan.inputs(index).next().filter(|_| removes) else { continue };
        let mut took = look.own(index);
        if look.node(input).kind == "Sort" {
            took += look.own(input);
            let Some(below) = plan.inputs(input).next() else { continue };
            input = below;
        }
        let (before, after) = (look.node(input).total_rows().unwrap_or(0.0), node.total_rows().unwrap_or(0.0));
        // The parts of a UNION are different tables, those of a partitioned one have a filter in common.
        let tables: BTreeSet<_> = plan.inputs(input).filter_map(|part| look.node(part).relation.clone()).collect();
        if look.node(input).kind != "Append" || before != after || before < FEW_ROWS || tables.len() < 2 {
            continue;
        }
        let message = format!("{} rows were compared with each other, and no two are equal", grouped(before));
        if let Some(draft) = look.say(findings, index, took, message) {
            draft.why("where the parts have no row in common, UNION ALL keeps all of them and compares nothing");
        }
    }
}
