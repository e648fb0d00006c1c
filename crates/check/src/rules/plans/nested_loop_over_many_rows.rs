use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{misestimate, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A nested loop asks an index once for each of very many rows; a hash or merge join would read each side once.
    ///
    /// Each question is a descent of the index, some microseconds when all of it is in memory. Beyond some ten thousands of
    /// them it is faster to read the other side once. The planner takes the loop when it expects few rows, when `work_mem` is
    /// small, or when pages are said to be cheap. The gain is half of the time of the inner side.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..160000.00 rows=90000 width=36) (actual time=0.020..310.000 rows=90000 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..1800.00 rows=90000 width=36) (actual time=0.020..10.000 rows=90000 loops=1)
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..1.44 rows=1 width=36) (actual time=0.003..0.003 rows=1 loops=90000)
    ///         Index Cond: (id = events.user_id)
    /// Execution Time: 320.000 ms
    /// ```
    /// ```plan,good
    /// Nested Loop  (cost=0.42..160.00 rows=90 width=36) (actual time=0.020..0.310 rows=90 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..18.00 rows=90 width=36) (actual time=0.020..0.010 rows=90 loops=1)
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..1.44 rows=1 width=36) (actual time=0.003..0.003 rows=1 loops=90)
    ///         Index Cond: (id = events.user_id)
    /// Execution Time: 0.320 ms
    /// ```
    "P010", fix, Check::Plan(check)
}

const MANY: f64 = 5_000.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    let wrong: Vec<usize> = misestimate::all(&look, findings).into_iter().map(|found| found.node).collect();
    for (index, _) in look.nodes().filter(|(_, node)| node.kind == "Nested Loop") {
        let (Some(outer), Some(inner)) = (plan.inputs(index).next(), plan.inputs(index).nth(1)) else { continue };
        let asked = look.node(inner).loops();
        let below = plan.below(inner);
        // What is remembered or materialized is not asked again.
        let by_index = below.iter().any(|below| {
            let node = look.node(*below);
            node.conditions.index.is_some() && node.loops() * 2.0 >= asked
        });
        let scans = below.iter().any(|below| look.node(*below).is_seq_scan());
        // A wrong estimate below is the cause, and named as such.
        let explained = plan.below(outer).iter().any(|below| wrong.contains(below));
        if asked < MANY || !by_index || scans || explained {
            continue;
        }
        let what = below.iter().find_map(|below| table(look.node(*below)));
        let what = what.map_or("the inner side".to_owned(), |table| table.to_string());
        let message = format!("{what} is asked {} times, once for each row", grouped(asked));
        let gain = look.whole(inner) / 2.0;
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let rows = look.node(outer).total_rows().unwrap_or(0.0);
        let draft = draft.why(format!("the outer side has {} rows; a hash join reads both sides once", grouped(rows)));
        let off: Vec<&str> = ["enable_hashjoin", "enable_mergejoin"]
            .into_iter()
            .filter(|name| plan.setting(name) == Some("off"))
            .collect();
        match &off[..] {
            [] => {
                draft.why("compare: the planner may be told that loops are dear").run("SET enable_nestloop = off");
            }
            off => {
                off.iter().fold(draft, |draft, name| draft.run(format!("RESET {name}")));
            }
        }
    }
}
