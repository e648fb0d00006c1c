//! Running a statement with made-up values for its parameters, and what it answers.

use postgres::{Client, SimpleQueryMessage};

use super::Values;
use crate::Error;
use crate::Refusal;

/// The rows of an answer, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<Option<String>>>,
    /// How many rows were given or written.
    pub(super) touched: usize,
}

impl Answer {
    /// The same rows as often, in any order, under the same names.
    pub(super) fn is_like(&self, other: &Answer) -> bool {
        let sorted = |answer: &Answer| {
            let mut rows = answer.rows.clone();
            rows.sort();
            rows
        };
        (self.names == other.names || self.rows.is_empty() && other.rows.is_empty()) && sorted(self) == sorted(other)
    }

    pub(super) fn text(&self) -> String {
        let line = |row: &Vec<Option<String>>| {
            let values = row.iter().map(|value| value.as_deref().unwrap_or("NULL"));
            format!("({})", values.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = self.rows.iter().map(line).collect();
        format!("{} {}", self.names.join(", "), rows.join(" "))
    }
}

/// A value for each parameter; or why the server does not take the statement.
pub(super) fn literals(
    client: &mut Client,
    values: &Values<'_>,
    set: u32,
    sql: &str,
) -> Result<Result<Vec<String>, String>, Error> {
    if !sql.contains('$') {
        return Ok(Ok(Vec::new()));
    }
    client.batch_execute("SAVEPOINT asked")?;
    match client.prepare(sql) {
        Ok(statement) => {
            client.batch_execute("RELEASE asked")?;
            let types = statement.params().iter().enumerate();
            Ok(Ok(types.map(|(at, ty)| values.parameter(ty.name(), set, at as u32)).collect()))
        }
        Err(error) => {
            client.batch_execute("ROLLBACK TO asked")?;
            Ok(Err(Refusal::of(error)?.message))
        }
    }
}

/// The values of the parameters that the statement has.
pub(super) fn until(given: &[String], sql: &str) -> Vec<String> {
    let last = (1..=given.len()).rev().find(|number| has(sql, *number)).unwrap_or(0);
    given[..last].to_vec()
}

fn has(sql: &str, number: usize) -> bool {
    let word = format!("${number}");
    sql.match_indices(&word).any(|(at, _)| !sql[at + word.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

/// A limit of no rows may be among the values.
pub(super) fn takes_none(given: &[String]) -> bool {
    given.iter().any(|value| value.trim_matches('\'') == "0")
}

/// What it answers; or what the server says in place of it.
pub(super) fn answer(client: &mut Client, sql: &str, given: &[String]) -> Result<Result<Answer, String>, Error> {
    client.batch_execute("SAVEPOINT asked")?;
    let ran = execute(client, sql, given);
    client.batch_execute("ROLLBACK TO asked")?;
    match ran {
        Ok(answer) => Ok(Ok(answer)),
        Err(error) => Ok(Err(Refusal::of(error)?.message)),
    }
}

/// What it gives, and the rows of the table when it has run.
pub(super) fn written(
    client: &mut Client,
    sql: &str,
    given: &[String],
    table: &str,
    again: bool,
) -> Result<Result<Answer, String>, Error> {
    /// Of batches of two rows.
    const MOST: usize = 100;
    client.batch_execute("SAVEPOINT asked")?;
    let mut run = || {
        let mut all = Answer::default();
        for _ in 0..MOST {
            let one = execute(client, sql, given)?;
            all.rows.extend(one.rows);
            all.touched += one.touched;
            if !again || one.touched == 0 {
                break;
            }
        }
        let left = execute(client, &format!("SELECT * FROM {table}"), &[])?;
        all.names = left.names;
        all.rows.extend(left.rows);
        Ok(all)
    };
    let ran = run();
    client.batch_execute("ROLLBACK TO asked")?;
    match ran {
        Ok(found) => Ok(Ok(found)),
        Err(error) => Ok(Err(Refusal::of(error)?.message)),
    }
}

fn execute(client: &mut Client, sql: &str, given: &[String]) -> Result<Answer, postgres::Error> {
    let messages = match given {
        [] => client.simple_query(sql)?,
        given => {
            // What was prepared stays when its transaction is taken back.
            client.batch_execute(&format!("DEALLOCATE ALL; PREPARE palladio_asked AS {sql}"))?;
            client.simple_query(&format!("EXECUTE palladio_asked({})", given.join(", ")))?
        }
    };
    let mut answer = Answer::default();
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => {
                answer.names = row.columns().iter().map(|column| column.name().to_owned()).collect();
                answer.rows.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
            }
            SimpleQueryMessage::CommandComplete(rows) => answer.touched += rows as usize,
            _ => {}
        }
    }
    Ok(answer)
}
