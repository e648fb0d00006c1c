use model::QName;
use model::Schema;
use model::name::quoted;
use model::plan::PlanNode;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::plans::indexing::{self, Advice};
use crate::plans::{early, kept_and_removed, table};
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// A LIMIT hopes to find its rows early in an order, and reads nearly everything before it does; give it an index of the filter and the order together.
    ///
    /// The planner expects the rows that match to lie evenly along the order. Where they lie at its end, or are few, the scan
    /// goes through the whole table by way of an index. The gain is the time of the scan, times the part of the rows that was
    /// thrown away.
    ///
    /// ```plan,bad
    /// Limit  (cost=0.42..40.00 rows=10 width=36) (actual time=80.000..90.000 rows=10 loops=1)
    ///   ->  Index Scan using orders_pkey on orders  (cost=0.42..4000.00 rows=1000 width=36) (actual time=80.000..90.000 rows=10 loops=1)
    ///         Filter: (status = 'open'::text)
    ///         Rows Removed by Filter: 90000
    /// Execution Time: 90.100 ms
    /// ```
    /// ```plan,good
    /// Limit  (cost=0.42..4.00 rows=10 width=36) (actual time=0.020..0.030 rows=10 loops=1)
    ///   ->  Index Scan using orders_status_id on orders  (cost=0.42..400.00 rows=1000 width=36) (actual time=0.020..0.030 rows=10 loops=1)
    ///         Index Cond: (status = 'open'::text)
    /// Execution Time: 0.100 ms
    /// ```
    "P025", fix, Check::Plan(check)
}

const FEW_ROWS: f64 = 1_000.0;
const WASTE: f64 = 20.0;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, node) in look.nodes().filter(|(_, node)| matches!(node.kind.as_str(), "Index Scan" | "Index Only Scan"))
    {
        let Some(limit) = early::limit_above(&look, index) else { continue };
        let (Some(table), Some(filter)) = (table(node), &node.conditions.filter) else { continue };
        let (kept, removed) = kept_and_removed(node);
        if removed < FEW_ROWS || removed < WASTE * kept.max(1.0) {
            continue;
        }
        let wanted = look.node(limit).total_rows().unwrap_or(0.0);
        let message =
            format!("{} rows of {table} were read to find the first {}", grouped(kept + removed), grouped(wanted));
        let Some(draft) = look.say(findings, index, look.own(index) * removed / (removed + kept), message) else {
            continue;
        };
        let draft = draft.why(format!(
            "the filter {} is checked along the order of {}",
            filter.text,
            node.index.as_deref().unwrap_or("an index")
        ));
        let order = schema_order(schema, node);
        let wants = indexing::wants(schema, node, filter);
        match indexing::advice(&table, &[], &wants, &order) {
            Some(Advice::Index { sql, .. }) if !order.is_empty() => {
                sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
            }
            Some(Advice::Index { sql, .. }) => {
                let draft = draft.why("the columns of the order belong behind those of the filter");
                sql.into_iter().fold(draft, |draft, sql| draft.run(sql));
            }
            _ => {}
        }
    }
}

/// The columns of the index that gives the order, where the schema is known or its name says it.
fn schema_order(schema: &Schema, node: &PlanNode) -> Vec<String> {
    let (Some(table), Some(index)) = (table(node), &node.index) else { return Vec::new() };
    let qname = if table.schema.is_empty() { QName::public(table.name) } else { table };
    let Some(table) = schema.table(&qname) else { return Vec::new() };
    let key = table.constraints.iter().find(|one| one.name == *index).map(|one| one.columns().to_vec());
    let columns = key.or_else(|| {
        let index = table.indexes.iter().find(|one| one.name == *index)?;
        index.keys.iter().map(|key| key.expr.as_column().cloned()).collect()
    });
    columns.unwrap_or_default().iter().map(|name| quoted(name).into_owned()).collect()
}
