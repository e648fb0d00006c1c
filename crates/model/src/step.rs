//! Steps and migrations: one statement with what it changes and how, and the ordered statements of a file.

use crate::change::Change;
use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};
use crate::path::{Kind, Path};
use crate::place::{Place, Span};
use crate::query::Query;
use crate::schema::Schema;

/// One statement of a migration. Somebody wrote it, or Palladio planned it; the rules judge both alike.
#[derive(Clone, Debug)]
pub struct Step {
    pub action: Action,
    /// What it does to the model, in order; implied changes (the sequence of a `serial`) included.
    pub changes: Vec<Change>,
    pub how: How,
    pub transaction: Transaction,
    pub settings: Settings,
    /// The database just before this statement.
    pub before: Schema,
    /// The database before the first statement of the migration (or of the set that is released together). What is
    /// not in it was made by the same release: nobody else can hold a lock on it or read it yet.
    pub base: Schema,
    pub place: Place,
    /// Where each change stands in the statement, beside `changes`.
    pub spans: Vec<Span>,
    /// The statement inside a `DO` block or behind a condition: it may run.
    pub conditional: bool,
}

/// What kind of statement it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It changes the schema; see [`Step::changes`].
    Define,
    /// INSERT, UPDATE, DELETE, MERGE, or a SELECT.
    Query(Box<Query>),
    Truncate {
        tables: Vec<QName>,
        cascade: bool,
    },
    Begin,
    Commit,
    Rollback,
    Savepoint,
    Set {
        name: Name,
        value: Option<Sql>,
        local: bool,
    },
    Maintain {
        what: Maintenance,
        target: Option<Path>,
    },
    LockTable {
        tables: Vec<QName>,
        mode: Name,
    },
    Copy {
        table: QName,
        from: bool,
    },
    /// A `DO` block; the statements that could be seen in it are steps of their own behind this one.
    Do {
        opaque: bool,
    },
    Call(QName),
    /// Understood, and of no consequence for the model: `ANALYZE`, `NOTIFY`, `psql` commands, …
    Other(Name),
    /// Not understood: a problem was reported for it.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintenance {
    Vacuum,
    VacuumFull,
    Analyze,
    Cluster,
    Reindex,
    RefreshView,
}

/// How the statement does its changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    pub concurrently: bool,
    pub if_exists: bool,
    pub if_not_exists: bool,
    pub or_replace: bool,
    pub cascade: bool,
    /// `ONLY`: not the children.
    pub only: bool,
    /// `ALTER COLUMN … TYPE … USING`, for each column that has one.
    pub using: Vec<(Name, Expr)>,
    /// `WITH NO DATA`
    pub no_data: bool,
}

/// The transaction that a statement runs in, numbered from 1 in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transaction {
    /// Each statement by itself.
    None,
    /// The tool that applies the file opens it.
    Tool(u32),
    /// The file says BEGIN.
    Explicit(u32),
}

impl Transaction {
    pub fn is_open(self) -> bool {
        self != Transaction::None
    }
}

/// Session settings that bound how long a statement waits or runs, as the file set them before this statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub lock_timeout: Option<Name>,
    pub statement_timeout: Option<Name>,
    pub idle_in_transaction_session_timeout: Option<Name>,
}

impl Step {
    /// A table, view or other object that was there before this migration: others may be using it.
    pub fn existed(&self, path: &Path) -> bool {
        // What was never seen being made is taken to be there: the history may start in the middle.
        let made_here = |change: &Change| matches!(change, Change::Create { path: made, .. } if made == path);
        let is_new = || self.before.contains(path) || self.changes.iter().any(made_here);
        self.base.contains(path) || !is_new()
    }

    /// The table was there before this migration, or is not known at all. A view that is stored has indexes as well.
    pub fn table_existed(&self, table: &QName) -> bool {
        let is_meant = |kind: &Kind| matches!(kind, Kind::Table | Kind::MaterializedView | Kind::View);
        // Many rules ask, and one name is one relation: it tells all three at once.
        let known = |schema: &Schema| schema.relation(table).map(|path| path.kind).filter(is_meant);
        let made_as_other = |known: Option<Kind>| {
            self.changes.iter().any(|change| match change {
                Change::Create { path: Path { kind, schema, name, .. }, .. } => {
                    is_meant(kind) && Some(*kind) != known && (schema, name) == (&table.schema, &table.name)
                }
                _ => false,
            })
        };
        match (known(&self.base), known(&self.before)) {
            (None, Some(_)) => false,
            (then, now) => (now.is_none() || then == now) && !made_as_other(then),
        }
    }

    /// The changes with the place of each.
    pub fn placed_changes(&self) -> impl Iterator<Item = (&Change, Place)> {
        let spans = self.spans.iter().copied().map(Some).chain(std::iter::repeat(None));
        self.changes
            .iter()
            .zip(spans)
            .map(|(change, span)| (change, span.map_or(self.place, |span| self.place.narrowed(span))))
    }
}

/// The ordered statements of one file or one version.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The version or file name by which the tool knows it: `20260311_orders_status`, `V12__add_orders`.
    pub name: Name,
    pub layout: Layout,
    /// Undoes the migration of the same name; never applied to the schema.
    pub down: bool,
    /// Where its statements are; the first file when there are several.
    pub place: Place,
    pub steps: Vec<Step>,
    /// Has an undo: a down file or a down section.
    pub has_down: bool,
}

/// By which convention a set of migrations is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// One file that makes everything, or files without an order: a schema, not a history.
    Schema,
    Flyway,
    GolangMigrate,
    Dbmate,
    Goose,
    Sqlx,
    Diesel,
    Refinery,
    Rails,
    Prisma,
    Drizzle,
    Liquibase,
    /// Files ordered by the number or time at the start of their name.
    Numbered,
}

impl Layout {
    pub fn name(self) -> &'static str {
        match self {
            Layout::Schema => "schema",
            Layout::Flyway => "Flyway",
            Layout::GolangMigrate => "golang-migrate",
            Layout::Dbmate => "dbmate",
            Layout::Goose => "goose",
            Layout::Sqlx => "sqlx",
            Layout::Diesel => "diesel",
            Layout::Refinery => "refinery",
            Layout::Rails => "Rails",
            Layout::Prisma => "Prisma Migrate",
            Layout::Drizzle => "drizzle-kit",
            Layout::Liquibase => "Liquibase",
            Layout::Numbered => "numbered files",
        }
    }

    /// Whether the tool wraps each file in a transaction unless the file says otherwise.
    /// Prisma, drizzle-kit (per run), Flyway, dbmate, goose, sqlx, diesel and refinery do; golang-migrate sends the
    /// file as one multi-statement query, which PostgreSQL runs as one transaction as well.
    pub fn in_transaction(self) -> bool {
        !matches!(self, Layout::Schema | Layout::Numbered | Layout::Rails)
    }
}
