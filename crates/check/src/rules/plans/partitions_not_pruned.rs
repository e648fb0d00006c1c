use std::collections::BTreeSet;

use model::Schema;
use model::plan::PlanNode;
use model::plan::QueryPlan;

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;

rule! {
    /// Most partitions were scanned and gave no row; compare the partition key itself with a constant or parameter.
    ///
    /// Partitions are left out when the condition on their key can be judged before they are read. A function around the key, a
    /// cast of it, or a value that another table gives prevents that. The gain is the time of the partitions that gave nothing.
    ///
    /// ```plan,bad
    /// Append  (cost=0.00..9000.00 rows=100 width=12) (actual time=12.000..60.000 rows=90 loops=1)
    ///   ->  Seq Scan on events_1  (cost=0.00..3000.00 rows=50 width=12) (actual time=20.000..20.000 rows=0 loops=1)
    ///         Filter: (date_trunc('month'::text, at) = '2024-03-01 00:00:00+00'::timestamp with time zone)
    ///         Rows Removed by Filter: 90000
    ///   ->  Seq Scan on events_2  (cost=0.00..3000.00 rows=50 width=12) (actual time=20.000..20.000 rows=0 loops=1)
    ///         Filter: (date_trunc('month'::text, at) = '2024-03-01 00:00:00+00'::timestamp with time zone)
    ///         Rows Removed by Filter: 90000
    ///   ->  Seq Scan on events_3  (cost=0.00..3000.00 rows=50 width=12) (actual time=0.010..20.000 rows=90 loops=1)
    ///         Filter: (date_trunc('month'::text, at) = '2024-03-01 00:00:00+00'::timestamp with time zone)
    ///         Rows Removed by Filter: 9000
    /// Execution Time: 60.100 ms
    /// ```
    /// ```plan,good
    /// Seq Scan on events_3 events  (cost=0.00..3000.00 rows=50 width=12) (actual time=0.010..20.000 rows=90 loops=1)
    ///   Filter: ((at >= '2024-03-01'::date) AND (at < '2024-04-01'::date))
    /// Execution Time: 20.100 ms
    /// ```
    "P022", Check::Plan(check)
}

fn check(plan: &QueryPlan, _: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for (index, _) in look.nodes().filter(|(_, node)| matches!(node.kind.as_str(), "Append" | "Merge Append")) {
        let parts: Vec<usize> = plan.inputs(index).filter(|part| !look.node(*part).never_ran()).collect();
        let is_scan = |part: &usize| plan.below(*part).iter().any(|below| look.node(*below).relation.is_some());
        let empty: Vec<usize> =
            parts.iter().copied().filter(|part| look.node(*part).total_rows() == Some(0.0)).collect();
        // The parts of a UNION are tables of their own; partitions are asked all the same.
        let filters: BTreeSet<String> = parts.iter().map(|part| asked(look.node(*part))).collect();
        let alike = filters.len() == 1 && filters.iter().all(|filter| !filter.is_empty());
        if parts.len() < 3 || empty.len() * 2 < parts.len() || !parts.iter().all(is_scan) || !alike {
            continue;
        }
        let gain: f64 = empty.iter().map(|part| look.whole(*part)).sum();
        let message = format!("{} of {} partitions were scanned and gave no row", empty.len(), parts.len());
        let Some(draft) = look.say(findings, index, gain, message) else { continue };
        let first = look.node(parts[0]);
        if let Some((_, condition)) = first.conditions.all().last() {
            draft
                .why(format!("the condition is {}", condition.text))
                .why("only a comparison of the bare partition key with a value leaves partitions out");
        }
    }
}

/// What a partition is asked, without the names of partitions in it.
fn asked(node: &PlanNode) -> String {
    let names = [node.alias.as_deref(), node.relation.as_deref()];
    let texts: Vec<String> = node
        .conditions
        .all()
        .map(|(_, condition)| {
            names.into_iter().flatten().fold(condition.text.clone(), |text, name| text.replace(&format!("{name}."), ""))
        })
        .collect();
    texts.join(" ")
}
