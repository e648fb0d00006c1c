use model::Schema;
use model::name::quoted;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::kept_and_removed;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A CTE is computed as a whole and then filtered; NOT MATERIALIZED lets the filter into it.
    ///
    /// Before version 12 every CTE is computed by itself; since then one that is read twice, or that says MATERIALIZED. A
    /// condition on its result does not reach its tables, and no index serves it. The gain is the time of the CTE, times the part
    /// of its rows that was thrown away.
    ///
    /// ```plan,bad
    /// CTE Scan on r  (cost=2000.00..4000.00 rows=500 width=36) (actual time=0.060..90.000 rows=10 loops=1)
    ///   Filter: (id = 5)
    ///   Rows Removed by Filter: 99990
    ///   CTE r
    ///     ->  Seq Scan on orders o  (cost=0.00..2000.00 rows=100000 width=36) (actual time=0.020..52.000 rows=100000 loops=1)
    /// Execution Time: 95.000 ms
    /// ```
    /// ```plan,good
    /// Index Scan using orders_pkey on orders o  (cost=0.42..8.44 rows=10 width=36) (actual time=0.020..0.052 rows=10 loops=1)
    ///   Index Cond: (id = 5)
    /// Execution Time: 0.090 ms
    /// ```
    "P023", Check::Plan(check)
}

const FEW_ROWS: f64 = 1_000.0;
const WASTE: f64 = 10.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "CTE Scan") {
        let Some(name) = &node.cte else { continue };
        let (kept, removed) = kept_and_removed(node);
        if removed < FEW_ROWS || removed < WASTE * kept.max(1.0) {
            continue;
        }
        let body = plan.nodes.iter().position(|one| one.subplan.as_deref() == Some(format!("CTE {name}").as_str()));
        // A recursive one has no other way.
        if body.is_some_and(|body| look.node(body).kind == "Recursive Union") {
            continue;
        }
        let took = look.own(index) + body.map_or(0.0, |body| look.whole(body));
        let message =
            format!("the CTE {name} makes {} rows, of which {} are kept", grouped(kept + removed), grouped(kept));
        let Some(draft) = look.say(findings, index, took * removed / (removed + kept), message) else { continue };
        let draft = match &node.conditions.filter {
            Some(filter) => draft.why(format!("the filter is {}, and it is applied when all is done", filter.text)),
            None => draft,
        };
        draft.why(format!("write WITH {} AS NOT MATERIALIZED (…)", quoted(name)));
    }
}
