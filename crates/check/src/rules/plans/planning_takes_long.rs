use model::Schema;
use model::plan::{QueryPlan, ms};

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::{counted, grouped};

rule! {
    /// Planning takes longer than running; prepare the statement once, or give the planner less to look at.
    ///
    /// Many partitions, many joins and many indexes are looked at for each execution anew. A prepared statement is planned
    /// five times, then its general plan is kept, unless that is much worse. The gain is the time of planning, without the first
    /// millisecond.
    ///
    /// ```plan,bad
    /// Index Scan using orders_pkey on orders  (cost=0.42..8.44 rows=1 width=36) (actual time=0.020..0.030 rows=1 loops=1)
    ///   Index Cond: (id = 5)
    /// Planning Time: 45.000 ms
    /// Execution Time: 0.080 ms
    /// ```
    /// ```plan,good
    /// Index Scan using orders_pkey on orders  (cost=0.42..8.44 rows=1 width=36) (actual time=0.020..0.030 rows=1 loops=1)
    ///   Index Cond: (id = 5)
    /// Planning Time: 0.450 ms
    /// Execution Time: 0.080 ms
    /// ```
    "P019", Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    let (Some(planning), Some(run)) = (plan.planning_ms, look.run()) else { return };
    if planning < run {
        return;
    }
    let message = format!("planning took {}, running {}", ms(planning), ms(run));
    let Some(mut draft) = look.say_of_plan(findings, planning - 1.0, planning, message) else { return };
    let read = plan.planning.shared_read;
    let tables = plan.nodes.iter().filter(|node| node.relation.is_some()).count();
    if read > 100.0 {
        draft = draft.why(format!(
            "{} pages of the catalog were read from disk: a new connection has to learn it all",
            grouped(read)
        ));
    }
    draft
        .why(format!("the plan has {}", counted(tables, "scan of a table", "scans of tables")))
        .why("PREPARE, or the prepared statements of the driver, plan once for many executions")
        .why("with plan_cache_mode = force_generic_plan that is so from the first one on");
}
