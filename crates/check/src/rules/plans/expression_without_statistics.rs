use model::Schema;
use model::name::quoted;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::misestimate::{self, Cause};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// The planner knows nothing of the value of an expression and guesses; create statistics of it, or index it.
    ///
    /// Statistics are of columns. For `lower(email)` or `data ->> 'kind'` the planner takes a fixed part: a two-hundredth of
    /// the rows for an equality, a third for a comparison. Since version 14 statistics can be made of an expression; an index of
    /// it has them too. The gain is that of a wrong estimate.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..16.00 rows=500 width=36) (actual time=0.020..310.000 rows=90000 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..8.00 rows=500 width=36) (actual time=0.020..88.000 rows=90000 loops=1)
    ///         Filter: ((data ->> 'kind'::text) = 'open'::text)
    ///         Rows Removed by Filter: 10000
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..8.44 rows=1 width=36) (actual time=0.003..0.003 rows=1 loops=90000)
    ///         Index Cond: (id = events.user_id)
    /// Execution Time: 320.000 ms
    /// ```
    /// ```plan,good
    /// Seq Scan on events  (cost=0.00..8.00 rows=88000 width=36) (actual time=0.020..88.000 rows=90000 loops=1)
    ///   Filter: ((data ->> 'kind'::text) = 'open'::text)
    ///   Rows Removed by Filter: 10000
    /// Execution Time: 95.000 ms
    /// ```
    "P008", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for found in misestimate::all(&look, findings) {
        let node = look.node(found.node);
        let (Some(actual), Cause::Expression { table, expression }) = (node.actual, found.cause) else { continue };
        let message =
            format!("{} rows came where {} were expected", grouped(actual.rows), grouped(node.estimated_rows));
        let Some(draft) = look.say(findings, found.node, found.gain, message) else { continue };
        let name = quoted(&format!("{}_expression", table.name)).into_owned();
        draft
            .why(format!("nothing is known of the values of {expression}"))
            .run(format!("CREATE STATISTICS {name} ON ({expression}) FROM {table}"))
            .run(format!("ANALYZE {table}"));
    }
}
