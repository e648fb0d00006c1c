//! One statement of a user's text: by the extended protocol, which takes no second one.

use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, Row};

use crate::Error;

/// What a statement gave.
#[derive(Debug, Default)]
pub struct Ran {
    pub rows: Vec<Row>,
    /// How many rows it wrote or returned, where the server says so.
    pub affected: u64,
}

/// Runs exactly one statement: text that was glued together from two is refused before any of it runs.
pub fn run(client: &mut Client, statement: &str) -> Result<Ran, Error> {
    let prepared = client.prepare(statement)?;
    if !prepared.params().is_empty() {
        return Err(Error::refused(
            format!("the statement has {} parameters without values", prepared.params().len()),
            "Write values in place of $1",
        ));
    }
    let mut found = client.query_raw(&prepared, std::iter::empty::<&str>())?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(row);
    }
    let affected = found.rows_affected().unwrap_or(0);
    Ok(Ran { rows, affected })
}
