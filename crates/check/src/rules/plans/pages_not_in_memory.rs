use model::Schema;
use model::plan::{Buffers, QueryPlan, ms};

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::table;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Most pages had to be read from outside the buffers of the server; run it again before you judge, and see whether the data fits into memory.
    ///
    /// A page in `shared_buffers` is there at once; one in the memory of the system takes some microseconds, one on disk a
    /// hundred. The same query may take ten times as long when it is the first. The gain is the time of reading where
    /// `track_io_timing` measured it, else a fourth of the time of the node, times the part of the pages that was read.
    ///
    /// ```plan,bad
    /// Seq Scan on orders  (cost=0.00..9000.00 rows=90000 width=20) (actual time=0.020..90.000 rows=90000 loops=1)
    ///   Buffers: shared hit=10 read=4000
    ///   I/O Timings: shared read=70.000
    /// Execution Time: 91.100 ms
    /// ```
    /// ```plan,good
    /// Seq Scan on orders  (cost=0.00..9000.00 rows=90000 width=20) (actual time=0.020..19.000 rows=90000 loops=1)
    ///   Buffers: shared hit=4010
    /// Execution Time: 21.100 ms
    /// ```
    "P031", note, fix, Check::Plan(check)
}

const FEW_PAGES: f64 = 200.0;
const SHARE: f64 = 0.5;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    let own = |index: usize, of: fn(&Buffers) -> f64| -> f64 {
        let below: f64 = plan.children(index).map(|child| of(&look.node(child).buffers)).sum();
        (of(&look.node(index).buffers) - below).max(0.0)
    };
    for (index, node) in look.nodes() {
        let (hit, read) = (own(index, |buffers| buffers.shared_hit), own(index, |buffers| buffers.shared_read));
        let part = read / (hit + read).max(1.0);
        if read < FEW_PAGES || part < SHARE {
            continue;
        }
        let measured = own(index, |buffers| buffers.read_ms) / look.processes(index);
        let gain = if measured > 0.0 { measured.min(look.own(index)) } else { look.own(index) * part / 4.0 };
        let what = node.object().unwrap_or_else(|| node.label());
        let message =
            format!("{} of {} pages of {what} were read from outside the buffers", grouped(read), grouped(hit + read));
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let draft = match measured > 0.0 {
            true => draft.why(format!("reading took {}", ms(measured))),
            false => draft.why("track_io_timing would tell how long that took"),
        };
        if let Some(relation) = table(node) {
            draft.run("CREATE EXTENSION IF NOT EXISTS pg_prewarm").run(format!("SELECT pg_prewarm('{relation}')"));
        }
    }
}
