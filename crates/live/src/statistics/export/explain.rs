//! What the planner says of one index: its costs tell what is in the first page, which only a superuser may read.

use postgres::{SimpleQueryMessage, Transaction};
use serde_json::Value;

/// A scan of an index in a query plan.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) index: String,
    pub(super) startup: f64,
    pub(super) total: f64,
}

/// The first one in the query plan. A query that the server refuses leaves no trace in the transaction.
pub(super) fn scan(transaction: &mut Transaction<'_>, query: &str) -> Option<Scan> {
    let mut inner = transaction.transaction().ok()?;
    let said = inner.simple_query(&format!("EXPLAIN (FORMAT JSON) {query}")).ok()?;
    inner.rollback().ok()?;
    let text = said.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    first(&serde_json::from_str(text?).ok()?)
}

fn first(plan: &Value) -> Option<Scan> {
    match plan {
        Value::Array(plans) => plans.iter().find_map(first),
        Value::Object(node) => {
            let cost = |key: &str| node.get(key).and_then(Value::as_f64);
            match node.get("Index Name").and_then(Value::as_str) {
                Some(index) => {
                    Some(Scan { index: index.to_owned(), startup: cost("Startup Cost")?, total: cost("Total Cost")? })
                }
                None => node.values().find_map(first),
            }
        }
        _ => None,
    }
}
