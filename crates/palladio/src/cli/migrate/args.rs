//! The words of `palladio migrate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use model::planned::Phase;

use crate::migrate::run::duration;

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateVerb {
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
history table: golang-migrate, dbmate, Flyway, Prisma, sqlx.

Exit code: 0 as far as it should go, 1 stopped before that, 2 it failed")]
    Run(Box<RunArgs>),
    /// Show what has been run of a plan, and what is next
    Status {
        /// The file of the plan
        #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
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
