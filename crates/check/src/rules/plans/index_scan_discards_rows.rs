use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::indexing::{self, Advice};
use crate::plans::{early, kept_and_removed, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// An index finds many rows of which a filter throws nearly all away; put the columns of the filter into the index.
    ///
    /// Each row is fetched from the table before the filter sees it, in the order of the index, which is the slow way to
    /// read a table. The gain is the time of the scan itself, times the part of the rows that was thrown away.
    ///
    /// ```plan,bad
    /// Index Scan using orders_customer on orders  (cost=0.42..900.00 rows=12 width=36) (actual time=0.020..46.000 rows=9 loops=1)
    ///   Index Cond: (customer_id = 5)
    ///   Filter: (status = 'open'::text)
    ///   Rows Removed by Filter: 40000
    /// Execution Time: 46.100 ms
    /// ```
    /// ```plan,good
    /// Index Scan using orders_customer_status on orders  (cost=0.42..9.00 rows=12 width=36) (actual time=0.020..0.060 rows=9 loops=1)
    ///   Index Cond: ((customer_id = 5) AND (status = 'open'::text))
    /// Execution Time: 0.100 ms
    /// ```
    "P004", fix, Check::Plan(check)
}

const FEW_ROWS: f64 = 1_000.0;
/// Thrown away for each row that is kept.
const WASTE: f64 = 9.0;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let kind = node.kind.as_str();
        if !matches!(kind, "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan")
            || early::limit_above(&look, index).is_some()
        {
            continue;
        }
        let (Some(table), Some(filter)) = (table(node), &node.conditions.filter) else { continue };
        let (kept, removed) = kept_and_removed(node);
        if removed < FEW_ROWS || removed < WASTE * kept.max(1.0) {
            continue;
        }
        let message = format!(
            "the index finds {} rows of {table}, and a filter keeps {}",
            grouped(kept + removed),
            grouped(kept)
        );
        let gain = look.own(index) * removed / (removed + kept);
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let draft = draft.why(format!("the filter is {}", filter.text));
        let found = node.conditions.index.as_ref().or(node.conditions.recheck.as_ref());
        let mut wants = found.map_or(Vec::new(), |found| indexing::wants(schema, node, found));
        let filters = indexing::wants(schema, node, filter);
        let served = !filters.is_empty();
        wants.extend(filters);
        let mut leading = found.map_or(Vec::new(), |found| indexing::join_keys(node, found));
        leading.dedup();
        if served && let Some(Advice::Index { sql, .. }) = indexing::advice(&table, &leading, &wants, &[]) {
            sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
        }
    }
}
