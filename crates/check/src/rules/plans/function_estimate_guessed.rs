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
    /// A function returns far more rows than the planner was told; say how many with ROWS.
    ///
    /// The planner takes the number of a function from its declaration: 1,000 rows unless `ROWS` says otherwise, 100 for
    /// some of its own. Joins above are chosen by that. The gain is that of a wrong estimate.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..16.00 rows=100 width=36) (actual time=0.020..310.000 rows=90000 loops=1)
    ///   ->  Function Scan on recent_events e  (cost=0.00..8.00 rows=100 width=36) (actual time=8.020..12.000 rows=90000 loops=1)
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..8.44 rows=1 width=36) (actual time=0.003..0.003 rows=1 loops=90000)
    ///         Index Cond: (id = e.user_id)
    /// Execution Time: 320.000 ms
    /// ```
    /// ```plan,good
    /// Function Scan on recent_events e  (cost=0.00..8.00 rows=100 width=36) (actual time=8.020..12.000 rows=120 loops=1)
    /// Execution Time: 32.000 ms
    /// ```
    "P009", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for found in misestimate::all(&look, findings) {
        let node = look.node(found.node);
        let (Some(actual), Cause::Function) = (node.actual, found.cause) else { continue };
        let what = node.function.as_deref().unwrap_or("the function");
        let message = format!(
            "{what} returned {} rows where {} were expected",
            grouped(actual.rows),
            grouped(node.estimated_rows)
        );
        let Some(draft) = look.say(findings, found.node, found.gain, message) else { continue };
        let draft = draft.why("the planner believes the ROWS of its declaration, and knows nothing of what it returns");
        // Those of PostgreSQL itself are not ours to declare.
        const BUILT_IN: [&str; 9] = [
            "generate_series",
            "unnest",
            "jsonb_array_elements",
            "json_array_elements",
            "jsonb_each",
            "regexp_split_to_table",
            "string_to_table",
            "jsonb_to_recordset",
            "regexp_matches",
        ];
        match node.function.as_deref().filter(|function| !BUILT_IN.contains(function)) {
            Some(function) => draft.run(format!("ALTER FUNCTION {} ROWS {:.0}", quoted(function), actual.rows)),
            None => draft.why("a temporary table with ANALYZE gives it a number"),
        };
    }
}
