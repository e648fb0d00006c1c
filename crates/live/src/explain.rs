//! What EXPLAIN says of a query. Whatever was done is taken back: with ANALYZE the statement runs.

use postgres::SimpleQueryMessage;

use crate::{Client, Error};

/// The text that `EXPLAIN (options)` prints for the statement, after `before` was done in the same transaction.
pub fn explain(client: &mut Client, before: &str, query: &str, options: &str) -> Result<String, Error> {
    let query = query.trim().trim_end_matches(';');
    let mut transaction = client.transaction()?;
    if !before.is_empty() {
        transaction.batch_execute(before)?;
    }
    // One statement, and no more: the protocol that prepares takes no others.
    transaction.prepare(query)?;
    let messages = transaction.simple_query(&format!("EXPLAIN ({options}) {query}"))?;
    transaction.rollback()?;
    let lines = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
