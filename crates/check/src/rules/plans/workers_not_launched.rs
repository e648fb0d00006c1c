use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::{Look, RELOAD};
use crate::rule::Check;

rule! {
    /// Fewer workers came than were planned, because all were busy; allow more of them, or plan with fewer.
    ///
    /// A parallel plan is made for its number of workers; with fewer it is slower than another plan may have been. Workers are
    /// shared by all sessions: `max_parallel_workers`, out of `max_worker_processes`. The gain is the time of the parallel part,
    /// times the part that the missing workers would have taken over.
    ///
    /// ```plan,bad
    /// Finalize Aggregate  (cost=9000.00..9000.01 rows=1 width=8) (actual time=190.000..190.001 rows=1 loops=1)
    ///   ->  Gather  (cost=8000.00..9000.00 rows=2 width=8) (actual time=180.000..190.000 rows=1 loops=1)
    ///         Workers Planned: 2
    ///         Workers Launched: 0
    ///         ->  Partial Aggregate  (cost=8000.00..8000.01 rows=1 width=8) (actual time=180.000..180.000 rows=1 loops=1)
    ///               ->  Parallel Seq Scan on orders  (cost=0.00..7000.00 rows=400000 width=0) (actual time=0.020..100.000 rows=1000000 loops=1)
    /// Execution Time: 190.100 ms
    /// ```
    /// ```plan,good
    /// Finalize Aggregate  (cost=9000.00..9000.01 rows=1 width=8) (actual time=70.000..70.001 rows=1 loops=1)
    ///   ->  Gather  (cost=8000.00..9000.00 rows=2 width=8) (actual time=60.000..70.000 rows=3 loops=1)
    ///         Workers Planned: 2
    ///         Workers Launched: 2
    ///         ->  Partial Aggregate  (cost=8000.00..8000.01 rows=1 width=8) (actual time=60.000..60.000 rows=1 loops=3)
    ///               ->  Parallel Seq Scan on orders  (cost=0.00..7000.00 rows=400000 width=0) (actual time=0.020..30.000 rows=333333 loops=3)
    /// Execution Time: 70.100 ms
    /// ```
    "P021", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let (Some(planned), Some(launched)) = (node.workers_planned, node.workers_launched) else { continue };
        if launched >= planned || node.single_copy {
            continue;
        }
        let part = 1.0 - (f64::from(launched) + 1.0) / (f64::from(planned) + 1.0);
        let message = format!("{launched} of {planned} workers came");
        let Some(draft) = look.say(findings, index, look.whole(index) * part, message) else { continue };
        draft
            .why("all others were busy, in this session or another one")
            .run(format!("ALTER SYSTEM SET max_parallel_workers = {}", (planned * 4).max(8)))
            .run(RELOAD);
    }
}
