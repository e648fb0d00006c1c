//! Who is whose child: by indentation, and where that is lost, by how many inputs each kind of node has.

use super::head::{self, Head};
use crate::queryplan::paste::Line;
use crate::queryplan::tree::{Map, Value};

/// All arrows stand in the same column, though there are several: the indentation is lost.
pub(super) fn is_flat(lines: &[Line]) -> bool {
    let arrows: Vec<usize> = lines
        .iter()
        .filter(|line| line.text.trim_start().starts_with("->"))
        .map(|line| line.text.len() - line.text.trim_start().len())
        .collect();
    // A plan may be one node and its inputs: then all arrows stand in one column by right, but not in the first.
    arrows.len() > 1 && arrows.iter().all(|column| *column == arrows[0]) && arrows[0] < 2
}

pub(super) struct Shape {
    flat: bool,
    /// Columns of the nodes above, with their positions; side plans have the position of the node they belong to.
    open: Vec<Level>,
    /// The side plan whose node comes next.
    waiting: Option<String>,
    /// How many inputs each node has so far.
    inputs: Vec<usize>,
}

struct Level {
    column: usize,
    node: usize,
    side: Option<String>,
}

impl Shape {
    pub(super) fn new(flat: bool) -> Shape {
        Shape { flat, open: Vec::new(), waiting: None, inputs: Vec::new() }
    }

    /// `SubPlan 1`: it stands as far right as the arrows of its siblings.
    pub(super) fn side_plan(&mut self, name: &str, column: usize) {
        if self.flat {
            self.waiting = Some(name.to_owned());
            return;
        }
        while self.open.len() > 1 && self.open.last().is_some_and(|level| level.column >= column) {
            self.open.pop();
        }
        if let Some(node) = self.open.last().map(|level| level.node) {
            self.open.push(Level { column, node, side: Some(name.to_owned()) });
        }
    }

    /// The parent of the node in this line, and the side plan that it is.
    pub(super) fn node(
        &mut self,
        head: &Head,
        column: usize,
        nodes: &[(Option<usize>, Map)],
    ) -> (Option<usize>, Option<String>) {
        self.inputs.push(0);
        if self.flat {
            return self.flat_node(head, nodes);
        }
        while self.open.last().is_some_and(|level| level.column >= column) && self.open.len() > 1 {
            self.open.pop();
        }
        let above = self.open.last();
        let parent = above.map(|level| level.node).filter(|_| head.arrow);
        let side = above.and_then(|level| level.side.clone());
        self.open.push(Level { column, node: nodes.len(), side: None });
        (parent, side)
    }

    fn flat_node(&mut self, head: &Head, nodes: &[(Option<usize>, Map)]) -> (Option<usize>, Option<String>) {
        let own = Level { column: 0, node: nodes.len(), side: None };
        if !head.arrow || nodes.is_empty() {
            self.open.push(own);
            return (None, None);
        }
        if let Some(name) = self.waiting.take() {
            // Who asks for a SubPlan says so; an InitPlan and a CTE stand right below their node.
            let mention = format!("{name})");
            let asks = |(_, map): &&(Option<usize>, Map)| {
                map.entries.iter().any(|entry| entry.value.shown().contains(&mention))
            };
            let parent = match name.starts_with("SubPlan") {
                true => nodes.iter().rposition(|node| asks(&node)).unwrap_or(nodes.len() - 1),
                false => nodes.len() - 1,
            };
            self.open.push(own);
            return (Some(parent), Some(name));
        }
        // The nearest node above that still lacks an input.
        while self.open.len() > 1 {
            let Some(level) = self.open.last() else { break };
            let inputs = self.inputs.get(level.node).copied().unwrap_or(0);
            let lacks = nodes.get(level.node).is_some_and(|(_, map)| inputs < most_inputs(map));
            if lacks {
                break;
            }
            self.open.pop();
        }
        let parent = self.open.last().map(|level| level.node);
        self.open.push(own);
        (parent, None)
    }

    /// What a node that is no side plan is to its parent.
    pub(super) fn relationship(&mut self, parent: usize, nodes: &[(Option<usize>, Map)]) -> &'static str {
        let kind = nodes.get(parent).and_then(|(_, map)| map.get("Node-Type")).and_then(Value::as_text).unwrap_or("");
        let siblings = self.inputs.get(parent).copied().unwrap_or(0);
        if let Some(inputs) = self.inputs.get_mut(parent) {
            *inputs += 1;
        }
        match kind {
            "Append" | "Merge Append" | "BitmapAnd" | "BitmapOr" | "Custom Scan" => "Member",
            "Subquery Scan" => "Subquery",
            _ if siblings > 0 => "Inner",
            _ => "Outer",
        }
    }
}

fn most_inputs(map: &Map) -> usize {
    match map.get("Node-Type").and_then(Value::as_text).unwrap_or("") {
        "Nested Loop" | "Hash Join" | "Merge Join" | "Recursive Union" => 2,
        // Since version 18 its inputs are two.
        "SetOp" => 2,
        "Append" | "Merge Append" | "BitmapAnd" | "BitmapOr" => usize::MAX,
        "Bitmap Heap Scan" | "Subquery Scan" | "Result" | "ModifyTable" => 1,
        kind if kind.ends_with("Scan") => 0,
        kind if head::is_known(kind) => 1,
        _ => usize::MAX,
    }
}
