use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{memory, set_work_mem};
use crate::rule::Check;
use crate::words::{bytes, grouped};

rule! {
    /// The groups of an aggregate do not fit into memory and go to disk; give them the `work_mem` that holds them.
    ///
    /// Rows whose group is not in memory are written to temporary files and worked on later, batch by batch (since version
    /// 13; before, memory grew without a bound). The gain is half of the time of the aggregate itself.
    ///
    /// ```plan,bad
    /// HashAggregate  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=60.000..190.000 rows=100000 loops=1)
    ///   Group Key: customer_id
    ///   Planned Partitions: 8  Batches: 33  Memory Usage: 800kB  Disk Usage: 5000kB
    ///   ->  Seq Scan on orders o  (cost=0.00..1800.00 rows=200000 width=36) (actual time=0.020..22.000 rows=200000 loops=1)
    /// Execution Time: 195.000 ms
    /// ```
    /// ```plan,good
    /// HashAggregate  (cost=3000.00..9000.00 rows=100000 width=36) (actual time=60.000..90.000 rows=100000 loops=1)
    ///   Group Key: customer_id
    ///   Batches: 1  Memory Usage: 14800kB
    ///   ->  Seq Scan on orders o  (cost=0.00..1800.00 rows=200000 width=36) (actual time=0.020..22.000 rows=200000 loops=1)
    /// Execution Time: 95.000 ms
    /// ```
    "P014", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let workers = node.workers.iter().filter_map(|worker| worker.aggregation);
        let all = node.aggregation.into_iter().chain(workers);
        let Some(spilled) =
            all.filter(|one| one.batches > 1.0 || one.disk_kilobytes > 0).max_by_key(|one| one.disk_kilobytes)
        else {
            continue;
        };
        let groups = node.actual.map_or(node.estimated_rows, |actual| actual.rows);
        let message = format!("{} groups write {} to disk", grouped(groups), bytes(spilled.disk_kilobytes * 1024));
        let Some(draft) = look.say(findings, index, look.own(index) / 2.0, message) else { continue };
        // A group holds the state of its aggregates as well.
        let kilobytes = memory::for_hash(groups, node.width + 64.0, 0.0, 0.0, memory::hash_multiplier(plan));
        let least = (spilled.peak_kilobytes as f64 + spilled.disk_kilobytes as f64) / memory::hash_multiplier(plan);
        draft.run(set_work_mem(kilobytes.max(least)));
    }
}
