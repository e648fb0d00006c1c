use model::Schema;
use model::plan::{QueryPlan, ms};

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;

rule! {
    /// Making machine code for the query takes longer than the code can save; turn `jit` off for it.
    ///
    /// Code is made when the cost of a plan exceeds `jit_above_cost`, which wide plans and wrong estimates do without being
    /// slow. It pays where millions of rows go through the same expressions. The gain is the time it took, without a tenth of the
    /// rest of the run, which the code may have saved.
    ///
    /// ```plan,bad
    /// Aggregate  (cost=190000.00..190000.01 rows=1 width=8) (actual time=250.000..250.001 rows=1 loops=1)
    ///   ->  Seq Scan on orders  (cost=0.00..180000.00 rows=90000 width=4) (actual time=210.000..240.000 rows=90000 loops=1)
    /// JIT:
    ///   Functions: 4
    ///   Options: Inlining true, Optimization true, Expressions true, Deforming true
    ///   Timing: Generation 1.000 ms, Inlining 50.000 ms, Optimization 100.000 ms, Emission 59.000 ms, Total 210.000 ms
    /// Execution Time: 255.000 ms
    /// ```
    /// ```plan,good
    /// Aggregate  (cost=190000.00..190000.01 rows=1 width=8) (actual time=40.000..40.001 rows=1 loops=1)
    ///   ->  Seq Scan on orders  (cost=0.00..180000.00 rows=90000 width=4) (actual time=0.000..30.000 rows=90000 loops=1)
    /// Execution Time: 40.000 ms
    /// ```
    "P018", fix, Check::Plan(check)
}

/// Code that saves a tenth of the rest of the run does well.
const SAVED: f64 = 0.1;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    let (Some(jit), Some(run)) = (plan.jit, look.run()) else { return };
    // Each process makes code of its own, at the same time as the others.
    let launched = plan.nodes.iter().filter_map(|node| node.workers_launched).max().unwrap_or(0);
    let took = (jit.total_ms / (f64::from(launched) + 1.0)).min(run);
    let gain = took - SAVED * (run - took).max(0.0);
    let message = format!("{} of {} went into making machine code", ms(took), ms(run));
    if let Some(draft) = look.say_of_plan(findings, gain, 0.0, message) {
        draft
            .why(format!("{:.0} functions were made; only millions of rows repay that", jit.functions))
            .run("SET jit = off");
    }
}
