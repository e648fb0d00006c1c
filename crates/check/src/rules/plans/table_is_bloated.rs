use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{kept_and_removed, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A scan reads far more pages than its rows fill; the table holds dead or empty space, and VACUUM has to come more often.
    ///
    /// Deleted and changed rows stay in their pages until VACUUM makes their room free, and free room at the front of a table is
    /// still read by each scan. A page of eight kilobytes holds hundreds of narrow rows. The gain is the time of the scan, times the
    /// part of the pages that is not needed for the rows that are there.
    ///
    /// ```plan,bad
    /// Seq Scan on jobs  (cost=0.00..9000.00 rows=500 width=36) (actual time=9.020..40.000 rows=500 loops=1)
    ///   Buffers: shared hit=9000
    /// Execution Time: 42.000 ms
    /// ```
    /// ```plan,good
    /// Seq Scan on jobs  (cost=0.00..90.00 rows=500 width=36) (actual time=0.020..0.400 rows=500 loops=1)
    ///   Buffers: shared hit=9
    /// Execution Time: 0.420 ms
    /// ```
    "P034", fix, Check::Plan(check)
}

const FEW_PAGES: f64 = 200.0;
/// Rows are wider than what a query asks of them: so many times as many pages are still ordinary.
const ORDINARY: f64 = 10.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.is_seq_scan()) {
        let Some(table) = table(node) else { continue };
        let (kept, removed) = kept_and_removed(node);
        let pages = node.buffers.shared();
        let needed =
            ((kept + removed) * (node.width + 28.0) / 8168.0).max(1.0) * node.loops().max(1.0) / look.processes(index);
        if pages < FEW_PAGES || pages < ORDINARY * needed || kept + removed > pages {
            continue;
        }
        let message = format!("{} pages of {table} hold {} rows", grouped(pages), grouped(kept + removed));
        let Some(draft) = look.say(findings, index, look.own(index) * (1.0 - needed / pages), message) else {
            continue;
        };
        draft
            .why("VACUUM FULL stops everybody while it works; pg_repack and pg_squeeze do the same beside them")
            .run(format!("VACUUM (FULL, ANALYZE) {table}"));
    }
}
