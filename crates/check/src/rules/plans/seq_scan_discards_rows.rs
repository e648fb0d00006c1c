use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::indexing::{self, Advice};
use crate::plans::{kept_and_removed, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A sequential scan reads the whole table and throws nearly all of it away; index the columns of its filter.
    ///
    /// The time grows with the table, while the rows that are wanted stay few. An index that fits the filter reads only
    /// those. The gain is the time of the scan itself, times the part of the rows that was thrown away; where the buffers tell
    /// how many pages there are, times the part of the pages that holds none of the rows that are kept.
    ///
    /// ```plan,bad
    /// Seq Scan on orders  (cost=0.00..25980.00 rows=12 width=36) (actual time=0.020..96.410 rows=9 loops=1)
    ///   Filter: (status = 'stuck'::text)
    ///   Rows Removed by Filter: 999991
    /// Execution Time: 96.440 ms
    /// ```
    /// ```plan,good
    /// Index Scan using orders_status on orders  (cost=0.42..8.44 rows=12 width=36) (actual time=0.020..0.050 rows=9 loops=1)
    ///   Index Cond: (status = 'stuck'::text)
    /// Execution Time: 0.070 ms
    /// ```
    "P001", fix, Check::Plan(check)
}

/// Below this a scan is done before an index would be worth its upkeep.
const FEW_ROWS: f64 = 1_000.0;
/// Thrown away for each row that is kept.
const WASTE: f64 = 20.0;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    // With index scans turned off there is nothing to index.
    let is_off = |name: &str| plan.setting(name) == Some("off");
    if is_off("enable_indexscan") || is_off("enable_bitmapscan") {
        return;
    }
    for (index, node) in look.nodes().filter(|(_, node)| node.is_seq_scan()) {
        let Some(table) = table(node) else { continue };
        let (kept, removed) = kept_and_removed(node);
        // What is scanned again and again is about the join or the sub-plan that asks for it.
        let again = look.inner_of(index).is_some() || look.repeated_subplan(index).is_some();
        if removed < FEW_ROWS || removed < WASTE * kept.max(1.0) || again {
            continue;
        }
        let gain = look.own(index) * look.avoidable(index, kept, removed);
        let message = format!("the scan of {table} keeps {} of {} rows", grouped(kept), grouped(kept + removed));
        let Some(filter) = &node.conditions.filter else { continue };
        let wants = indexing::wants(schema, node, filter);
        let Some(advice) = indexing::advice(&table, &[], &wants, &[]) else {
            if let Some(draft) = look.say(findings, index, gain, message) {
                draft.why(format!("the filter is {}, which no index serves as it stands", filter.text));
            }
            continue;
        };
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let draft = draft.why(format!("the filter is {}", filter.text));
        match advice {
            Advice::Index { sql, note } => {
                let draft = sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
                if let Some(note) = note {
                    draft.why(note);
                }
            }
            Advice::Not(why) => {
                draft.why(why);
            }
        }
    }
}
