//! Two plans of a query: which is faster, and what is different.

use std::collections::BTreeMap;

use model::plan::{QueryPlan, ms};

use crate::Style;

/// What changed from one plan to the other.
pub fn compare(before: &QueryPlan, after: &QueryPlan, style: Style) -> String {
    let mut out = String::new();
    match (before.run_ms(), after.run_ms()) {
        (Some(one), Some(other)) if one > 0.0 && other > 0.0 => {
            let words = match other / one {
                factor @ ..0.95 => format!("B is {:.1} times as fast as A", 1.0 / factor),
                factor @ 1.05.. => format!("A is {factor:.1} times as fast as B"),
                _ => "A and B take the same time".to_owned(),
            };
            out += &format!("{words}: {} and {}\n", ms(one), ms(other));
        }
        _ => {
            let cost = |plan: &QueryPlan| plan.nodes.first().map_or(0.0, |root| root.cost);
            out += &format!("One of them was not run; estimated cost {:.0} and {:.0}\n", cost(before), cost(after));
        }
    }
    let (one, other) = (groups(before), groups(after));
    let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let mut changes: Vec<(f64, String)> = Vec::new();
    for key in keys {
        let (a, b) = (one.get(key), other.get(key));
        let own = |group: Option<&Group>| group.map_or(0.0, |group| group.own);
        let weight = (own(a) - own(b)).abs();
        let line = match (a, b) {
            (Some(a), None) => format!("- {key}: {}, {:.0} rows", ms(a.own), a.rows),
            (None, Some(b)) => format!("+ {key}: {}, {:.0} rows", ms(b.own), b.rows),
            (Some(a), Some(b)) if a.rows != b.rows || weight > 0.05 * (a.own + b.own) => {
                format!("  {key}: {} → {}, {:.0} → {:.0} rows", ms(a.own), ms(b.own), a.rows, b.rows)
            }
            _ => continue,
        };
        changes.push((weight, line));
    }
    changes.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    if changes.is_empty() {
        out += "The same nodes with the same rows\n";
    }
    for (_, line) in changes {
        out += &format!("{}\n", super::cut(&line, style.width));
    }
    out
}

#[derive(Default)]
struct Group {
    own: f64,
    rows: f64,
}

/// Nodes by what they do with what.
fn groups(plan: &QueryPlan) -> BTreeMap<String, Group> {
    let times = plan.times();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (index, node) in plan.nodes.iter().enumerate() {
        let name = node.object().map_or(node.label(), |object| format!("{} · {object}", node.label()));
        let group = groups.entry(name).or_default();
        group.own += times.as_ref().map_or(0.0, |times| times.own[index]);
        group.rows += node.total_rows().unwrap_or(node.estimated_rows);
    }
    groups
}
