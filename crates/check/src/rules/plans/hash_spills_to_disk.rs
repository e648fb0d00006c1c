use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{memory, set_work_mem};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A hash table does not fit into memory and is split into batches on disk; give it the `work_mem` that holds it, or fewer and narrower rows.
    ///
    /// Both sides of the join are written to temporary files and read back, batch by batch. The gain is half of the time of the
    /// join and its hash table.
    ///
    /// ```plan,bad
    /// Hash Join  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=60.000..190.000 rows=100000 loops=1)
    ///   Hash Cond: (o.customer_id = c.id)
    ///   ->  Seq Scan on orders o  (cost=0.00..1800.00 rows=100000 width=36) (actual time=0.020..12.000 rows=100000 loops=1)
    ///   ->  Hash  (cost=1500.00..1500.00 rows=90000 width=36) (actual time=40.000..40.000 rows=90000 loops=1)
    ///         Buckets: 65536  Batches: 16  Memory Usage: 900kB
    ///         ->  Seq Scan on customers c  (cost=0.00..1500.00 rows=90000 width=36) (actual time=0.010..9.000 rows=90000 loops=1)
    /// Execution Time: 195.000 ms
    /// ```
    /// ```plan,good
    /// Hash Join  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=30.000..90.000 rows=100000 loops=1)
    ///   Hash Cond: (o.customer_id = c.id)
    ///   ->  Seq Scan on orders o  (cost=0.00..1800.00 rows=100000 width=36) (actual time=0.020..12.000 rows=100000 loops=1)
    ///   ->  Hash  (cost=1500.00..1500.00 rows=90000 width=36) (actual time=20.000..20.000 rows=90000 loops=1)
    ///         Buckets: 131072  Batches: 1  Memory Usage: 7900kB
    ///         ->  Seq Scan on customers c  (cost=0.00..1500.00 rows=90000 width=36) (actual time=0.010..9.000 rows=90000 loops=1)
    /// Execution Time: 95.000 ms
    /// ```
    "P013", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let Some(hash) = node.hash.filter(|hash| hash.batches > 1.0) else { continue };
        let rows = node.actual.map_or(node.estimated_rows, |actual| actual.rows)
            * if node.parallel { look.processes(index) } else { 1.0 };
        let join = node.parent.unwrap_or(index);
        let message =
            format!("a hash table of {} rows is split into {} batches on disk", grouped(rows), grouped(hash.batches));
        let gain = (look.own(index) + look.own(join)) / 2.0;
        let Some(mut draft) = look.say(findings, join, gain, message) else { continue };
        if hash.batches > hash.original_batches && hash.original_batches > 0.0 {
            draft = draft
                .why(format!("{} batches were planned: more rows came than expected", grouped(hash.original_batches)));
        }
        let kilobytes =
            memory::for_hash(rows, node.width, hash.batches, hash.peak_kilobytes as f64, memory::hash_multiplier(plan));
        draft
            .why(format!("a row takes {:.0} bytes; fewer columns make a smaller table", node.width))
            .run(set_work_mem(kilobytes));
    }
}
