use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// A way of doing things is forbidden to the planner by a setting; allow it again.
    ///
    /// `enable_seqscan`, `enable_hashjoin` and their like are for trying things in a session. In a configuration they force worse
    /// plans on every query. The gain is taken as a third of the run.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..9000.00 rows=900 width=36) (actual time=0.020..210.000 rows=900 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..180.00 rows=900 width=36) (actual time=0.020..1.000 rows=900 loops=1)
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..1.44 rows=1 width=36) (actual time=0.210..0.220 rows=1 loops=900)
    ///         Index Cond: (id = events.user_id)
    /// Settings: enable_hashjoin = 'off', enable_mergejoin = 'off'
    /// Execution Time: 220.000 ms
    /// ```
    /// ```plan,good
    /// Nested Loop  (cost=0.42..9000.00 rows=900 width=36) (actual time=0.020..210.000 rows=900 loops=1)
    ///   ->  Seq Scan on events  (cost=0.00..180.00 rows=900 width=36) (actual time=0.020..1.000 rows=900 loops=1)
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..1.44 rows=1 width=36) (actual time=0.210..0.220 rows=1 loops=900)
    ///         Index Cond: (id = events.user_id)
    /// Settings: work_mem = '64MB'
    /// Execution Time: 220.000 ms
    /// ```
    "P035", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    let off: Vec<&str> = plan
        .settings
        .iter()
        .filter(|(name, value)| name.starts_with("enable_") && value == "off")
        .map(|(name, _)| name.as_str())
        .collect();
    let disabled: Vec<String> = look.nodes().filter(|(_, node)| node.disabled).map(|(_, node)| node.label()).collect();
    if off.is_empty() && disabled.is_empty() {
        return;
    }
    let what = if off.is_empty() { listed(&disabled) } else { listed(&off) };
    let Some(draft) = look.say_of_plan(
        findings,
        look.run().unwrap_or(0.0) / 3.0,
        0.0,
        format!("the planner was not free: {what} is off"),
    ) else {
        return;
    };
    off.iter().fold(draft, |draft, name| draft.run(format!("RESET {name}")));
}
