//! Whether a query written differently does the same: both are run on rows that are few, alike, and full of NULLs.
//!
//! The rows are made of the constants that the query itself compares with and their neighbours, so that its conditions
//! are met, missed, and unknown. A difference on any of them is a counterexample; agreement on all of them is what is
//! called proven, beside the conditions that the rule has checked.

mod run;
mod values;

use std::collections::BTreeSet;

use model::object::Table;
use model::rewrite::{Offer, Proof};
use model::{QName, Query, Schema};
use postgres::Client;

use crate::Error;
use crate::sample::ordered;
use run::{Answer, answer, literals};
use values::Values;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As often as they were compared, with so many rows at most in an answer.
    Same { compared: usize, rows: usize },
    /// The rows that were in the tables are gone; what both said of them is here.
    Differs { before: String, after: String },
    /// The server takes one of them never.
    Refused(String),
}

/// How many sets of rows are tried. The first one is empty.
pub const SETS: u32 = 10;

/// Runs both on every set of rows, in a transaction that is taken back. `sql` may be several statements where they
/// write.
pub fn same(
    client: &mut Client,
    schema: &Schema,
    sql: &str,
    queries: &[&Query],
    offer: &Offer,
) -> Result<Outcome, Error> {
    let tables = tables(schema, queries);
    let values = Values::of(schema, &tables, queries);
    let write = queries.iter().find_map(|query| query.write.as_ref());
    let written = write.map(|write| write.table.to_string());
    let (mut compared, mut rows, mut refused) = (0, 0, None);
    for set in 0..SETS {
        client.batch_execute("BEGIN; SET LOCAL statement_timeout = '10s'; SET LOCAL search_path = public")?;
        let outcome = fill(client, &values, &tables, set)
            .and_then(|()| compare(client, &values, set, (sql, offer), written.as_deref()));
        client.batch_execute("ROLLBACK")?;
        match outcome? {
            Compared::Same(count) => {
                compared += 1;
                rows = rows.max(count);
            }
            Compared::Differs(before, after) => return Ok(Outcome::Differs { before, after }),
            Compared::Refused(why) => refused = Some(why),
        }
    }
    Ok(match (compared, refused) {
        (0, Some(why)) => Outcome::Refused(why),
        _ => Outcome::Same { compared, rows },
    })
}

/// From this set on, one of the tables has no rows.
const ONE_EMPTY: u32 = 7;

enum Compared {
    Same(usize),
    Differs(String, String),
    /// The query as it was is refused on these rows: nobody can say what it would have given.
    Refused(String),
}

/// The tables that the queries name, views opened, and those that their rows refer to.
fn tables<'s>(schema: &'s Schema, queries: &[&Query]) -> Vec<&'s Table> {
    let mut names: BTreeSet<QName> = BTreeSet::new();
    for query in queries {
        named(schema, query, &mut names, 0);
    }
    loop {
        let found = names.iter().filter_map(|name| schema.table(name));
        let parents: Vec<QName> = found
            .flat_map(Table::foreign_keys)
            .map(|(_, key)| key.table.clone())
            .filter(|name| !names.contains(name))
            .collect();
        if parents.is_empty() {
            break;
        }
        names.extend(parents);
    }
    parents_first(ordered(schema).into_iter().filter(|table| names.contains(&table.name)).collect())
}

/// Also those that a row may do without: it is to have one where it can.
fn parents_first(mut waiting: Vec<&Table>) -> Vec<&Table> {
    let mut order: Vec<&Table> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |table: &&Table| {
            let waits = |name: &QName| *name != table.name && waiting.iter().any(|other| other.name == *name);
            !table.foreign_keys().any(|(_, key)| waits(&key.table))
        };
        // In a circle somebody has to be first.
        let next = waiting.iter().position(is_ready).unwrap_or(0);
        order.push(waiting.remove(next));
    }
    order
}

fn named(schema: &Schema, query: &Query, names: &mut BTreeSet<QName>, depth: usize) {
    const DEPTH: usize = 16;
    query.walk(&mut |level| {
        let written = level.write.iter().map(|write| &write.table);
        for name in level.tables().into_iter().filter(|table| !table.cte).map(|table| &table.name).chain(written) {
            names.insert(name.clone());
            if let Some(view) = schema.view(name)
                && depth < DEPTH
            {
                named(schema, &view.query, names, depth + 1);
            }
        }
    });
}

/// Fills the tables; rows that a constraint refuses are left out.
fn fill(client: &mut Client, values: &Values<'_>, tables: &[&Table], set: u32) -> Result<(), Error> {
    let mut script = String::new();
    for (at, table) in tables.iter().enumerate() {
        // A join with nothing, and a list of nothing.
        if set >= ONE_EMPTY && (set - ONE_EMPTY) as usize % tables.len() == at {
            continue;
        }
        for row in 0..values::rows(set) {
            let insert = values.insert(table, set, at as u32, row);
            script += &format!("BEGIN {insert}; EXCEPTION WHEN OTHERS THEN NULL; END;\n");
        }
    }
    if !script.is_empty() {
        client.batch_execute(&format!("DO $palladio$ BEGIN\n{script}END $palladio$"))?;
    }
    Ok(())
}

fn compare(
    client: &mut Client,
    values: &Values<'_>,
    set: u32,
    (sql, offer): (&str, &Offer),
    written: Option<&str>,
) -> Result<Compared, Error> {
    match &offer.proof {
        Proof::Rows => {
            let given = match literals(client, values, set, sql)? {
                Ok(given) => given,
                Err(why) => return Ok(Compared::Refused(why)),
            };
            Ok(match written {
                None => alike(answer(client, sql, &given)?, answer(client, &offer.sql, &given)?),
                Some(table) => {
                    let before = run::written(client, sql, &given, table, false)?;
                    alike(before, run::written(client, &offer.sql, &given, table, false)?)
                }
            })
        }
        Proof::Written { table, tried, again } => {
            let given = match literals(client, values, set, sql)? {
                Ok(given) => given,
                Err(why) => return Ok(Compared::Refused(why)),
            };
            let before = run::written(client, sql, &given, table, false)?;
            Ok(alike(before, run::written(client, tried, &given, table, *again)?))
        }
        Proof::View { make } => {
            // It goes with the transaction.
            client.batch_execute(make)?;
            Ok(alike(answer(client, sql, &[])?, answer(client, &offer.sql, &[])?))
        }
        Proof::Pages { all, keys } => pages(client, values, set, (sql, offer), all, keys),
        Proof::None => Ok(Compared::Refused("nothing is claimed of its rows".to_owned())),
    }
}

/// Compares what both said.
fn alike(before: Result<Answer, String>, after: Result<Answer, String>) -> Compared {
    match (before, after) {
        (Err(why), _) => Compared::Refused(why),
        (Ok(before), Err(why)) => Compared::Differs(before.text(), why),
        (Ok(before), Ok(after)) if before.is_like(&after) => Compared::Same(before.touched),
        (Ok(before), Ok(after)) => Compared::Differs(before.text(), after.text()),
    }
}

/// Behind each row come the rows that come behind it in the whole answer.
fn pages(
    client: &mut Client,
    values: &Values<'_>,
    set: u32,
    (sql, offer): (&str, &Offer),
    all: &str,
    keys: &[usize],
) -> Result<Compared, Error> {
    // The parameters of the query as it was; those of the keys come in their places.
    let given = match literals(client, values, set, sql)? {
        Ok(given) => given,
        Err(why) => return Ok(Compared::Refused(why)),
    };
    let whole = match answer(client, all, &run::until(&given, all))? {
        Ok(whole) => whole,
        Err(why) => return Ok(Compared::Refused(why)),
    };
    let mut pages = 0;
    for (at, row) in whole.rows.iter().enumerate() {
        let mut given = given.clone();
        for (key, number) in keys.iter().enumerate() {
            given.resize(given.len().max(*number), "NULL".to_owned());
            given[number - 1] = row[key].as_ref().map_or("NULL".to_owned(), |value| model::name::literal(value));
        }
        let page = match answer(client, &offer.sql, &run::until(&given, &offer.sql))? {
            Ok(page) => page,
            Err(why) => return Ok(Compared::Differs(whole.text(), why)),
        };
        let behind = whole.rows[at + 1..].iter().map(|row| row[keys.len()..].to_vec());
        let expected: Vec<_> = behind.take(page.rows.len()).collect();
        let missing = page.rows.is_empty() && at + 1 < whole.rows.len() && !run::takes_none(&given);
        if expected != page.rows || missing {
            return Ok(Compared::Differs(whole.text(), page.text()));
        }
        pages += page.rows.len();
    }
    Ok(Compared::Same(pages))
}
