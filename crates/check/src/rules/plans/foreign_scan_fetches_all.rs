use model::Schema;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::{kept_and_removed, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A foreign table is fetched and filtered here; write the condition so that the other server can do it.
    ///
    /// Only what both servers surely understand alike is sent: built-in operators and functions that depend on no setting, and
    /// those of extensions that the server is said to have. All other rows travel before they are thrown away. The gain is the time
    /// of the scan, times the part of the rows that was thrown away.
    ///
    /// ```plan,bad
    /// Foreign Scan on orders  (cost=100.00..9000.00 rows=500 width=36) (actual time=1.020..210.000 rows=9 loops=1)
    ///   Filter: (normal(status) = 'open'::text)
    ///   Rows Removed by Filter: 90000
    /// Execution Time: 212.000 ms
    /// ```
    /// ```plan,good
    /// Foreign Scan on orders  (cost=100.00..200.00 rows=9 width=36) (actual time=1.020..1.200 rows=9 loops=1)
    ///   Remote SQL: SELECT id, status FROM public.orders WHERE ((status = 'open'))
    /// Execution Time: 2.000 ms
    /// ```
    "P033", fix, Check::Plan(check)
}

const FEW_ROWS: f64 = 500.0;
const WASTE: f64 = 5.0;

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.kind == "Foreign Scan") {
        let (kept, removed) = kept_and_removed(node);
        let filtered = removed >= FEW_ROWS && removed >= WASTE * kept.max(1.0);
        // Without a filter it may be an aggregate that stays here.
        let aggregated = look.above(index).filter(|above| {
            let above = look.node(*above);
            above.kind == "Aggregate" && kept >= FEW_ROWS && above.total_rows().unwrap_or(0.0) * WASTE <= kept
        });
        let (message, part) = match (filtered, aggregated) {
            (true, _) => (
                format!(
                    "{} rows are fetched from another server, and {} are kept",
                    grouped(kept + removed),
                    grouped(kept)
                ),
                removed / (removed + kept),
            ),
            (false, Some(_)) => {
                (format!("{} rows are fetched from another server to be added up here", grouped(kept)), 0.8)
            }
            (false, None) => continue,
        };
        let Some(mut draft) = look.say(findings, index, look.own(index) * part, message) else { continue };
        if let Some(filter) = &node.conditions.filter {
            draft = draft.why(format!("the filter {} is not sent", filter.text));
        }
        if let Some(table) = table(node) {
            draft.run(format!("ALTER FOREIGN TABLE {table} OPTIONS (ADD use_remote_estimate 'true')"));
        }
    }
}
