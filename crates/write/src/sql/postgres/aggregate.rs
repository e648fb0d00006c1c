//! Aggregates.

use model::object::Aggregate;

use super::words;

pub(super) fn create(aggregate: &Aggregate, verb: &str) -> String {
    let options: Vec<String> = aggregate
        .options
        .iter()
        .map(|(name, value)| {
            let value = value.to_string();
            if value.is_empty() { name.to_string() } else { format!("{name} = {value}") }
        })
        .collect();
    format!("{};", words::block(&format!("{verb} AGGREGATE {}({})", aggregate.name, aggregate.arguments), &options))
}
