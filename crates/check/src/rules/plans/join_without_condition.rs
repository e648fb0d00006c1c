use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Two inputs are joined without any condition, so that each row meets every other; tie them together.
    ///
    /// The rows of the result are the product of both sides: a hundred by ten thousand are a million. What is wanted is mostly
    /// fewer, and a DISTINCT or a filter above throws the rest away. The gain is the time of the join and of its inner side, times
    /// nine tenths.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.00..160000.00 rows=4500000 width=36) (actual time=0.020..900.000 rows=4500000 loops=1)
    ///   ->  Seq Scan on events e  (cost=0.00..18.00 rows=900 width=36) (actual time=0.020..1.000 rows=900 loops=1)
    ///   ->  Materialize  (cost=0.00..90.00 rows=5000 width=36) (actual time=0.000..0.340 rows=5000 loops=900)
    ///         ->  Seq Scan on users u  (cost=0.00..90.00 rows=5000 width=36) (actual time=0.010..0.900 rows=5000 loops=1)
    /// Execution Time: 990.000 ms
    /// ```
    /// ```plan,good
    /// Hash Join  (cost=0.42..160.00 rows=900 width=36) (actual time=0.020..3.000 rows=900 loops=1)
    ///   Hash Cond: (e.user_id = u.id)
    ///   ->  Seq Scan on events e  (cost=0.00..18.00 rows=900 width=36) (actual time=0.020..1.000 rows=900 loops=1)
    ///   ->  Hash  (cost=90.00..90.00 rows=5000 width=36) (actual time=1.000..1.000 rows=5000 loops=1)
    ///         ->  Seq Scan on users u  (cost=0.00..90.00 rows=5000 width=36) (actual time=0.010..0.900 rows=5000 loops=1)
    /// Execution Time: 4.000 ms
    /// ```
    "P012", Check::Plan(check)
}

const MANY: f64 = 10_000.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Nested Loop" && node.join.is_none()) {
        let (Some(outer), Some(inner)) = (plan.inputs(index).next(), plan.inputs(index).nth(1)) else { continue };
        let rows = node.total_rows().unwrap_or(0.0);
        let [one, other] = [outer, inner].map(|side| look.node(side).actual.map_or(0.0, |actual| actual.rows));
        let conditions = plan.below(inner).into_iter().any(|below| {
            let conditions = &look.node(below).conditions;
            conditions.index.is_some() || conditions.filter.is_some() || look.node(below).is_join()
        });
        if node.conditions.join_filter.is_some() || conditions || rows < MANY || one < 2.0 || other < 2.0 {
            continue;
        }
        let message =
            format!("{} rows meet {} others without a condition: {}", grouped(one), grouped(other), grouped(rows));
        let gain = (look.own(index) + look.whole(inner)) * 0.9;
        if let Some(draft) = look.say(findings, index, gain, message) {
            draft.why("a join condition is missing, or one that the planner cannot use for it");
        }
    }
}
