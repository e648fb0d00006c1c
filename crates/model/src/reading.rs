//! A reading: everything that was understood of the sources, and what was not.

use crate::evidence::Evidence;
use crate::name::Name;
use crate::place::{Place, Places, Problem, Sources};
use crate::plan::QueryPlan;
use crate::query::FoundQuery;
use crate::schema::Schema;
use crate::stats::Stats;
use crate::step::{Layout, Migration};

/// What reading the sources gave. Readers never fail: what they could not read is in `problems`.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub sources: Sources,
    /// The database after every up migration.
    pub schema: Schema,
    pub places: Places,
    /// In the order of application; down migrations stand beside their up and were not applied.
    pub migrations: Vec<Migration>,
    pub queries: Vec<FoundQuery>,
    pub plans: Vec<QueryPlan>,
    pub stats: Option<Stats>,
    pub suppressions: Vec<Suppression>,
    pub formers: Vec<Former>,
    pub problems: Vec<Problem>,
    /// What a server did with the sources, when they were rehearsed on it.
    pub evidence: Option<Evidence>,
    pub coverage: Coverage,
    pub found: Vec<FoundSource>,
}

/// Statements understood, of those seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub statements: u32,
    pub understood: u32,
}

/// What a source turned out to be, for the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSource {
    pub path: String,
    pub kind: SourceKind,
    pub files: u32,
    /// Why it counts for less than its kind says: `describes the same tables as migrations`.
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    Schema,
    Migrations(Layout),
    Queries,
    QueryPlan,
    Stats,
}

/// `-- palladio: ignore[rule, rule] reason`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment itself.
    pub place: Place,
    /// Rule codes, names or groups; empty silences every rule.
    pub rules: Vec<Name>,
    pub reason: String,
    pub scope: Scope,
}

/// `-- palladio: was old`: what a thing was called before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The comment itself.
    pub place: Place,
    /// The statement or line that the comment stands on or before.
    pub about: Place,
    /// As written: a bare name, or one with its table or schema.
    pub old: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The statement or line that the comment stands on or before.
    Range(Place),
    File,
}
