//! What EXPLAIN says of a query. Whatever was done is taken back: with ANALYZE the statement runs.

use postgres::{SimpleQueryMessage, Transaction};

use crate::error::words;
use crate::{Client, Error};

/// The text that `EXPLAIN (options)` prints for the statement, after `before` was done in the same transaction.
pub fn explain(client: &mut Client, before: &str, query: &str, options: &str) -> Result<String, Error> {
    let query = query.trim().trim_end_matches(';');
    let mut transaction = client.transaction()?;
    if !before.is_empty() {
        transaction.batch_execute(before)?;
    }
    // One statement, and no more: the protocol that prepares takes no others.
    let runs = options.contains("ANALYZE");
    let statement = transaction.prepare(query).map_err(|cause| refused(&cause, runs))?;
    let generic = match statement.params().len() {
        0 => "",
        _ if !runs && is_since_16(&mut transaction)? => "GENERIC_PLAN, ",
        _ => {
            return Err(Error::refused(
                "the statement has parameters, and no values for them",
                "Write a value in the place of $1; without ANALYZE, PostgreSQL 16 and later plan it as it stands",
            ));
        }
    };
    let messages = transaction
        .simple_query(&format!("EXPLAIN ({generic}{options}) {query}"))
        .map_err(|cause| refused(&cause, runs))?;
    transaction.rollback()?;
    let lines = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// `GENERIC_PLAN` came with 16: https://www.postgresql.org/docs/16/sql-explain.html
fn is_since_16(transaction: &mut Transaction<'_>) -> Result<bool, Error> {
    let row = transaction.query_one("SELECT current_setting('server_version_num')::int >= 160000", &[])?;
    Ok(row.get(0))
}

/// What the server said, and a way out.
fn refused(cause: &postgres::Error, runs: bool) -> Error {
    let code = cause.as_db_error().map_or("", |server| server.code().code());
    let said = words(cause);
    let next = match code {
        "42601" if said.contains("multiple commands") => "Give one statement: each has a query plan of its own",
        "42601" => "Give one SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or TABLE, without EXPLAIN before it",
        "42P01" | "42703" | "42883" | "3F000" => {
            "Is it the database that has them? What is not on its search_path needs the name of its schema"
        }
        "42501" => "Ask as a role that may do what the statement does",
        "57014" if runs => "It ran for too long: without ANALYZE it is only planned",
        _ if runs => "It failed while it ran: without ANALYZE it is only planned",
        _ => "Mend the statement, and ask again",
    };
    Error::refused(format!("the database refused it: {said}"), next)
}
