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
    /// The inner side of a nested loop is scanned from end to end for each row of the outer side; index the column that joins them.
    ///
    /// Rows that were compared and thrown away are the product of both sides. With an index each row of the outer side finds
    /// its own at once; without an equality in the condition no other kind of join is possible either. The gain is the time of
    /// the inner side and of the comparisons, times the part of the rows that was thrown away.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.00..160000.00 rows=900 width=36) (actual time=0.020..310.000 rows=900 loops=1)
    ///   ->  Seq Scan on events e  (cost=0.00..18.00 rows=900 width=36) (actual time=0.020..1.000 rows=900 loops=1)
    ///   ->  Seq Scan on users u  (cost=0.00..90.00 rows=1 width=36) (actual time=0.300..0.340 rows=1 loops=900)
    ///         Filter: (e.user_id = id)
    ///         Rows Removed by Filter: 5000
    /// Execution Time: 320.000 ms
    /// ```
    /// ```plan,good
    /// Nested Loop  (cost=0.42..160.00 rows=900 width=36) (actual time=0.020..3.000 rows=900 loops=1)
    ///   ->  Seq Scan on events e  (cost=0.00..18.00 rows=900 width=36) (actual time=0.020..1.000 rows=900 loops=1)
    ///   ->  Index Scan using users_pkey on users u  (cost=0.42..1.44 rows=1 width=36) (actual time=0.001..0.001 rows=1 loops=900)
    ///         Index Cond: (id = e.user_id)
    /// Execution Time: 4.000 ms
    /// ```
    "P011", fix, Check::Plan(check)
}

const FEW_ROWS: f64 = 5_000.0;
const WASTE: f64 = 10.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Nested Loop") {
        let Some(inner) = plan.inputs(index).nth(1) else { continue };
        let is_read = |node: usize| look.node(node).is_seq_scan() || look.node(inner).kind == "Materialize";
        let scan = plan.below(inner).into_iter().find(|below| look.node(*below).relation.is_some() && is_read(*below));
        let Some(scan) = scan.filter(|scan| *scan == inner || look.inner_of(*scan) == Some(index)) else { continue };
        let side = look.node(scan);
        let kept = node.total_rows().unwrap_or(0.0);
        let removed = node.removed.join_filter * node.loops() + side.removed.filter * side.loops();
        let again = look.node(inner).loops();
        let conditions = [&node.conditions.join_filter, &side.conditions.filter];
        let joins = conditions.iter().any(|condition| condition.is_some());
        if removed < FEW_ROWS || removed < WASTE * kept.max(1.0) || again < 2.0 || !joins {
            continue;
        }
        let Some(table) = table(side) else { continue };
        let message = format!("{table} is scanned {} times to keep {} rows", grouped(again), grouped(kept));
        let part = removed / (removed + kept);
        let gain = (look.whole(inner) + look.own(index)) * part;
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let draft = draft.why(format!("{} pairs of rows were compared and thrown away", grouped(removed)));
        let mut keys: Vec<String> =
            conditions.into_iter().flatten().flat_map(|condition| indexing::join_keys(side, condition)).collect();
        keys.dedup();
        // Where the inner side has no column of its own in the equality, the outer side may have one.
        let mut indexed = table;
        if keys.is_empty()
            && let Some(outer) = plan.inputs(index).next().map(|outer| look.node(outer))
            && let (Some(other), Some(filter)) = (crate::plans::table(outer), &node.conditions.join_filter)
        {
            keys = indexing::join_keys(outer, filter);
            indexed = other;
        }
        match indexing::advice(&indexed, &keys, &[], &[]) {
            Some(Advice::Index { sql, .. }) => sql.into_iter().fold(draft, |draft, sql| draft.run(sql)),
            _ => draft.why("the condition holds no equality of columns, so that no index and no hash serves it"),
        };
    }
}
