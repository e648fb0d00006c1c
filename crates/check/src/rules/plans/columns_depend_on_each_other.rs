use model::QName;
use model::Schema;
use model::name::{quoted, truncated};
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::misestimate::{self, Cause};
use crate::rule::Check;
use crate::words::grouped;
use crate::words::listed;

rule! {
    /// The planner multiplies the parts of conditions as if their columns had nothing to do with each other; create extended statistics of them.
    ///
    /// Of the rows of a city all are in its country. Without statistics of both together the planner expects the product of
    /// the two parts, which is far too little; for groups it expects the product of the numbers of values, which is far too much.
    /// The gain is that of a wrong estimate.
    ///
    /// ```plan,bad
    /// Nested Loop  (cost=0.42..16.00 rows=4 width=36) (actual time=0.020..310.000 rows=81250 loops=1)
    ///   ->  Seq Scan on orders  (cost=0.00..8.00 rows=4 width=36) (actual time=0.020..88.000 rows=81250 loops=1)
    ///         Filter: ((city = 'Bonn'::text) AND (country = 'DE'::text))
    ///         Rows Removed by Filter: 90100
    ///   ->  Index Scan using users_pkey on users  (cost=0.42..8.44 rows=1 width=36) (actual time=0.003..0.003 rows=1 loops=81250)
    ///         Index Cond: (id = orders.user_id)
    /// Execution Time: 320.000 ms
    /// ```
    /// ```plan,good
    /// Seq Scan on orders  (cost=0.00..8.00 rows=80000 width=36) (actual time=0.020..88.000 rows=81250 loops=1)
    ///   Filter: ((city = 'Bonn'::text) AND (country = 'DE'::text))
    ///   Rows Removed by Filter: 90100
    /// Execution Time: 95.000 ms
    /// ```
    "P007", fix, Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for found in misestimate::all(&look, findings) {
        let node = look.node(found.node);
        let (Some(actual), Cause::Columns { table, columns, kinds }) = (node.actual, found.cause) else { continue };
        let message =
            format!("{} rows came where {} were expected", grouped(actual.rows), grouped(node.estimated_rows));
        let Some(draft) = look.say(findings, found.node, found.gain, message) else { continue };
        let list = columns.join(", ");
        draft
            .why(format!("the planner takes {} of {table} for independent of each other", listed(&columns)))
            .run(
                format!("CREATE STATISTICS ({kinds}) ON {list} FROM {table}")
                    .replace("STATISTICS (", &format!("STATISTICS {} (", name(&table, &columns))),
            )
            .run(format!("ANALYZE {table}"));
    }
}

/// Before version 16 they must have a name.
fn name(table: &QName, columns: &[String]) -> String {
    let words = std::iter::once(table.name.as_str()).chain(columns.iter().map(String::as_str));
    let plain: Vec<String> = words.map(|word| word.replace('"', "")).collect();
    quoted(&truncated(&plain.join("_"))).into_owned()
}
