//! `palladio.toml`: the one place for its keys, their defaults and their meaning. The schema, the page about it and
//! the file that `init` writes are printed from here.

mod database;
mod load;
mod naming;
mod page;

use std::collections::BTreeMap;

use model::dialect::{self, Dialect};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use database::Database;
pub use load::{Loaded, load};
pub use naming::{Casing, Naming, Tables};
pub use page::{Key, commented, keys, markdown, origins, schema};

/// How Palladio reads and checks this project. Paths and globs count from the folder of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Config {
    /// What `check` and `inspect` read when they are given no SOURCE: files, folders, globs.
    pub sources: Vec<String>,
    /// Files and folders that are never read unless they are named: globs.
    pub exclude: Vec<String>,
    /// The major version of the database that runs this SQL.
    #[schemars(range(min = 14, max = 18))]
    pub pg_version: u16,
    /// What runs it, when it is not PostgreSQL on one machine: rules about keys and partitions ask what it can do.
    pub target: Target,
    /// The rules to run instead of the default ones: codes, starts of codes, names, groups, `ALL`.
    pub select: Vec<String>,
    /// Rules to run besides the others.
    pub extend_select: Vec<String>,
    /// Rules not to run.
    pub ignore: Vec<String>,
    /// The least severity that makes `check` exit with 1.
    pub fail_on: FailOn,
    /// A file of findings that are known and not reported again; `--write-baseline` writes it.
    pub baseline: Option<String>,
    /// Statistics of the running database, so that rules know which tables are big.
    pub stats: Option<String>,
    /// Days for which a database has to have counted scans before `health` calls an index unused.
    pub min_days: u32,
    /// Severities other than a rule's own, by code, name or group.
    pub severity: BTreeMap<String, Level>,
    /// Rules not to run in some files: lists of rules by glob.
    pub per_path_ignores: BTreeMap<String, Vec<String>>,
    /// The house style of names, in a table `[naming]`; without it the style is what most names of the project do.
    pub naming: Naming,
    /// Databases that `--db NAME` means: a table `[databases.NAME]` with its `url`, in which `${NAME}` is a variable of the environment.
    pub databases: BTreeMap<String, Database>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            sources: vec![".".to_owned()],
            exclude: Vec::new(),
            pg_version: 17,
            target: Target::Postgresql,
            select: Vec::new(),
            extend_select: Vec::new(),
            ignore: Vec::new(),
            fail_on: FailOn::Warning,
            baseline: None,
            stats: None,
            min_days: model::activity::WANTED_DAYS as u32,
            severity: BTreeMap::new(),
            per_path_ignores: BTreeMap::new(),
            naming: Naming::default(),
            databases: BTreeMap::new(),
        }
    }
}

/// What runs the SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Target {
    Postgresql,
    Citus,
    Cockroachdb,
    Yugabytedb,
    Spanner,
    Vitess,
}

impl Target {
    /// What it can do.
    pub fn dialect(self) -> &'static Dialect {
        match self {
            Target::Postgresql => &dialect::POSTGRES,
            Target::Citus => &dialect::CITUS,
            Target::Cockroachdb => &dialect::COCKROACHDB,
            Target::Yugabytedb => &dialect::YUGABYTEDB,
            Target::Spanner => &dialect::SPANNER,
            Target::Vitess => &dialect::VITESS,
        }
    }
}

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Level {
    Note,
    Warning,
    Error,
}

impl From<Level> for model::Severity {
    fn from(level: Level) -> model::Severity {
        match level {
            Level::Note => model::Severity::Note,
            Level::Warning => model::Severity::Warning,
            Level::Error => model::Severity::Error,
        }
    }
}

/// From which severity on findings make the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    pub fn fails(self, severity: model::Severity) -> bool {
        match self {
            FailOn::Error => severity >= model::Severity::Error,
            FailOn::Warning => severity >= model::Severity::Warning,
            FailOn::Note => true,
            FailOn::Never => false,
        }
    }
}
