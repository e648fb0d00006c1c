//! A migration that was planned: steps in phases and releases, each with its lock, its undo, and what the application
//! may rely on after it. Made for one schema, which its fingerprint names.

use crate::dialect::Version;
use crate::lock::LockMode;
use crate::name::{Name, QName, quoted};
use crate::schema::Schema;

/// The whole way from one schema to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it does, in a line.
    pub title: String,
    pub version: Version,
    pub from: Fingerprint,
    pub to: Fingerprint,
    pub steps: Vec<PlannedStep>,
}

/// One step: what is run, and what it means for everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// From 1: between two releases the application is deployed.
    pub release: u32,
    pub phase: Phase,
    /// `add column customers.name`
    pub title: String,
    pub work: Work,
    /// The strongest lock on each table that was there before, the strongest first.
    pub locks: Vec<(QName, LockMode)>,
    pub cost: Cost,
    pub undo: Undo,
    /// What holds from here on, for whoever writes the application.
    pub after: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// What is new stands beside what is old; both applications run.
    Expand,
    /// Old rows get their new values.
    Backfill,
    /// What holds of every row is made sure of.
    Constrain,
    /// From here on the new shape counts.
    Switch,
    /// What nobody uses any more goes.
    Contract,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// In one transaction, each waiting for its locks only shortly.
    Together(Vec<String>),
    /// By itself, outside any transaction. An index that is left INVALID when it fails is dropped before the next try.
    Alone {
        statement: String,
        index: Option<QName>,
    },
    Backfill(Backfill),
    /// Nothing to run: the application that relies on what is there now is deployed.
    Deploy,
}

/// Rows get new values in batches, in the order of a unique key, each batch a transaction of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    pub table: QName,
    /// The columns of a unique key that are NOT NULL.
    pub key: Vec<Name>,
    /// The table that gets a row for each of these, where it has none yet. Without one the rows themselves are written.
    pub into: Option<QName>,
    /// Each column and the expression over the row that is its new value.
    pub set: Vec<(Name, String)>,
    /// Which rows still need it: nobody's work is done twice.
    pub condition: String,
    /// Rows in a batch to begin with; the runner adapts it.
    pub batch: u32,
}

/// How long a step takes, and what that depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cost {
    /// Catalogs alone.
    Instant,
    /// Every row of the tables that are named is read.
    Scan,
    /// An index is built.
    Build,
    /// Rows are written in batches.
    Rows,
    /// The table is written anew under its lock.
    Rewrite,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// In one transaction.
    Together(Vec<String>),
    /// By itself, outside any transaction.
    Alone(String),
    /// There is nothing to take back.
    Nothing,
    /// It cannot be taken back; why.
    Lost(String),
}

/// The shape of a schema as a number: names, types, keys and flags, without what every server prints in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    pub fn of(schema: &Schema) -> Fingerprint {
        crate::fingerprint::of(schema)
    }

    /// Of one schema in a database, as if it were `public` and alone there.
    pub fn of_namespace(schema: &Schema, namespace: &Name) -> Fingerprint {
        crate::fingerprint::of_namespace(schema, namespace)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl Phase {
    pub const ALL: [Phase; 5] = [Phase::Expand, Phase::Backfill, Phase::Constrain, Phase::Switch, Phase::Contract];

    pub fn name(self) -> &'static str {
        match self {
            Phase::Expand => "expand",
            Phase::Backfill => "backfill",
            Phase::Constrain => "constrain",
            Phase::Switch => "switch",
            Phase::Contract => "contract",
        }
    }

    pub fn named(name: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

impl Cost {
    pub const ALL: [Cost; 5] = [Cost::Instant, Cost::Scan, Cost::Build, Cost::Rows, Cost::Rewrite];

    pub fn name(self) -> &'static str {
        match self {
            Cost::Instant => "instant",
            Cost::Scan => "scan",
            Cost::Build => "build",
            Cost::Rows => "rows",
            Cost::Rewrite => "rewrite",
        }
    }

    pub fn named(name: &str) -> Option<Cost> {
        Cost::ALL.into_iter().find(|cost| cost.name() == name)
    }
}

impl Backfill {
    /// All of it as one statement: what it comes to when nobody works beside it.
    pub fn statement(&self) -> String {
        self.statement_where(&self.condition)
    }

    /// The same for the rows of a narrower condition.
    pub fn statement_where(&self, condition: &str) -> String {
        let Backfill { table, into, set, .. } = self;
        match into {
            Some(into) => {
                let columns: Vec<_> = set.iter().map(|(column, _)| quoted(column)).collect();
                let values: Vec<&str> = set.iter().map(|(_, value)| value.as_str()).collect();
                let (columns, values) = (columns.join(", "), values.join(", "));
                format!(
                    "INSERT INTO {into} ({columns}) SELECT {values} FROM {table} WHERE {condition} \
                     FOR NO KEY UPDATE OF {} ON CONFLICT DO NOTHING",
                    quoted(&table.name)
                )
            }
            None => {
                let set: Vec<String> =
                    set.iter().map(|(column, value)| format!("{} = {value}", quoted(column))).collect();
                format!("UPDATE {table} SET {} WHERE {condition}", set.join(", "))
            }
        }
    }
}

impl Work {
    /// Everything that is run as it stands, in order; a backfill makes its own statements.
    pub fn statements(&self) -> Vec<&str> {
        match self {
            Work::Together(statements) => statements.iter().map(String::as_str).collect(),
            Work::Alone { statement, .. } => vec![statement],
            Work::Backfill(_) | Work::Deploy => Vec::new(),
        }
    }
}
