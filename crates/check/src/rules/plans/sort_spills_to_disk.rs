use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{memory, set_work_mem};
use crate::rule::Check;
use crate::words::{bytes, grouped};

rule! {
    /// A sort does not fit into `work_mem` and goes to disk; sort fewer or narrower rows, let an index give the order, or raise `work_mem` for this query.
    ///
    /// The rows are written to temporary files and read back, often several times. The gain is taken as half of the time of
    /// the sort itself.
    ///
    /// ```plan,bad
    /// Sort  (cost=129.10..131.60 rows=1000000 width=36) (actual time=812.000..990.000 rows=1000000 loops=1)
    ///   Sort Key: placed_at
    ///   Sort Method: external merge  Disk: 48216kB
    ///   ->  Seq Scan on orders  (cost=0.00..25980.00 rows=1000000 width=36) (actual time=0.020..96.410 rows=1000000 loops=1)
    /// Execution Time: 1040.000 ms
    /// ```
    /// ```plan,good
    /// Sort  (cost=129.10..131.60 rows=1000 width=36) (actual time=0.800..0.900 rows=1000 loops=1)
    ///   Sort Key: placed_at
    ///   Sort Method: quicksort  Memory: 103kB
    ///   ->  Seq Scan on orders  (cost=0.00..25.00 rows=1000 width=36) (actual time=0.020..0.410 rows=1000 loops=1)
    /// Execution Time: 1.000 ms
    /// ```
    "P002", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes() {
        let groups = [&node.full_groups, &node.presorted_groups].into_iter().flatten();
        let of_groups = groups.map(|groups| groups.peak_disk).max().filter(|disk| *disk > 0);
        let own = node.sort.as_ref().filter(|sort| sort.on_disk).map(|sort| sort.kilobytes);
        let of_workers = node.workers.iter().filter_map(|worker| worker.sort.as_ref()).filter(|sort| sort.on_disk);
        let Some(disk) = of_workers.map(|sort| sort.kilobytes).chain(own).chain(of_groups).max() else { continue };
        let rows = node.actual.map_or(node.estimated_rows, |actual| actual.rows);
        // Rows that a LIMIT did not ask for were sorted all the same.
        let input = plan.inputs(index).next().and_then(|input| look.node(input).actual);
        let rows = input.map_or(rows, |input| input.rows.max(rows));
        let message = format!("sorting {} rows writes {} to disk", grouped(rows), bytes(disk * 1024));
        let Some(draft) = look.say(findings, index, look.own(index) / 2.0, message) else { continue };
        draft
            .why(format!(
                "rows of {:.0} bytes are sorted; fewer columns or an index in this order spare it",
                node.width
            ))
            .run(set_work_mem(memory::for_sort(rows, node.width, disk as f64)));
    }
}
