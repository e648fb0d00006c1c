use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::indexing::{self, Advice};
use crate::plans::table;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// An index is entered again for each value of a column that the condition does not name; put the column that it names first.
    ///
    /// Since version 18 an index on (a, b) can be used for b alone: it is searched once for each value of a. With thousands of
    /// values that is slow, though faster than a scan. The gain is half of the time of the scan.
    ///
    /// ```plan,bad
    /// Index Scan using events_kind_at on events  (cost=0.42..9000.00 rows=90 width=36) (actual time=0.020..40.000 rows=90 loops=1)
    ///   Index Cond: (at = '2024-03-01'::date)
    ///   Index Searches: 9000
    /// Execution Time: 41.000 ms
    /// ```
    /// ```plan,good
    /// Index Scan using events_at on events  (cost=0.42..90.00 rows=90 width=36) (actual time=0.020..0.100 rows=90 loops=1)
    ///   Index Cond: (at = '2024-03-01'::date)
    ///   Index Searches: 1
    /// Execution Time: 0.120 ms
    /// ```
    "P037", note, fix, Check::Plan(check)
}

const MANY: f64 = 100.0;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let (Some(table), Some(searches), Some(condition)) = (table(node), node.index_searches, &node.conditions.index)
        else {
            continue;
        };
        let each = searches / node.loops().max(1.0);
        // A list of values is searched value by value, and that is as it should be.
        if each < MANY || condition.text.contains("ANY (") {
            continue;
        }
        let message =
            format!("{} was searched {} times", node.index.as_deref().unwrap_or("the index"), grouped(searches));
        let Some(draft) = look.say(findings, index, look.own(index) / 2.0, message) else { continue };
        let draft = draft.why(format!("the condition {} does not name its first column", condition.text));
        if let Some(Advice::Index { sql, .. }) =
            indexing::advice(&table, &[], &indexing::wants(schema, node, condition), &[])
        {
            sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
        }
    }
}
