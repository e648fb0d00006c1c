use model::Expr;
use model::Schema;
use model::name::quoted;
use model::plan::{Condition, PlanNode, QueryPlan, Relationship, ms};

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::indexing::{self, Advice};
use crate::plans::table;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A sub-query runs once for each row; write it as a join, or give it the index that it asks for.
    ///
    /// A sub-query that refers to the outer row, or a NOT IN whose list does not fit into memory, is run anew for each row. A
    /// join or a lateral sub-query over grouped rows reads the table once. The gain is what the sub-plan takes beyond a join.
    ///
    /// ```plan,bad
    /// Seq Scan on customers c  (cost=0.00..900000.00 rows=900 width=36) (actual time=1.060..990.000 rows=900 loops=1)
    ///   SubPlan 1
    ///     ->  Aggregate  (cost=1000.00..1000.01 rows=1 width=8) (actual time=1.000..1.000 rows=1 loops=900)
    ///           ->  Seq Scan on orders o  (cost=0.00..1000.00 rows=10 width=8) (actual time=0.520..0.990 rows=10 loops=900)
    ///                 Filter: (customer_id = c.id)
    ///                 Rows Removed by Filter: 8990
    /// Execution Time: 995.000 ms
    /// ```
    /// ```plan,good
    /// Hash Left Join  (cost=0.00..900.00 rows=900 width=36) (actual time=1.060..9.000 rows=900 loops=1)
    ///   Hash Cond: (c.id = s.customer_id)
    ///   ->  Seq Scan on customers c  (cost=0.00..10.00 rows=900 width=36) (actual time=0.060..0.900 rows=900 loops=1)
    ///   ->  Hash  (cost=100.00..100.00 rows=900 width=8) (actual time=6.000..6.000 rows=900 loops=1)
    ///         ->  Subquery Scan on s  (cost=0.00..100.00 rows=900 width=8) (actual time=5.000..5.500 rows=900 loops=1)
    /// Execution Time: 9.500 ms
    /// ```
    "P024", fix, Check::Plan(check)
}

const MANY: f64 = 100.0;
/// What a join takes for each row at most.
const JOINED_MS: f64 = 0.005;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| node.relationship == Relationship::SubPlan) {
        let again = look.repeats(index);
        if again < MANY {
            continue;
        }
        let name = node.subplan.clone().unwrap_or_default();
        let message = format!("{name} runs {} times, once for each row", grouped(node.loops()));
        let gain = look.whole(index) - node.loops() * JOINED_MS / look.processes(index);
        let Some(mut draft) = look.say(findings, index, gain, message) else { continue };
        draft =
            draft.why(format!("each time takes {}", ms(node.actual.and_then(|actual| actual.total_ms).unwrap_or(0.0))));
        let asker = node.parent.map(|parent| look.node(parent));
        let negated = asker.is_some_and(|asker| {
            asker.conditions.all().any(|(_, condition)| {
                condition.text.contains(&format!("NOT ({name}")) || condition.text.contains("<> ALL")
            })
        });
        if negated {
            draft = draft.why("NOT IN keeps a list; NOT EXISTS becomes a join, and work_mem may hold the list");
        }
        // Where it scans a table each time, an index makes the best of it.
        let scan = plan
            .below(index)
            .into_iter()
            .find(|below| look.node(*below).is_seq_scan() && look.node(*below).removed.filter > 0.0);
        let Some(scan) = scan.map(|scan| look.node(scan)) else { continue };
        let (Some(table), Some(filter)) = (table(scan), &scan.conditions.filter) else { continue };
        // Another table's column is one value for each run of the sub-plan.
        let keys = correlated_keys(scan, filter);
        let wants = indexing::wants(schema, scan, filter);
        if let Some(Advice::Index { sql, .. }) = indexing::advice(&table, &keys, &wants, &[]) {
            sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
        }
    }
}

/// Inside a sub-plan the columns of its own table may stand without its name.
fn correlated_keys(scan: &PlanNode, filter: &Condition) -> Vec<String> {
    let own = scan.alias.as_ref().or(scan.relation.as_ref());
    let is_own = |expr: &Expr| match expr.without_casts() {
        Expr::Column(column) if column.qualifier.is_none() || column.qualifier.as_ref() == own => {
            Some(quoted(&column.name).into_owned())
        }
        _ => None,
    };
    let parts = filter.expr.conjuncts().into_iter();
    let key = |part: &Expr| match part {
        Expr::Binary { op, left, right } if op == "=" => match (is_own(left), is_own(right)) {
            (Some(key), None) if !indexing::is_value(right) => Some(key),
            (None, Some(key)) if !indexing::is_value(left) => Some(key),
            _ => None,
        },
        _ => None,
    };
    parts.filter_map(key).collect()
}
