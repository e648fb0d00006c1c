use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::set_work_mem;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Rows are remembered to be found again, but hardly any is; turn Memoize off for the query, or give it memory.
    ///
    /// Memoize keeps the answers of the inner side by their key. It pays when keys repeat; where they are all different, each
    /// is looked up, missed, kept and thrown out again. The planner expects repeats when it takes the number of values for small.
    /// The gain is the time of Memoize itself, and half of what the entries took that were thrown out and asked for again.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..9000.00 rows=90000 width=36) (actual time=0.020..210.000 rows=90000 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..1800.00 rows=90000 width=36) (actual time=0.020..10.000 rows=90000 loops=1)
    ///   ->  Memoize  (cost=0.43..1.45 rows=1 width=36) (actual time=0.002..0.002 rows=1 loops=90000)
    ///         Cache Key: events.user_id
    ///         Cache Mode: logical
    ///         Hits: 10  Misses: 89990  Evictions: 88000  Overflows: 0  Memory Usage: 65kB
    ///         ->  Index Scan using users_pkey on users  (cost=0.42..1.44 rows=1 width=36) (actual time=0.001..0.001 rows=1 loops=89990)
    ///               Index Cond: (id = events.user_id)
    /// Execution Time: 220.000 ms
    /// ```
    /// ```plan,good
    /// Nested Loop  (cost=0.42..9000.00 rows=90000 width=36) (actual time=0.020..40.000 rows=90000 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..1800.00 rows=90000 width=36) (actual time=0.020..10.000 rows=90000 loops=1)
    ///   ->  Memoize  (cost=0.43..1.45 rows=1 width=36) (actual time=0.000..0.000 rows=1 loops=90000)
    ///         Cache Key: events.user_id
    ///         Cache Mode: logical
    ///         Hits: 89990  Misses: 10  Evictions: 0  Overflows: 0  Memory Usage: 2kB
    ///         ->  Index Scan using users_pkey on users  (cost=0.42..1.44 rows=1 width=36) (actual time=0.001..0.001 rows=1 loops=10)
    ///               Index Cond: (id = events.user_id)
    /// Execution Time: 42.000 ms
    /// ```
    "P032", fix, Check::Plan(check)
}

const FEW: f64 = 1_000.0;
const MISSED: f64 = 0.5;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let Some(cache) = node.memoize else { continue };
        let asked = cache.hits + cache.misses;
        if cache.misses < FEW || cache.misses < MISSED * asked {
            continue;
        }
        let thrown_out = cache.evictions > cache.misses / 2.0;
        let again = if thrown_out { look.whole(index) / 2.0 } else { 0.0 };
        let message = format!("{} of {} questions were not in memory", grouped(cache.misses), grouped(asked));
        let Some(draft) = look.say(findings, index, look.own(index) + again, message) else { continue };
        let draft = draft.run("SET enable_memoize = off");
        if thrown_out {
            let each = cache.peak_kilobytes as f64 / (cache.misses - cache.evictions).max(1.0);
            draft
                .why(format!("{} entries were thrown out to make room for others", grouped(cache.evictions)))
                .run(set_work_mem(each * cache.misses * 1.25));
        }
    }
}
