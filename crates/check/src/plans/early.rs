//! Scans that end as soon as a LIMIT has its rows.

use super::Look;

/// The LIMIT above that stops the node early: nothing between the two needs all rows before it gives the first.
pub(crate) fn limit_above(look: &Look<'_>, node: usize) -> Option<usize> {
    let mut below = node;
    for above in look.plan.above(node) {
        let kind = look.node(above).kind.as_str();
        let is_outer = look.plan.inputs(above).next() == Some(below);
        let streams = match kind {
            "Limit" => return Some(above),
            "Nested Loop" | "Append" | "Merge Append" => is_outer || kind != "Nested Loop",
            "Subquery Scan" | "Result" | "ProjectSet" | "Unique" | "LockRows" | "Gather Merge" | "Incremental Sort" => {
                true
            }
            _ => false,
        };
        if !streams || look.node(below).relationship.is_side() {
            return None;
        }
        below = above;
    }
    None
}
