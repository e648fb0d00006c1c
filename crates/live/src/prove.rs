//! A migration is rehearsed on rows that obey the schema: every step with its locks watched, taken back and run again,
//! and from the end of each phase the whole way back to the start; what comes of it is laid beside the target.

pub mod history;

mod images;
mod parameter;
mod query;
mod run;
mod walk;

use std::collections::BTreeSet;

use model::planned::Planned;
use model::proven::{Proven, Tried};
use model::{Name, QName, Schema};
use postgres::Client;

use crate::sample::{self, Ahead, EnumValue, Filled};
use crate::{Error, Target, introspect};
pub use images::Kept;
pub use query::Asked;

use walk::Walk;

/// What is proven, and on what.
#[derive(Debug)]
pub struct Subject<'a> {
    pub plan: &'a Planned,
    /// As it was read, with what the plan asks of its rows: they are made from it.
    pub before: &'a Ahead,
    /// Scripts that make both schemas in an empty database.
    pub scripts: [&'a str; 2],
    pub rows: Rows<'a>,
    /// Columns that are to keep their values: by their names before and after.
    pub kept: Vec<Kept>,
    /// Columns in which old rows get another value, as the user wants it. It stays when the rest is taken back.
    pub filled: BTreeSet<(QName, Name)>,
    /// What the application asks before and after.
    pub queries: [Vec<Asked>; 2],
}

/// Where the rows come from.
#[derive(Clone, Debug)]
pub enum Rows<'a> {
    /// So many for each table, made from the types and constraints. Values of enums that are in `without` are in none.
    Made { count: u32, without: BTreeSet<EnumValue> },
    /// Statements that bring them.
    Given(&'a str),
    /// So many of each table of a running database, with the rows that they refer to.
    Copied { from: &'a Target, count: u32 },
}

/// Gives connections to two empty databases.
pub trait Stage {
    fn open(&mut self, database: Database) -> Result<Client, Error>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Rehearsal,
    Target,
}

/// What is different between two schemas, in words.
pub type Differences<'a> = dyn Fn(&Schema, &Schema) -> Vec<String> + 'a;

/// Rehearses the plan.
pub fn prove(subject: &Subject<'_>, stage: &mut dyn Stage, differences: &Differences<'_>) -> Result<Proven, Error> {
    let wanted = wanted(subject, stage)?;
    let mut client = stage.open(Database::Rehearsal)?;
    let observer = stage.open(Database::Rehearsal)?;
    client.batch_execute(run::SETTINGS)?;
    client.batch_execute(subject.scripts[0])?;
    let (filled, obeyed) = fill(&mut client, subject)?;
    client.batch_execute("SET check_function_bodies = off")?;
    let kept = images::comparable(&mut client, &subject.kept)?;
    let images = images::take(&mut client, &kept, images::Moment::Before)?;
    let server = run::server(&mut client)?;
    let mut walk = Walk::begin(subject, differences, [client, observer])?;
    let mut proven =
        Proven { server, filled, compared: kept.len(), obeyed: obeyed.into_iter().collect(), ..Proven::default() };
    let mut tried = Tried { name: subject.plan.title.clone(), ..Tried::default() };
    let mut arrived = true;
    for index in 0..subject.plan.steps.len() {
        let (shown, done) = walk.step(index)?;
        tried.steps.push(shown);
        if !done {
            arrived = false;
            break;
        }
    }
    if arrived {
        let missed = differences(walk.schema(), &wanted);
        proven.wrong.extend(missed.into_iter().map(|missed| format!("not reached: {missed}")));
        let after = images::take(walk.client(), &kept, images::Moment::After)?;
        proven.wrong.extend(images::changed(&kept, &images, &after));
    } else if tried.steps.len() < subject.plan.steps.len() {
        tried.wrong.push(format!("what comes after step {} was not tried", tried.steps.len()));
    }
    let (queries, notes) = walk.judged();
    proven.queries = queries;
    proven.notes = notes;
    proven.migrations.push(tried);
    Ok(proven)
}

fn wanted(subject: &Subject<'_>, stage: &mut dyn Stage) -> Result<Schema, Error> {
    let mut target = stage.open(Database::Target)?;
    target.batch_execute(run::SETTINGS)?;
    target.batch_execute(subject.scripts[1])?;
    Ok(introspect(&mut target)?.schema)
}

/// How many rows each table has, and which conditions of later they were made for.
fn fill(client: &mut Client, subject: &Subject<'_>) -> Result<(Filled, Vec<String>), Error> {
    client.batch_execute("BEGIN")?;
    let now = &subject.before.now;
    let filled = match &subject.rows {
        Rows::Made { count, without } => sample::fill(client, subject.before, *count, without)?,
        Rows::Given(script) => {
            client.batch_execute(script)?;
            sample::number_on(client, now)?;
            (sample::count(client, now)?, Vec::new())
        }
        Rows::Copied { from, count } => (sample::copy(client, from, now, *count)?, Vec::new()),
    };
    client.batch_execute("COMMIT")?;
    Ok(filled)
}

fn relations(schema: &Schema) -> BTreeSet<QName> {
    let tables = schema.tables().map(|table| table.name.clone());
    tables.chain(schema.views().map(|view| view.name.clone())).collect()
}
