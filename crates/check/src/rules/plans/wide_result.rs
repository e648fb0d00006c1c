use model::Schema;
use model::plan::{QueryPlan, ms};

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::{bytes, grouped};

rule! {
    /// The result is many megabytes that go over the network; ask for fewer rows and columns, or let the database add them up.
    ///
    /// EXPLAIN measures the work of the server; what is sent takes time beside it, and memory in the client. With SERIALIZE
    /// (since version 17) the time of making the rows ready is measured; else 100 MB a second are taken for it. The gain is half of
    /// that time where it was measured, else a fifth.
    ///
    /// ```plan,bad
    /// Seq Scan on documents  (cost=0.00..9000.00 rows=90000 width=1200) (actual time=0.020..50.000 rows=90000 loops=1)
    /// Execution Time: 55.100 ms
    /// ```
    /// ```plan,good
    /// Seq Scan on documents  (cost=0.00..9000.00 rows=900 width=20) (actual time=0.020..0.900 rows=900 loops=1)
    /// Execution Time: 1.100 ms
    /// ```
    "P029", note, Check::Plan(check)
}

const MUCH: f64 = 4.0 * 1024.0 * 1024.0;
/// Bytes in a millisecond: 100 MB a second, a network of 1 Gbit.
const RATE: f64 = 100.0 * 1024.0 * 1024.0 / 1000.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    let Some((root, actual)) = plan.nodes.first().and_then(|root| Some((root, root.actual?))) else { return };
    let rows = actual.rows * actual.loops;
    let measured = plan.serialization.as_ref();
    let size = measured.map_or(rows * root.width, |done| done.kilobytes as f64 * 1024.0);
    if size < MUCH {
        return;
    }
    let took = measured.and_then(|done| done.ms).unwrap_or(size / RATE);
    // What is measured is in the run; what is not, is beside it.
    let beside = if measured.is_some() { 0.0 } else { took };
    // What nobody measured counts for less than what somebody did.
    let gain = if measured.is_some() { took / 2.0 } else { took / 5.0 };
    let message = format!("the result is {} in {} rows", bytes(size as u64), grouped(rows));
    if let Some(draft) = look.say_of_plan(findings, gain, beside, message) {
        draft
            .why(format!("making and sending it takes about {}", ms(took)))
            .why(format!("a row has {:.0} bytes", size / rows.max(1.0)));
    }
}
