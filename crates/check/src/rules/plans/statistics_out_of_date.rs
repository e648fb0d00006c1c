use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::misestimate::{self, Cause};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// The planner counts with rows that are long gone or not yet there; ANALYZE the table.
    ///
    /// Statistics are of the last ANALYZE. After a load or a large change they describe another table, and the plan is one for
    /// that table. It is said where the statistics of the database say so (`--stats`, `--db`), or where no other cause is left: a
    /// value that a hundredth of all rows have is among those that ANALYZE keeps. It is never said of fresh statistics. The gain is
    /// that of a wrong estimate.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..16.00 rows=1 width=36) (actual time=0.020..310.000 rows=90000 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..8.00 rows=1 width=36) (actual time=0.020..20.000 rows=90000 loops=1)
    ///         Filter: (kind = 'new'::text)
    ///         Rows Removed by Filter: 100
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..8.44 rows=1 width=36) (actual time=0.003..0.003 rows=1 loops=90000)
    ///         Index Cond: (id = events.user_id)
    /// Execution Time: 320.000 ms
    /// ```
    /// ```plan,good
    /// Hash Join  (cost=90.42..1600.00 rows=90000 width=36) (actual time=1.020..45.000 rows=90000 loops=1)
    ///   Hash Cond: (events.user_id = users.id)
    ///   ->  Seq Scan on events  (cost=0.00..1500.00 rows=90010 width=36) (actual time=0.020..20.000 rows=90000 loops=1)
    ///         Filter: (kind = 'new'::text)
    ///         Rows Removed by Filter: 100
    ///   ->  Hash  (cost=44.00..44.00 rows=1000 width=36) (actual time=0.900..0.900 rows=1000 loops=1)
    ///         ->  Seq Scan on users  (cost=0.00..44.00 rows=1000 width=36) (actual time=0.020..0.400 rows=1000 loops=1)
    /// Execution Time: 48.000 ms
    /// ```
    "P006", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for found in misestimate::all(&look, findings) {
        let node = look.node(found.node);
        let (Some(actual), Cause::Stale { table, known }) = (node.actual, found.cause) else { continue };
        let message = format!(
            "{} rows of {table} came where {} were expected",
            grouped(actual.rows),
            grouped(node.estimated_rows)
        );
        let Some(draft) = look.say(findings, found.node, found.gain, message) else { continue };
        let why = match known {
            true => "the statistics are of another time: fresh ones would know better",
            false => "probably the statistics are of another time; --db or --stats would tell",
        };
        draft.why(why).run(format!("ANALYZE {table}"));
    }
}
