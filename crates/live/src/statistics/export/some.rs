//! Some rows of a table of the database, read so that nobody has to wait for it.

use postgres::{Row, Transaction};

use crate::Error;

/// The answer, unless it takes longer or may not be had: what it is for can do without.
pub(super) fn within(transaction: &mut Transaction<'_>, seconds: u32, query: &str) -> Result<Option<Vec<Row>>, Error> {
    let mut inner = transaction.transaction()?;
    inner.batch_execute(&format!("SET LOCAL statement_timeout = '{seconds}s'"))?;
    let found = inner.query(query, &[]);
    inner.rollback()?;
    Ok(found.ok())
}

/// What stands behind a table's name to read about so many of its rows or pages: whole pages, the same each time.
pub(super) fn part(wanted: f64, total: f64) -> String {
    match total > 1.2 * wanted {
        true => format!(" TABLESAMPLE SYSTEM ({}) REPEATABLE (1)", 100.0 * wanted / total),
        false => String::new(),
    }
}
