use model::Schema;
use model::Severity;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::misestimate::{self, Cause};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// The planner expected far fewer rows than came, so its plan is a guess; look for what it cannot know of the condition.
    ///
    /// A join order and method are chosen by these numbers. A nested loop that is right for 10 rows is wrong for 100,000. The
    /// gain is a third of the time of the node, with a part of the joins and of the spilled sorts above that the number chose.
    /// Ten times as many rows as expected are a note, a hundred times as many a warning, once a thousand rows came.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.85..8.44 rows=4 width=36) (actual time=0.020..95.000 rows=81250 loops=1)
    ///   ->  Index Scan using a_pkey on a  (cost=0.42..8.44 rows=600 width=36) (actual time=0.020..8.000 rows=900 loops=1)
    ///   ->  Index Scan using b_a on b  (cost=0.42..8.44 rows=2 width=36) (actual time=0.010..0.090 rows=90 loops=900)
    ///         Index Cond: (a_id = a.id)
    /// Execution Time: 96.000 ms
    /// ```
    /// ```plan,good
    /// Nested Loop  (cost=0.85..8.44 rows=78000 width=36) (actual time=0.020..95.000 rows=81250 loops=1)
    ///   ->  Index Scan using a_pkey on a  (cost=0.42..8.44 rows=600 width=36) (actual time=0.020..8.000 rows=900 loops=1)
    ///   ->  Index Scan using b_a on b  (cost=0.42..8.44 rows=80 width=36) (actual time=0.010..0.090 rows=90 loops=900)
    ///         Index Cond: (a_id = a.id)
    /// Execution Time: 96.000 ms
    /// ```
    "P003", note, Check::Plan(check)
}

/// At this the choice of the planner was luck.
const GRAVE: f64 = 100.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for found in misestimate::all(&look, findings) {
        let node = look.node(found.node);
        let (Some(actual), true) = (node.actual, matches!(found.cause, Cause::Unknown | Cause::Sample { .. })) else {
            continue;
        };
        let message =
            format!("{} rows came where {} were expected", grouped(actual.rows), grouped(node.estimated_rows));
        let Some(mut draft) = look.say(findings, found.node, found.gain, message) else { continue };
        if found.factor >= GRAVE {
            draft = draft.severity(Severity::Warning);
        }
        if let Some((_, condition)) = node.conditions.all().next() {
            draft = draft.why(format!("the condition is {}", condition.text));
        }
        match &found.cause {
            Cause::Sample { table, column } => {
                draft
                    .why("its statistics are fresh, so their sample is too small for this column")
                    .run(format!("ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 1000"))
                    .run(format!("ANALYZE {table}"));
            }
            _ if node.is_join() => {
                draft.why("how many rows of one side meet one of the other is no statistic that PostgreSQL keeps");
            }
            _ => {}
        }
    }
}
