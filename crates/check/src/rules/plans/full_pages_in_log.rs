use model::Schema;
use model::plan::PlanNode;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::{Look, RELOAD};
use crate::rule::Check;
use crate::words::{bytes, grouped};

rule! {
    /// Most of what the statement writes to the log are whole pages; make checkpoints rarer and let the log be compressed.
    ///
    /// After a checkpoint the first change of each page writes all eight kilobytes of it. Frequent checkpoints, and changes
    /// scattered over many pages, make that most of the log. The gain is the time of the node that writes, times the part of the
    /// log that whole pages are, times a half.
    ///
    /// ```plan,bad
    /// Update on orders  (cost=0.00..9000.00 rows=0 width=0) (actual time=90.000..90.000 rows=0 loops=1)
    ///   WAL: records=9000 fpi=900 bytes=7800000
    ///   ->  Seq Scan on orders  (cost=0.00..9000.00 rows=9000 width=20) (actual time=0.020..9.000 rows=9000 loops=1)
    /// Execution Time: 91.100 ms
    /// ```
    /// ```plan,good
    /// Update on orders  (cost=0.00..9000.00 rows=0 width=0) (actual time=40.000..40.000 rows=0 loops=1)
    ///   WAL: records=9000 bytes=700000
    ///   ->  Seq Scan on orders  (cost=0.00..9000.00 rows=9000 width=20) (actual time=0.020..9.000 rows=9000 loops=1)
    /// Execution Time: 41.100 ms
    /// ```
    "P030", note, fix, Check::Plan(check)
}

const PAGE: f64 = 8192.0;
const MUCH: f64 = 1024.0 * 1024.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let below = |of: fn(&PlanNode) -> f64| -> f64 { plan.children(index).map(|child| of(look.node(child))).sum() };
        let pages = node.wal.full_pages - below(|node| node.wal.full_pages);
        let written = node.wal.bytes - below(|node| node.wal.bytes);
        // Pages with holes are shorter.
        let part = (pages * PAGE / written.max(1.0)).min(1.0);
        if written < MUCH || part < 0.5 {
            continue;
        }
        let message = format!("{} pages were written whole into a log of {}", grouped(pages), bytes(written as u64));
        let Some(draft) = look.say(findings, index, look.own(index) * part / 2.0, message) else { continue };
        draft
            .why("each page is written whole when it changes for the first time after a checkpoint")
            .run("ALTER SYSTEM SET wal_compression = on")
            .run("ALTER SYSTEM SET max_wal_size = '8GB'")
            .run(RELOAD);
    }
}
