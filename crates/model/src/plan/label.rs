//! The name of a node as EXPLAIN writes it in text.

use super::PlanNode;

impl PlanNode {
    /// `Parallel Seq Scan`, `HashAggregate`, `Hash Left Join`, `Update`
    pub fn label(&self) -> String {
        let mut words = Vec::new();
        if self.asynchronous {
            words.push("Async");
        }
        if self.parallel {
            words.push("Parallel");
        }
        words.extend(self.partial.as_deref());
        let strategy = self.strategy.as_deref();
        match self.kind.as_str() {
            "Aggregate" => words.push(match strategy {
                Some("Sorted") => "GroupAggregate",
                Some("Hashed") => "HashAggregate",
                Some("Mixed") => "MixedAggregate",
                _ => "Aggregate",
            }),
            "SetOp" => {
                words.push(if strategy == Some("Hashed") { "HashSetOp" } else { "SetOp" });
                words.extend(self.operation.as_deref());
            }
            "ModifyTable" => words.push(self.operation.as_deref().unwrap_or("ModifyTable")),
            "Foreign Scan" if self.operation.is_some() => {
                words.push("Foreign");
                words.extend(self.operation.as_deref());
            }
            "Nested Loop" => {
                words.push("Nested Loop");
                if let Some(join) = &self.join {
                    words.extend([join.as_str(), "Join"]);
                }
            }
            "Hash Join" | "Merge Join" => {
                words.push(if self.kind == "Hash Join" { "Hash" } else { "Merge" });
                words.extend(self.join.as_deref());
                words.push("Join");
            }
            other => words.push(other),
        }
        if self.backward {
            words.push("Backward");
        }
        words.join(" ")
    }

    /// What the node reads: the table with its other name, an index, a function, a CTE.
    pub fn object(&self) -> Option<String> {
        let mut text = match (&self.index, &self.relation) {
            (Some(index), Some(relation)) => format!("{relation} by {index}"),
            (None, Some(relation)) => relation.to_string(),
            (Some(index), None) => index.to_string(),
            (None, None) => self.function.as_ref().or(self.cte.as_ref()).or(self.alias.as_ref())?.to_string(),
        };
        if let Some(alias) = self.alias.as_ref().filter(|alias| *text != ***alias) {
            text += &format!(" ({alias})");
        }
        Some(text)
    }
}
