use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::kept_and_removed;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// An index finds rows by a rough measure, and nearly all of them fail when they are looked at; make the condition or the index finer.
    ///
    /// Indexes of trigrams, of ranges of blocks and of shapes name candidates, and each is fetched and compared again. A short
    /// or common word has so many candidates that the index hardly helps. The gain is the time of the scan, times the part of the
    /// rows that failed.
    ///
    /// ```plan,bad
    /// Bitmap Heap Scan on notes  (cost=90.00..9000.00 rows=90 width=36) (actual time=10.000..190.000 rows=90 loops=1)
    ///   Recheck Cond: (body ~~ '%ment%'::text)
    ///   Rows Removed by Index Recheck: 90000
    ///   Heap Blocks: exact=9500
    ///   ->  Bitmap Index Scan on notes_body  (cost=0.00..80.00 rows=900 width=0) (actual time=9.000..9.000 rows=90090 loops=1)
    ///         Index Cond: (body ~~ '%ment%'::text)
    /// Execution Time: 195.000 ms
    /// ```
    /// ```plan,good
    /// Bitmap Heap Scan on notes  (cost=90.00..9000.00 rows=90 width=36) (actual time=1.000..1.900 rows=90 loops=1)
    ///   Recheck Cond: (body ~~ '%mentor%'::text)
    ///   Rows Removed by Index Recheck: 9
    ///   Heap Blocks: exact=95
    ///   ->  Bitmap Index Scan on notes_body  (cost=0.00..80.00 rows=90 width=0) (actual time=0.900..0.900 rows=99 loops=1)
    ///         Index Cond: (body ~~ '%mentor%'::text)
    /// Execution Time: 1.950 ms
    /// ```
    "P017", Check::Plan(check)
}

const FEW_ROWS: f64 = 1_000.0;
const WASTE: f64 = 5.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        // Whole pages of a bitmap are another matter.
        if node.blocks.is_some_and(|blocks| blocks.lossy > blocks.exact && !by_ranges(&look, index)) {
            continue;
        }
        let (kept, removed) = kept_and_removed(node);
        let failed = node.removed.recheck * node.loops();
        if failed < FEW_ROWS || failed < WASTE * (kept + removed).max(1.0) {
            continue;
        }
        let message =
            format!("the index names {} rows, of which {} fail", grouped(failed + kept + removed), grouped(failed));
        let gain = look.own(index) * failed / (failed + kept + removed);
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        if let Some(condition) = node.conditions.recheck.as_ref().or(node.conditions.index.as_ref()) {
            draft.why(format!("the condition is {}", condition.text));
        }
    }
}

/// An index of ranges of blocks names pages only: its bitmap has rows of no number that could be counted.
fn by_ranges(look: &Look<'_>, node: usize) -> bool {
    let below = look.plan.inputs(node).next().map(|below| look.node(below));
    below.and_then(|below| below.actual).is_some_and(|actual| actual.rows > 0.0 && actual.rows % 10.0 == 0.0)
}
