//! The words of `palladio migrate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};
use model::planned::Phase;
use model::step::Layout;
use report::proven;

use crate::migrate::folder;
use crate::migrate::run::duration;

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateVerb {
    /// Plan the way from one source to another without stopping anybody
    #[command(after_help = "\
Examples:
  palladio migrate plan db/migrations db/schema.sql
  palladio migrate plan postgres://db.example.org/shop new.sql -o plan.json
  palladio migrate plan old.sql new.sql --rename orders.customer=customer_name
  palladio migrate plan old.sql new.sql --fill \"orders.note=''\" --sql
  palladio migrate plan old.sql new.sql --move orders.customer=customers.name
  palladio migrate plan db/migrations new.sql -o db/migrations

What is new comes first, then the rows, then what is made sure of; what is
dropped goes last, when the application that needs it is gone. Columns whose
rows would be rewritten get a shadow that takes their place.

Exit code: 0 a plan, 2 it could not be made")]
    Plan(Box<PlanArgs>),
    /// Write a release of a plan as migrations of the project's own tool
    #[command(after_help = "\
Examples:
  palladio migrate write plan.json db/migrations
  palladio migrate write plan.json db/migrations --release 2
  palladio migrate write plan.json migrations --layout goose

Each step is a file, named and marked as the tool wants it, with its undo where
the tool has one. Write the next release when the application is deployed.")]
    Write(Box<WriteArgs>),
    /// Rehearse a migration on a private PostgreSQL: locks, rows, the way back
    #[command(after_help = "\
Examples:
  palladio migrate prove plan.json --queries-before q/ --queries-after new/q/
  palladio migrate prove plan.json --sample postgres://reader@replica/shop
  palladio migrate prove db/migrations --last
  palladio migrate prove old.sql new.sql --rows 10000 --pg-version 16

Every table gets rows that obey its constraints. Each step is run with its locks
watched, taken back, and run again, and the end of each phase is taken back to
the start; what is there in the end is laid beside the target, and the rows
beside those of the start. The queries of the application before have to work
until the one after takes over, and its queries from then on. Migrations of a
folder go up, down and up again.

Exit code: 0 proven, 1 something is not as it should be, 2 it failed")]
    Prove(Box<ProveArgs>),
    /// Run a plan on a database that others are using
    #[command(after_help = "\
Examples:
  palladio migrate run plan.json --db live --dry-run
  palladio migrate run plan.json --db live
  palladio migrate run plan.json --db live --release 2
  palladio migrate run plan.json --db live --targets tenants.txt --jobs 4
  palladio migrate run db/migrations --db live

It goes as far as the next place where the application has to be deployed, and
says how to go on. Interrupted anywhere, the same command takes it up again.
A folder of hand-written migrations is run as its own tool would, with its
history table: Flyway, golang-migrate, dbmate, goose, Prisma, sqlx, diesel,
drizzle-kit.

Exit code: 0 as far as it should go, 1 stopped before that, or some of many
databases failed, 2 it failed")]
    Run(Box<RunArgs>),
    /// Show what has been run of a plan, and what is next
    Status {
        /// The file of the plan, or a folder of hand-written migrations
        #[arg(value_name = "PLAN|FOLDER", value_hint = ValueHint::AnyPath)]
        plan: PathBuf,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Take back what has been run, the last step first
    #[command(after_help = "\
Examples:
  palladio migrate undo plan.json --db live
  palladio migrate undo plan.json --db live --to expand")]
    Undo(Box<UndoArgs>),
    /// Note that the database is already where the plan leads; run nothing
    Baseline {
        /// The file of the plan
        #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
        plan: PathBuf,
        #[command(flatten)]
        place: PlaceArgs,
        /// Also when its shape is another one
        #[arg(long)]
        force: bool,
    },
    /// After a failure, put what is noted in agreement with the database
    Repair {
        /// The file of the plan
        #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
        plan: PathBuf,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

/// What is known about the way from one source to another.
#[derive(Debug, Args)]
pub(crate) struct WayArgs {
    /// What has another name in B: a table, table.column, type.value, a
    /// constraint, index, function or schema
    #[arg(long = "rename", value_name = "OLD=NEW")]
    pub(crate) renames: Vec<String>,
    /// What is dropped and not renamed, where both could be
    #[arg(long = "drop", value_name = "OLD")]
    pub(crate) drops: Vec<String>,
    /// What old rows get in a column that becomes NOT NULL, what a new column
    /// is made of, how an old one is made of new ones, or TYPE.OLD=NEW: the
    /// value of an enum that rows get for one that goes
    #[arg(long = "fill", value_name = "TABLE.COLUMN=SQL")]
    pub(crate) fills: Vec<String>,
    /// A column that goes on in another table
    #[arg(long = "move", value_name = "A.COLUMN=B.COLUMN")]
    pub(crate) moves: Vec<String>,
    /// Which rows of the two tables belong together, where no foreign key says
    #[arg(long = "by", value_name = "A.COLUMN=B.COLUMN", requires = "moves")]
    pub(crate) pairs: Vec<String>,
    /// What is dropped one release after it was taken away by a rename
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = GraceFor::Tables)]
    pub(crate) grace: GraceFor,
    /// Statistics of the running database: small tables need no care
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) stats: Option<PathBuf>,
    /// The major version that the plan is for [14 to 18]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(14..=18))]
    pub(crate) pg_version: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum GraceFor {
    /// Nothing: it is dropped at once
    None,
    /// Tables
    Tables,
    /// Tables and columns
    Columns,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PlanFormat {
    /// Steps in phases and releases
    Text,
    /// The file that is proven and run
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Where things stand
    #[arg(value_name = "A", value_hint = ValueHint::AnyPath)]
    pub(crate) before: String,
    /// Where they are to go
    #[arg(value_name = "B", value_hint = ValueHint::AnyPath)]
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) way: WayArgs,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub(crate) format: PlanFormat,
    /// With the statements of each step
    #[arg(long)]
    pub(crate) sql: bool,
    /// Write the steps of one release as migrations behind those of A, in the
    /// manner of their tool
    #[arg(long)]
    pub(crate) write: bool,
    /// Which release to write as migrations
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) release: u32,
    /// Write the plan as JSON to this file, or as migrations into this folder,
    /// and print it as well
    #[arg(long, short, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// The tool that runs the migrations of the folder, where nothing in it
    /// says so: flyway, golang-migrate, dbmate, goose, sqlx, diesel, refinery,
    /// rails, prisma, drizzle, liquibase, numbered
    #[arg(long, value_name = "TOOL", value_parser = layout)]
    pub(crate) layout: Option<Layout>,
}

#[derive(Debug, Args)]
pub(crate) struct WriteArgs {
    /// The file of the plan
    #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(crate) plan: PathBuf,
    /// The folder of the migrations
    #[arg(value_name = "FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) folder: PathBuf,
    /// Which release to write
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) release: u32,
    /// The tool that runs them, where nothing in the folder says so
    #[arg(long, value_name = "TOOL", value_parser = layout)]
    pub(crate) layout: Option<Layout>,
}

pub(in crate::cli) fn layout(word: &str) -> Result<Layout, String> {
    let words = || folder::LAYOUTS.map(|(name, _)| name).join(", ");
    folder::layout(word).ok_or_else(|| format!("one of {}", words()))
}

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// The file of a plan, a folder of hand-written migrations, or where things
    /// stand
    #[arg(value_name = "PLAN|FOLDER|A", value_hint = ValueHint::AnyPath)]
    pub(crate) what: String,
    /// Where they are to go
    #[arg(value_name = "B", value_hint = ValueHint::AnyPath)]
    pub(crate) after: Option<String>,
    #[command(flatten)]
    pub(crate) way: WayArgs,
    /// How many rows each table gets
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = "Rows")]
    pub(crate) rows: u32,
    /// Take the rows from a running database, with those that they refer to;
    /// nothing is written there
    #[arg(long, value_name = "NAME|URL", help_heading = "Rows")]
    pub(crate) sample: Option<String>,
    /// The queries of the application before; those in A without it
    #[arg(long, value_name = "SOURCE", value_hint = ValueHint::AnyPath, help_heading = "Queries")]
    pub(crate) queries_before: Option<String>,
    /// The queries of the application after; those in B without it
    #[arg(long, value_name = "SOURCE", value_hint = ValueHint::AnyPath, help_heading = "Queries")]
    pub(crate) queries_after: Option<String>,
    /// Refuse a plan that was made for another schema than this one
    #[arg(long = "before", value_name = "SOURCE", value_hint = ValueHint::AnyPath, help_heading = "A plan")]
    pub(crate) stands: Option<String>,
    /// Begin with this migration: its version or its name
    #[arg(long = "from", value_name = "MIGRATION", conflicts_with = "last", help_heading = "A folder")]
    pub(crate) first: Option<String>,
    /// Prove the last migration only
    #[arg(long, help_heading = "A folder")]
    pub(crate) last: bool,
    /// How to write what was seen: text, json, junit, markdown
    #[arg(long, value_parser = proof_formats(), default_value = "text", hide_possible_values = true)]
    #[arg(hide_default_value = true)]
    pub(crate) format: proven::Format,
    /// Write to a file instead of the standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// A database of palladio.toml, or its URL [DATABASE_URL]
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) db: Option<String>,
    /// The schema that stands for `public`: a tenant's
    #[arg(long, value_name = "NAME", conflicts_with = "targets")]
    pub(crate) schema: Option<String>,
    /// Many databases: a file of lines NAME = URL, or of schemas
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) targets: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CareArgs {
    /// How long others may queue behind a lock that is asked for
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration, help_heading = "Care")]
    pub(crate) lock_timeout: Duration,
    /// How long a step is tried again while others are in its way
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration, help_heading = "Care")]
    pub(crate) retry_for: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The file of the plan, or a folder of hand-written migrations
    #[arg(value_name = "PLAN|FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Print what would be run, and run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Run to the end of this phase: expand, backfill, constrain, switch,
    /// contract
    #[arg(long, value_name = "PHASE", value_parser = phase, conflicts_with = "release", help_heading = "How far")]
    pub(crate) until: Option<Phase>,
    /// Run to the end of this release; what came before it is deployed
    #[arg(long, value_name = "N", help_heading = "How far")]
    pub(crate) release: Option<u32>,
    #[command(flatten)]
    pub(crate) care: CareArgs,
    /// How long a batch of rows should take
    #[arg(long, value_name = "TIME", default_value = "20ms", value_parser = duration, help_heading = "Care")]
    pub(crate) batch_time: Duration,
    /// How far a replica may fall behind while rows are written
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, help_heading = "Care")]
    pub(crate) max_lag: Duration,
    /// Of many databases, how many at a time; the first is run alone
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) jobs: usize,
    /// Run although the database is not the one that the plan was made for
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The file of the plan
    #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The last step that stays: its number, a phase, or start
    #[arg(long, value_name = "STEP", default_value = "start")]
    pub(crate) to: String,
    /// Pass over what cannot be taken back; what it lost stays lost
    #[arg(long)]
    pub(crate) allow_loss: bool,
    #[command(flatten)]
    pub(crate) care: CareArgs,
}

fn proof_formats() -> impl TypedValueParser<Value = proven::Format> {
    PossibleValuesParser::new(proven::Format::ALL.map(proven::Format::name)).map(|name| {
        let named = proven::Format::ALL.into_iter().find(|format| format.name() == name);
        named.expect("the parser lets only names of formats through")
    })
}

fn phase(word: &str) -> Result<Phase, String> {
    Phase::named(word).ok_or_else(|| format!("one of {}", Phase::ALL.map(Phase::name).join(", ")))
}
