//! Workloads: which queries a database answers, and how often.

use crate::name::Name;
use crate::place::Place;
use crate::query::Query;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    /// In the order in which they were found.
    pub queries: Vec<WorkloadQuery>,
}

/// Statements that differ in nothing but their constants count as one query.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadQuery {
    /// What people call it: `GetUser`, `q01`, or its number in the workload.
    pub name: Name,
    /// One of its statements, whole; parameters are `$1`.
    pub sql: String,
    pub query: Query,
    pub calls: f64,
    /// How long a call takes, where somebody measured it.
    pub mean_ms: Option<f64>,
    pub place: Option<Place>,
}

/// What logs say was asked of a database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    pub files: Vec<TrafficFile>,
    /// Those that took most time first; where nobody measured, those that were called most.
    pub statements: Vec<Logged>,
    /// Statements that one session sent again and again, those that took most time first.
    pub repeats: Vec<Repeat>,
    /// What could not be read; the first of each file.
    pub problems: Vec<Unread>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficFile {
    pub path: String,
    pub kind: TrafficKind,
    pub calls: u64,
    /// Places of it that could not be read.
    pub problems: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrafficKind {
    /// The log of PostgreSQL as lines.
    Stderr,
    CsvLog,
    JsonLog,
    /// The rows of `pg_stat_statements`, as CSV.
    Statements,
    Orm(Orm),
}

/// Libraries that write down what they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orm {
    ActiveRecord,
    Django,
    Drizzle,
    Hibernate,
    Prisma,
    Sequelize,
    SqlAlchemy,
    TypeOrm,
}

/// All calls of the statements that differ in nothing but their constants.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    pub fingerprint: u64,
    /// The statement without its constants.
    pub text: String,
    pub calls: u64,
    /// Calls that ended in an error.
    pub failed: u64,
    pub time: Option<Time>,
    /// Whole statements with the values of their parameters, the slowest among them; never none.
    pub examples: Vec<Sent>,
    pub first: Line,
}

/// How long the calls took that somebody measured, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    pub calls: u64,
    pub total: f64,
    pub least: f64,
    pub most: f64,
}

impl Time {
    pub fn mean(&self) -> f64 {
        self.total / (self.calls.max(1)) as f64
    }
}

/// A statement that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub sql: String,
    /// As the log calls it; empty where it does not say.
    pub session: String,
    pub line: Line,
    pub ms: Option<f64>,
}

/// A line of a file of [`Traffic`], from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub file: usize,
    pub line: u64,
}

/// A statement that one session sent many times in one transaction, or without a pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// Of [`Traffic::statements`].
    pub statement: usize,
    /// The value that differed is `$1`, all others are those of the first call; none where all were the same.
    pub varying: Option<String>,
    /// The statement as it was sent first.
    pub first: String,
    /// How often this happened, how often the statement was sent in all of them, and in the longest.
    pub loops: u64,
    pub calls: u64,
    pub longest: u64,
    /// Different values in the longest.
    pub values: u64,
    pub total_ms: Option<f64>,
    /// Where the longest began.
    pub line: Line,
    /// What the session asked before it, the last first.
    pub before: Vec<String>,
    pub orm: Option<Orm>,
}

/// A place of a log that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub line: Line,
    pub message: String,
}

/// A [`Repeat`] that was understood, and what would take its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// What the workload calls the query.
    pub query: Name,
    pub repeat: Repeat,
    pub what: LoopKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LoopKind {
    /// A row, or the rows of one key, at a time.
    Keys {
        /// The column that the value was compared with.
        column: Name,
        /// One query for all values.
        together: Option<String>,
        /// One query with what was asked before.
        joined: Option<String>,
    },
    /// The same values each time.
    Same,
}
