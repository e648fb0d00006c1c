//! A planned migration as a file: versioned JSON that is written, read again, and run.

mod text;

use model::dialect::Version;
use model::planned::{Backfill, Cost, Fingerprint, Phase, Planned, PlannedStep, Undo, Work};
use model::{LockMode, Name, QName};
use serde::{Deserialize, Serialize};

pub use text::{Detail, text};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    title: String,
    postgres: u16,
    from: String,
    to: String,
    steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

/// What a plan was made of: with it the plan can be rehearsed anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Both schemas as SQL.
    pub before: String,
    pub after: String,
    /// What has another name after: `orders.customer=customer_name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renames: Vec<String>,
    /// Columns that old rows get another value in: `orders.note`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Step {
    release: u32,
    phase: String,
    title: String,
    #[serde(flatten)]
    work: WorkWire,
    locks: Vec<Lock>,
    cost: String,
    undo: UndoWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WorkWire {
    Transaction(Vec<String>),
    Alone {
        sql: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        index: Option<Table>,
    },
    Backfill {
        table: Table,
        key: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        into: Option<Table>,
        set: Vec<Assignment>,
        condition: String,
        batch: u32,
    },
    Deploy {},
}

#[derive(Serialize, Deserialize)]
struct Assignment {
    column: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
struct Table {
    schema: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Lock {
    #[serde(flatten)]
    table: Table,
    mode: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UndoWire {
    Transaction(Vec<String>),
    Alone(String),
    Nothing,
    Lost(String),
}

impl Table {
    fn of(name: &QName) -> Table {
        Table { schema: name.schema.to_string(), name: name.name.to_string() }
    }

    fn name(self) -> QName {
        QName::new(self.schema, self.name)
    }
}

/// The file's text.
pub fn render(plan: &Planned, origin: Option<&Origin>) -> String {
    let document = Document {
        version: VERSION,
        title: plan.title.clone(),
        postgres: plan.version.0,
        from: plan.from.to_string(),
        to: plan.to.to_string(),
        steps: plan.steps.iter().map(step).collect(),
        origin: origin.cloned(),
    };
    serde_json::to_string_pretty(&document).expect("strings and lists are JSON") + "\n"
}

fn step(step: &PlannedStep) -> Step {
    let work = match &step.work {
        Work::Together(statements) => WorkWire::Transaction(statements.clone()),
        Work::Alone { statement, index } => {
            WorkWire::Alone { sql: statement.clone(), index: index.as_ref().map(Table::of) }
        }
        Work::Backfill(backfill) => WorkWire::Backfill {
            table: Table::of(&backfill.table),
            key: backfill.key.iter().map(ToString::to_string).collect(),
            into: backfill.into.as_ref().map(Table::of),
            set: backfill
                .set
                .iter()
                .map(|(column, value)| Assignment { column: column.to_string(), value: value.clone() })
                .collect(),
            condition: backfill.condition.clone(),
            batch: backfill.batch,
        },
        Work::Deploy => WorkWire::Deploy {},
    };
    let undo = match &step.undo {
        Undo::Together(statements) => UndoWire::Transaction(statements.clone()),
        Undo::Alone(statement) => UndoWire::Alone(statement.clone()),
        Undo::Nothing => UndoWire::Nothing,
        Undo::Lost(why) => UndoWire::Lost(why.clone()),
    };
    let locks = step.locks.iter();
    Step {
        release: step.release,
        phase: step.phase.name().to_owned(),
        title: step.title.clone(),
        work,
        locks: locks.map(|(table, mode)| Lock { table: Table::of(table), mode: mode.name().to_owned() }).collect(),
        cost: step.cost.name().to_owned(),
        undo,
        after: step.after.clone(),
    }
}

/// Reads the file's text; what is wrong with it otherwise.
pub fn read(text: &str) -> Result<(Planned, Option<Origin>), String> {
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if document.version != VERSION {
        return Err(format!("it is of format {}, and only {VERSION} is understood", document.version));
    }
    let steps: Result<Vec<_>, String> = document.steps.into_iter().map(unstep).collect();
    let planned = Planned {
        title: document.title,
        version: Version(document.postgres, 0),
        from: fingerprint(&document.from)?,
        to: fingerprint(&document.to)?,
        steps: steps?,
    };
    Ok((planned, document.origin))
}

fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    u64::from_str_radix(text, 16).map(Fingerprint).map_err(|_| format!("`{text}` is no fingerprint"))
}

fn unstep(step: Step) -> Result<PlannedStep, String> {
    let work = match step.work {
        WorkWire::Transaction(statements) => Work::Together(statements),
        WorkWire::Alone { sql, index } => Work::Alone { statement: sql, index: index.map(Table::name) },
        WorkWire::Backfill { table, key, into, set, condition, batch } => Work::Backfill(Backfill {
            table: table.name(),
            key: key.into_iter().map(Name::from).collect(),
            into: into.map(Table::name),
            set: set.into_iter().map(|one| (Name::from(one.column), one.value)).collect(),
            condition,
            batch,
        }),
        WorkWire::Deploy {} => Work::Deploy,
    };
    let undo = match step.undo {
        UndoWire::Transaction(statements) => Undo::Together(statements),
        UndoWire::Alone(statement) => Undo::Alone(statement),
        UndoWire::Nothing => Undo::Nothing,
        UndoWire::Lost(why) => Undo::Lost(why),
    };
    let lock = |lock: Lock| {
        let mode = LockMode::named(&lock.mode).ok_or_else(|| format!("`{}` is no lock", lock.mode))?;
        Ok((lock.table.name(), mode))
    };
    let locks: Result<Vec<_>, String> = step.locks.into_iter().map(lock).collect();
    Ok(PlannedStep {
        release: step.release,
        phase: Phase::named(&step.phase).ok_or_else(|| format!("`{}` is no phase", step.phase))?,
        title: step.title,
        work,
        locks: locks?,
        cost: Cost::named(&step.cost).ok_or_else(|| format!("`{}` is no cost", step.cost))?,
        undo,
        after: step.after,
    })
}
