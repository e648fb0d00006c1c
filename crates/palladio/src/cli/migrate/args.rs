//! The words of `palladio migrate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use model::planned::Phase;

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

What is new comes first, then the rows, then what is made sure of; what is
dropped goes last, when the application that needs it is gone. Columns whose
rows would be rewritten get a shadow that takes their place.

Exit code: 0 a plan, 2 it could not be made")]
    Plan(Box<PlanArgs>),
    /// Rehearse a plan on a private PostgreSQL: locks, rows, the way back
    #[command(after_help = "\
Examples:
  palladio migrate prove db/migrations db/schema.sql
  palladio migrate prove old.sql new.sql --rows 10000 --pg-version 16

Every table of A gets rows that obey its constraints. Each step is run with its
locks watched, taken back, and run again; what is there in the end is laid
beside B, and the rows beside those of the start.

Exit code: 0 proven, 1 something is not as the plan says, 2 it failed")]
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

/// From where to where, and what is known about it.
#[derive(Debug, Args)]
pub(crate) struct WayArgs {
    /// Where things stand
    #[arg(value_name = "A", value_hint = ValueHint::AnyPath)]
    pub(crate) before: String,
    /// Where they are to go
    #[arg(value_name = "B", value_hint = ValueHint::AnyPath)]
    pub(crate) after: String,
    /// What has another name in B: a table, table.column, type.value, a
    /// constraint, index, function or schema
    #[arg(long = "rename", value_name = "OLD=NEW")]
    pub(crate) renames: Vec<String>,
    /// What is dropped and not renamed, where both could be
    #[arg(long = "drop", value_name = "OLD")]
    pub(crate) drops: Vec<String>,
    /// What old rows get in a column that becomes NOT NULL; with
    /// type.value=other, which value rows get instead of one that goes away
    #[arg(long = "fill", value_name = "TABLE.COLUMN=SQL")]
    pub(crate) fills: Vec<String>,
    /// Statistics of the running database: small tables need no care
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) stats: Option<PathBuf>,
    /// The major version that the plan is for [14 to 18]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(14..=18))]
    pub(crate) pg_version: Option<u16>,
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
    /// Which release to write
    #[arg(long, value_name = "N", default_value_t = 1, requires = "write")]
    pub(crate) release: u32,
    /// Write the plan as JSON to this file, and print it as well
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    #[command(flatten)]
    pub(crate) way: WayArgs,
    /// How many rows each table gets
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) rows: u32,
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
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = duration, help_heading = "Care")]
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

fn phase(word: &str) -> Result<Phase, String> {
    Phase::named(word).ok_or_else(|| format!("one of {}", Phase::ALL.map(Phase::name).join(", ")))
}
