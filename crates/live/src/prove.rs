//! A plan is rehearsed: every step on rows that obey the schema, with its locks watched, taken back and run again; what
//! comes of it is laid beside the target, and the rows beside those of the start.

mod images;
mod query;

use std::collections::BTreeSet;

use model::planned::{Planned, PlannedStep, Undo, Work};
use model::{LockMode, QName, Schema};
use postgres::Client;

use crate::sample::{self, EnumValue, Filled};
use crate::trace::Tracer;
use crate::{Error, Refusal, introspect};
pub use images::Kept;
pub use query::Asked;

/// What is proven, and on what.
#[derive(Debug)]
pub struct Subject<'a> {
    pub plan: &'a Planned,
    /// As it was read: rows are made from it.
    pub before: &'a Schema,
    /// Scripts that make both schemas in an empty database.
    pub scripts: [&'a str; 2],
    pub rows: u32,
    /// Values of enums that no row may have.
    pub without: BTreeSet<EnumValue>,
    /// Columns that are to keep their values: by their names before and after.
    pub kept: Vec<Kept>,
    /// What the application asks before and after.
    pub queries: [Vec<Asked>; 2],
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub server: String,
    pub filled: Filled,
    pub steps: Vec<Proven>,
    /// What is different from the target in the end.
    pub missed: Vec<String>,
    /// Columns whose values are not what they were.
    pub changed: Vec<String>,
    pub kept: usize,
}

/// What came of one step.
#[derive(Clone, Debug, Default)]
pub struct Proven {
    /// The strongest lock on each relation that was there before the step's transaction.
    pub locks: Vec<(QName, LockMode)>,
    pub rewritten: Vec<QName>,
    /// What the server refused of it, and whatever else is not as the plan says.
    pub wrong: Vec<String>,
    /// Taken back, it left what was there before; none when there is no way back.
    pub undone: Option<bool>,
}

impl Proof {
    pub fn holds(&self) -> bool {
        self.missed.is_empty()
            && self.changed.is_empty()
            && self.steps.iter().all(|step| step.wrong.is_empty() && step.undone != Some(false))
    }
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

/// Rehearses the plan. `differences` says what is different between two schemas.
pub fn prove(
    subject: &Subject<'_>,
    stage: &mut dyn Stage,
    differences: &dyn Fn(&Schema, &Schema) -> Vec<String>,
) -> Result<Proof, Error> {
    let mut target = stage.open(Database::Target)?;
    target.batch_execute(SETTINGS)?;
    target.batch_execute(subject.scripts[1])?;
    let wanted = introspect(&mut target)?.schema;
    drop(target);

    let mut client = stage.open(Database::Rehearsal)?;
    let mut observer = stage.open(Database::Rehearsal)?;
    client.batch_execute(SETTINGS)?;
    client.batch_execute(subject.scripts[0])?;
    client.batch_execute("BEGIN")?;
    let filled = sample::fill(&mut client, subject.before, subject.rows, &subject.without)?;
    client.batch_execute("COMMIT; SET check_function_bodies = off")?;
    let images = images::take(&mut client, &subject.kept, images::Moment::Before)?;
    let version: String = client.query_one("SHOW server_version", &[])?.get(0);
    let server = format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default());
    let mut proof = Proof { server, filled, ..Proof::default() };
    let used = relations(&introspect(&mut client)?.schema);
    for (index, step) in subject.plan.steps.iter().enumerate() {
        let mut proven = Proven::default();
        rehearse(step, &mut client, &mut observer, &used, &mut proven, differences)?;
        let asked = &subject.queries[usize::from(is_deployed(subject.plan, index))];
        proven.wrong.extend(query::refused(&mut client, asked)?);
        proof.steps.push(proven);
    }
    let found = introspect(&mut client)?.schema;
    proof.missed = differences(&found, &wanted);
    let after = images::take(&mut client, &subject.kept, images::Moment::After)?;
    proof.kept = images.len();
    proof.changed = images::changed(&subject.kept, &images, &after);
    Ok(proof)
}

const SETTINGS: &str =
    "SET client_min_messages = error; SET timezone = 'America/New_York'; SET statement_timeout = '120s'";

/// The application of the last release is the one that knows the new shape.
fn is_deployed(plan: &Planned, index: usize) -> bool {
    let last = plan.steps.iter().rposition(|step| step.work == Work::Deploy);
    last.map_or(index + 1 == plan.steps.len(), |last| index >= last)
}

fn relations(schema: &Schema) -> BTreeSet<QName> {
    let tables = schema.tables().map(|table| table.name.clone());
    tables.chain(schema.views().map(|view| view.name.clone())).collect()
}

/// Does the step, takes it back, and does it again.
fn rehearse(
    step: &PlannedStep,
    client: &mut Client,
    observer: &mut Client,
    used: &BTreeSet<QName>,
    proven: &mut Proven,
    differences: &dyn Fn(&Schema, &Schema) -> Vec<String>,
) -> Result<(), Error> {
    if step.work == Work::Deploy {
        return Ok(());
    }
    let was = introspect(client)?.schema;
    if let Err(refusal) = run(&step.work, client, observer, used, Some(proven))? {
        proven.wrong.push(refusal.message);
        return Ok(());
    }
    let unplanned = proven.locks.iter().filter(|(relation, mode)| {
        let planned = step.locks.iter().find(|(table, _)| table == relation).map(|(_, mode)| *mode);
        // Rows are locked by whoever reads a constraint; that keeps nobody waiting.
        used.contains(relation) && *mode > LockMode::RowExclusive && planned.is_none_or(|planned| planned < *mode)
    });
    let unplanned: Vec<String> = unplanned
        .map(|(relation, mode)| format!("takes {} on {relation}, which the plan does not say", mode.name()))
        .collect();
    proven.wrong.extend(unplanned);
    let undo = match &step.undo {
        Undo::Together(statements) => Work::Together(statements.clone()),
        Undo::Alone(statement) => Work::Alone { statement: statement.clone(), index: None },
        Undo::Nothing | Undo::Lost(_) => return Ok(()),
    };
    if let Err(refusal) = run(&undo, client, observer, used, None)? {
        proven.wrong.push(format!("the way back: {}", refusal.message));
        proven.undone = Some(false);
        return Ok(());
    }
    let back = introspect(client)?.schema;
    let left = differences(&back, &was);
    proven.undone = Some(left.is_empty());
    proven.wrong.extend(left.into_iter().map(|left| format!("the way back leaves {left}")));
    if let Err(refusal) = run(&step.work, client, observer, used, None)? {
        proven.wrong.push(format!("once more: {}", refusal.message));
    }
    Ok(())
}

fn run(
    work: &Work,
    client: &mut Client,
    observer: &mut Client,
    used: &BTreeSet<QName>,
    mut proven: Option<&mut Proven>,
) -> Result<Result<(), Refusal>, Error> {
    let mut tracer = Tracer::new(client, observer)?;
    let statements: Vec<String> = match work {
        Work::Backfill(backfill) => vec![backfill.statement()],
        work => work.statements().into_iter().map(str::to_owned).collect(),
    };
    let together = matches!(work, Work::Together(_));
    if together {
        tracer.begin()?;
    }
    for statement in &statements {
        let table = named(statement, used);
        match tracer.run(statement, table)? {
            Ok(trace) => {
                if let Some(proven) = proven.as_deref_mut() {
                    for lock in trace.locks.into_iter().filter(|lock| !lock.new) {
                        match proven.locks.iter_mut().find(|(relation, _)| *relation == lock.relation) {
                            Some((_, mode)) => *mode = (*mode).max(lock.mode),
                            None => proven.locks.push((lock.relation, lock.mode)),
                        }
                    }
                    proven.rewritten.extend(trace.rewritten);
                }
            }
            Err(refusal) => {
                if together {
                    tracer.rollback()?;
                }
                return Ok(Err(refusal));
            }
        }
    }
    if together {
        tracer.commit()?;
    }
    Ok(Ok(()))
}

/// The table to hold a statement back by, so that its locks can be seen: the longest known name that it says.
fn named<'a>(statement: &str, used: &'a BTreeSet<QName>) -> Option<&'a QName> {
    let words: BTreeSet<&str> = statement.split([' ', '(', ')', ';', ',']).collect();
    let said = used.iter().filter(|name| words.contains(&*name.to_string()));
    said.max_by_key(|name| name.to_string().len())
}
