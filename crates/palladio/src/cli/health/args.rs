//! The words of `health`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use model::step::Layout;

use crate::cli::migrate::layout;
use crate::config::FailOn;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HealthFormat {
    /// For people
    Full,
    /// A line for each index
    Concise,
    /// A versioned document
    Json,
    /// The statements alone
    Sql,
    /// A list for a ticket
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// The database as postgres://HOST/DATABASE or db:NAME; with --stats, files
    /// and folders with the schema
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<String>,
    /// The database: one of palladio.toml, or its URL
    #[arg(long, value_name = "NAME|URL", conflicts_with_all = ["stats", "sources"])]
    pub(crate) db: Option<String>,
    /// Its statistics from a file instead: palladio stats export
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) stats: Option<PathBuf>,
    /// A replica, whose scans count as well; may be said again
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) replica: Vec<String>,
    /// For how many days scans have to be counted before an index is called
    /// unused [30]
    #[arg(long, value_name = "DAYS")]
    pub(crate) min_days: Option<u32>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = HealthFormat::Full)]
    pub(crate) format: HealthFormat,
    /// The least severity that makes the exit code 1: error, warning, note,
    /// never [warning]
    #[arg(long, value_enum, value_name = "SEVERITY", hide_possible_values = true)]
    pub(crate) fail_on: Option<FailOn>,
    /// Exit with 0 also when there are findings
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Write to a file instead of the standard output; into a folder, what is to
    /// be done as a migration
    #[arg(long, short, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// The tool that runs the migrations, where nothing in the folder says so
    #[arg(long, value_name = "TOOL", value_parser = layout, requires = "output")]
    pub(crate) layout: Option<Layout>,
}
