//! A proof as a versioned document.

use model::proven::{Back, Proven, Shown, Tried};
use model::{LockMode, QName};
use schemars::JsonSchema;
use serde::Serialize;

/// What a rehearsal showed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proof {
    /// The version of this format. It grows when a field changes its meaning or goes away, not when one is added.
    version: u32,
    /// Nothing is against it.
    proven: bool,
    /// `PostgreSQL 17.2`
    server: String,
    rows: Vec<Rows>,
    migrations: Vec<Migration>,
    queries: Queries,
    /// How many columns were compared value by value.
    compared: usize,
    /// What is wrong with the whole: the target that is not reached, values that changed.
    wrong: Vec<String>,
    notes: Vec<String>,
}

/// How many rows a table had.
#[derive(Debug, Serialize, JsonSchema)]
struct Rows {
    table: Relation,
    count: u64,
}

/// A table or view.
#[derive(Debug, Serialize, JsonSchema)]
struct Relation {
    schema: String,
    name: String,
}

/// A plan, or one migration of a folder.
#[derive(Debug, Serialize, JsonSchema)]
struct Migration {
    name: String,
    file: Option<String>,
    proven: bool,
    steps: Vec<Step>,
    down: Option<Down>,
    wrong: Vec<String>,
    notes: Vec<String>,
}

/// What takes a migration back.
#[derive(Debug, Serialize, JsonSchema)]
struct Down {
    file: String,
    steps: Vec<Step>,
}

/// One step of a plan, or one statement of a file.
#[derive(Debug, Serialize, JsonSchema)]
struct Step {
    /// From 1.
    number: usize,
    /// Of a plan.
    release: Option<u32>,
    /// `expand`, `backfill`, `constrain`, `switch` or `contract`; of a plan.
    phase: Option<String>,
    title: String,
    /// `FILE:LINE`; of a file.
    at: Option<String>,
    /// Nothing is run: the application is deployed.
    deploy: bool,
    /// The strongest lock on each table or view that was there before.
    locks: Vec<Lock>,
    /// What was written anew as a whole.
    rewritten: Vec<Relation>,
    /// What was read from end to end.
    scanned: Vec<Relation>,
    /// `nothing`, `walked`, `astray` or `lost`.
    back: String,
    /// Why there is no way back, or why the step was not run.
    reason: Option<String>,
    /// It was run.
    tried: bool,
    wrong: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Lock {
    table: Relation,
    /// As LOCK TABLE has it.
    mode: String,
    blocks_reads: bool,
    blocks_writes: bool,
}

/// What the application asked.
#[derive(Debug, Serialize, JsonSchema)]
struct Queries {
    /// How many of the application before.
    old: usize,
    /// How many of the application after.
    new: usize,
    /// The step at which the new application takes over.
    handover: Option<usize>,
    /// Those that were planned only, with what the server said to the made-up values.
    only_planned: Vec<String>,
    refused: Vec<RefusedQuery>,
}

/// A query that does not work where it has to.
#[derive(Debug, Serialize, JsonSchema)]
struct RefusedQuery {
    name: String,
    /// `FILE:LINE:COLUMN`
    at: String,
    /// Of the application before; else of the one after.
    old: bool,
    /// The first step after which it fails.
    first: usize,
    /// The last one.
    last: usize,
    said: String,
}

pub(super) fn render(proven: &Proven) -> String {
    serde_json::to_string_pretty(&document(proven)).expect("strings and lists are JSON") + "\n"
}

fn document(proven: &Proven) -> Proof {
    let refused = proven.queries.refused.iter().map(|query| RefusedQuery {
        name: query.name.clone(),
        at: query.at.clone(),
        old: query.old,
        first: query.steps.0,
        last: query.steps.1,
        said: query.said.clone(),
    });
    Proof {
        version: 1,
        proven: proven.holds(),
        server: proven.server.clone(),
        rows: proven.filled.iter().map(|(table, count)| Rows { table: relation(table), count: *count }).collect(),
        migrations: proven.migrations.iter().map(migration).collect(),
        queries: Queries {
            old: proven.queries.old,
            new: proven.queries.new,
            handover: proven.queries.handover,
            only_planned: proven.queries.only_planned.clone(),
            refused: refused.collect(),
        },
        compared: proven.compared,
        wrong: proven.wrong.clone(),
        notes: proven.notes.clone(),
    }
}

fn migration(tried: &Tried) -> Migration {
    Migration {
        name: tried.name.clone(),
        file: tried.file.clone(),
        proven: tried.holds(),
        steps: tried.steps.iter().map(step).collect(),
        down: tried
            .down
            .as_ref()
            .map(|down| Down { file: down.file.clone(), steps: down.steps.iter().map(step).collect() }),
        wrong: tried.wrong.clone(),
        notes: tried.notes.clone(),
    }
}

fn step(step: &Shown) -> Step {
    let (back, lost) = match &step.back {
        Back::Nothing => ("nothing", None),
        Back::Walked => ("walked", None),
        Back::Astray => ("astray", None),
        Back::Lost(why) => ("lost", Some(why.clone())),
    };
    Step {
        number: step.number,
        release: step.phase.map(|(release, _)| release),
        phase: step.phase.map(|(_, phase)| phase.name().to_owned()),
        title: step.title.clone(),
        at: step.at.clone(),
        deploy: step.deploys,
        locks: step.locks.iter().map(lock).collect(),
        rewritten: step.rewritten.iter().map(relation).collect(),
        scanned: step.scanned.iter().map(relation).collect(),
        back: back.to_owned(),
        reason: step.untried.clone().or(lost),
        tried: step.untried.is_none() && !step.deploys,
        wrong: step.wrong.clone(),
    }
}

fn lock((table, mode): &(QName, LockMode)) -> Lock {
    Lock {
        table: relation(table),
        mode: mode.name().to_owned(),
        blocks_reads: mode.blocks_reads(),
        blocks_writes: mode.blocks_writes(),
    }
}

fn relation(name: &QName) -> Relation {
    Relation { schema: name.schema.to_string(), name: name.name.to_string() }
}
