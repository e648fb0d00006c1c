//! The words of the command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use model::step::Layout;
use report::Format;

use super::health::HealthArgs;
use super::migrate::MigrateVerb;
use crate::config::{FailOn, Target};

/// Reads a project's SQL and says what is wrong with it, and how to mend it.
#[derive(Debug, Parser)]
#[command(
    name = "palladio",
    version,
    term_width = 80,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  palladio check                        everything in this folder
  palladio check db/migrations --fix    and mend what is safe to mend
  palladio check --since main           only what this branch adds
  palladio rule M012                    what a rule finds, and why

Exit code: 0 clean, 1 findings, 2 it could not be done"
)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) global: Global,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Read this file instead of the nearest palladio.toml
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "isolated")]
    #[arg(help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// Read no palladio.toml
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) isolated: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    #[arg(help_heading = "Global options", hide_possible_values = true)]
    #[arg(help = "When to use colour: auto, always, never")]
    pub(crate) color: Color,
    /// Fetch nothing from the network
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) offline: bool,
    /// Print findings only: no summary, no progress
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Find what is wrong with schemas, migrations and queries
    #[command(after_help = "\
Examples:
  palladio check
  palladio check db/schema.sql 'queries/*.sql'
  cat new.sql | palladio check - --stdin-filename db/new.sql
  palladio check --format sarif -o palladio.sarif
  palladio check --baseline known.json --write-baseline")]
    Check {
        #[command(flatten)]
        args: Box<CheckArgs>,
        /// Make the fixes that are safe
        #[arg(long, help_heading = "Fixing")]
        fix: bool,
    },
    /// Mend what can be mended safely; the same as check --fix
    #[command(after_help = "\
Examples:
  palladio fix --diff                   show what would change
  palladio fix
  palladio fix --unsafe-fixes --select T001 db/schema.sql

A fix of a schema is written into its file. A fix that a migration history
needs becomes its next migration; released migrations are not rewritten, only
the last one, those that are named, and with --since those of the branch.")]
    Fix {
        #[command(flatten)]
        args: Box<CheckArgs>,
    },
    /// Say which indexes of a database are unused, spare, bloated, broken or
    /// missing
    #[command(after_help = "\
Examples:
  palladio health --db postgres://reader@db.example.org/shop
  palladio health --db production --replica standby1 --replica standby2
  palladio health --db production -o db/migrations
  palladio health --stats stats.json db/schema.sql --format json

Nothing is written to the database. A role that may connect sees how indexes
are used; how bloated they are is seen of tables that it may SELECT from.")]
    Health(Box<HealthArgs>),
    /// Show what was read as one schema
    #[command(after_help = "\
Examples:
  palladio inspect db/migrations
  palladio inspect --format mermaid -o schema.mmd
  palladio inspect schema.sql --format markdown > dictionary.md")]
    Inspect(Box<InspectArgs>),
    /// Show the changes that lead from one source to another
    #[command(after_help = "\
Examples:
  palladio diff db/schema.sql postgres://reader@db.example.org/shop
  palladio diff old.sql new.sql --rename orders.customer=customer_name
  palladio diff db/migrations db/schema.sql --format markdown

A source is a file, a folder, a glob, `-`, or the URL of a database. The SQL
alone leads from A to B. Renames are kept when a flag names them, or a note in
B: -- palladio: was customer. Columns keep the order they have.

Exit code: 0 no difference, 1 differences, 2 it could not be done")]
    Diff(Box<DiffArgs>),
    /// Recommend the indexes that serve a workload best
    #[command(after_help = "\
Examples:
  palladio advise --db shop --budget 500MB
  palladio advise db/schema.sql --stats stats.json --workload queries
  palladio advise --db shop --workload 'queries/*.sql' --format sql
  palladio advise --db shop --workload /var/log/postgresql

Queries are planned by a private PostgreSQL that has the schema and the
statistics of the database and none of its rows; nothing is changed in the
database, and it needs no extension. Without --workload the queries are those
of the sources, or what pg_stat_statements of the database remembers. From
logs come calls and times too, and what a session asked key by key (N+1).

Exit code: 0 nothing to add, 1 there is advice, 2 it could not be done")]
    Advise(Box<AdviseArgs>),
    /// Read a query plan and say what is slow and what to do
    #[command(after_help = "\
Examples:
  palladio explain plan.txt
  psql -c 'EXPLAIN (ANALYZE, BUFFERS) SELECT …' | palladio explain -
  palladio explain --query 'SELECT 1' --db live --analyze
  palladio explain before.json after.json      what changed, and why
  palladio explain plan.xml --format html -o plan.html

It reads text, JSON, YAML and XML, as terminals and clients paste them, and
the logs of auto_explain. Findings come by the time that they could save.

Exit code: 0 nothing to do, 1 findings, 2 it could not be done")]
    Explain(Box<ExplainArgs>),
    /// Explain rules: what they find, why, and how to mend it
    #[command(after_help = "\
Examples:
  palladio rule M012
  palladio rule index-blocks-writes
  palladio rule K                       every rule whose code starts so")]
    Rule {
        /// Codes, starts of codes, names or groups; all rules without one
        #[arg(value_name = "ID")]
        words: Vec<String>,
    },
    /// List the rules
    Rules {
        /// How to write the list
        #[arg(long, value_enum, default_value_t = RuleList::Text)]
        format: RuleList,
    },
    /// Look at the project and write a palladio.toml for it
    Init {
        /// Replace the file that is there
        #[arg(long)]
        force: bool,
    },
    /// Show the configuration in force
    #[command(after_help = "\
Examples:
  palladio config --show-origin
  palladio config schema > palladio.schema.json")]
    Config {
        #[command(subcommand)]
        verb: Option<ConfigVerb>,
        /// Say where each value came from
        #[arg(long)]
        show_origin: bool,
    },
    /// A private PostgreSQL that is thrown away: for proofs, and to try things
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    #[command(after_help = "\
Examples:
  palladio lab status
  palladio lab install 17 --yes
  palladio lab start shop --pg-version 16
  palladio lab shell shop
  palladio lab stop shop
  palladio lab role > role.sql")]
    Lab {
        #[command(subcommand)]
        verb: LabVerb,
    },
    /// Migrations without downtime: run, look, take back
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    Migrate {
        #[command(subcommand)]
        verb: MigrateVerb,
    },
    /// Statistics of a running database, for its planner's decisions elsewhere
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    #[command(after_help = "\
Examples:
  palladio stats export postgres://reader@db.example.org/shop -o stats.json
  palladio stats export --no-values -o stats.json
  palladio stats show stats.json
  palladio check --stats stats.json")]
    Stats {
        #[command(subcommand)]
        verb: StatsVerb,
    },
    /// Print a script that completes commands in a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    #[command(after_help = "\
Examples:
  palladio man | man -l -
  palladio man check | man -l -")]
    Man {
        /// The page of one verb
        verb: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print the JSON schema of palladio.toml
    Schema,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LabVerb {
    /// List the installations of PostgreSQL, the templates and the labs
    Status,
    /// Fetch a PostgreSQL for labs with npm, into the cache
    Install {
        /// The major version, 14 to 18
        #[arg(value_name = "VERSION", value_parser = clap::value_parser!(u16).range(14..=18))]
        major: u16,
        /// Take this file, which `npm pack` made, and fetch nothing
        #[arg(long, value_name = "FILE.tgz", value_hint = ValueHint::FilePath)]
        from: Option<PathBuf>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Start a lab that stays until it is stopped
    Start {
        /// Its name
        #[arg(default_value = "lab")]
        name: String,
        /// The major version; the newest on this machine without one
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(14..=18))]
        pg_version: Option<u16>,
        /// A setting of the server
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
    },
    /// Stop a lab and remove all that is in it
    Stop {
        /// Its name
        #[arg(default_value = "lab")]
        name: String,
    },
    /// Open psql in a lab
    Shell {
        /// Its name
        #[arg(default_value = "lab")]
        name: String,
    },
    /// Remove templates, and labs whose owner or server is gone
    Clean,
    /// Print the SQL of a role that reads catalogs and statistics only
    Role {
        /// Its name
        #[arg(default_value = "palladio")]
        name: String,
        /// The database that it is for: one of palladio.toml, or its URL
        #[arg(long, value_name = "NAME|URL")]
        db: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum StatsVerb {
    /// Read them from a database, which nothing is written to
    #[command(after_help = "\
Without URL and --db it is the database of DATABASE_URL. A role that may SELECT
sees the statistics of its tables; those of expressions and of CREATE STATISTICS
are for the owner of the tables. What is not seen is named in the file.

The file holds values of the data: the most common ones, and samples of the
others. With --no-values they never leave the database.")]
    Export {
        /// postgres://USER@HOST/DATABASE
        #[arg(value_name = "URL", conflicts_with = "db")]
        url: Option<String>,
        /// A database of palladio.toml, or its URL
        #[arg(long, value_name = "NAME|URL")]
        db: Option<String>,
        /// Write to a file instead of the standard output
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        /// Leave out values of the data; ranges and common values are then
        /// estimated worse
        #[arg(long)]
        no_values: bool,
    },
    /// List what is in a file of statistics
    Show {
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RuleList {
    Text,
    Json,
    Markdown,
}

/// What the sources are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    Postgres,
}

#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Files, folders, globs, or `-` for the standard input; a database as
    /// postgres://HOST/DATABASE or db:NAME; this folder without one
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<String>,
    /// A running database instead: one of palladio.toml, or its URL
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) db: Option<String>,
    /// The name of what comes from the standard input
    #[arg(long, value_name = "PATH", default_value = "stdin.sql", hide_default_value = true)]
    pub(crate) stdin_filename: String,
    /// The database that the SQL is for [postgres]
    #[arg(long, value_enum, value_name = "DATABASE", default_value_t = From::Postgres)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(crate) from: From,
    /// Its major version [14 to 18]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(14..=18))]
    pub(crate) pg_version: Option<u16>,
    /// Statistics of the running database
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) stats: Option<PathBuf>,
    /// List what could not be read
    #[arg(long)]
    pub(crate) show_problems: bool,
    /// Write to a file instead of the standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// How to write the findings: full, concise, json, jsonl, sarif, github,
    /// gitlab, junit, markdown
    #[arg(long, value_parser = formats(), default_value = "full", hide_possible_values = true)]
    #[arg(hide_default_value = true)]
    pub(crate) format: Format,
    /// What runs it, when it is not PostgreSQL on one machine: citus,
    /// cockroachdb, yugabytedb, spanner, vitess
    #[arg(long, value_enum, value_name = "DATABASE", hide_possible_values = true)]
    pub(crate) target: Option<Target>,
    /// Run these rules instead of the default ones
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', help_heading = "Which findings")]
    pub(crate) select: Vec<String>,
    /// Run these rules as well
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', help_heading = "Which findings")]
    pub(crate) extend_select: Vec<String>,
    /// Do not run these rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', help_heading = "Which findings")]
    pub(crate) ignore: Vec<String>,
    /// Only what was added since this git revision
    #[arg(long, value_name = "REV", help_heading = "Which findings")]
    pub(crate) since: Option<String>,
    /// Leave out the findings of this file
    #[arg(long, value_name = "FILE", help_heading = "Which findings", value_hint = ValueHint::FilePath)]
    pub(crate) baseline: Option<PathBuf>,
    /// Write all findings to the baseline
    #[arg(long, help_heading = "Which findings")]
    pub(crate) write_baseline: bool,
    /// Rehearse on a private PostgreSQL: try what the findings claim, and find
    /// what the server refuses
    #[arg(long, help_heading = "Which findings")]
    pub(crate) prove: bool,
    /// Show the fixes as a diff and write nothing
    #[arg(long, help_heading = "Fixing")]
    pub(crate) diff: bool,
    /// Make the other fixes too: they can change what the application sees
    #[arg(long, help_heading = "Fixing")]
    pub(crate) unsafe_fixes: bool,
    /// The least severity that makes the exit code 1: error, warning, note,
    /// never [warning]
    #[arg(long, value_enum, value_name = "SEVERITY", hide_possible_values = true, help_heading = "Exit code")]
    pub(crate) fail_on: Option<FailOn>,
    /// Exit with 0 also when there are findings
    #[arg(long, help_heading = "Exit code")]
    pub(crate) exit_zero: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdviseFormat {
    /// For people
    Text,
    /// A versioned document
    Json,
    /// The statements alone
    Sql,
}

#[derive(Debug, Args)]
pub(crate) struct AdviseArgs {
    /// Files and folders with the schema, where no database is read
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<String>,
    /// Files and folders with the queries: SQL, logs of PostgreSQL or of an
    /// ORM, CSV of pg_stat_statements
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) workload: Vec<String>,
    /// From how many calls on a statement that a session repeats is named
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) repeats: u32,
    /// A database of palladio.toml, or its URL: its schema and statistics are
    /// read
    #[arg(long, value_name = "NAME|URL", conflicts_with_all = ["stats", "sources"])]
    pub(crate) db: Option<String>,
    /// Its statistics from a file: palladio stats export
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) stats: Option<PathBuf>,
    /// What the new indexes may take together: 500MB, 2GB
    #[arg(long, value_name = "SIZE", value_parser = crate::advise::bytes)]
    pub(crate) budget: Option<u64>,
    /// How many new indexes at most
    #[arg(long, value_name = "N")]
    pub(crate) max_indexes: Option<usize>,
    /// How much writes count: 0 not at all, 2 twice as much
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) write_cost: f64,
    /// Look at the indexes that are there too: those that none of these queries
    /// uses, and writes pay for, are to be dropped. Give it all queries
    #[arg(long)]
    pub(crate) review: bool,
    /// Plan with another PostgreSQL than that of the statistics, if there is
    /// no such on this machine
    #[arg(long)]
    pub(crate) any_version: bool,
    /// How to write the advice
    #[arg(long, value_enum, default_value_t = AdviseFormat::Text)]
    pub(crate) format: AdviseFormat,
    /// Write to a file instead of the standard output; into a folder, the indexes
    /// as a migration
    #[arg(long, short, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// The tool that runs the migrations, where nothing in the folder says so
    #[arg(long, value_name = "TOOL", value_parser = super::migrate::layout, requires = "output")]
    pub(crate) layout: Option<Layout>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// How to write the schema
    #[arg(long, value_enum, default_value_t = crate::inspect::Format::Sql)]
    pub(crate) format: crate::inspect::Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// The tree and the findings
    Text,
    /// A versioned document
    Json,
    /// A picture
    Svg,
    /// A page with the picture, the tree and the findings
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Files with query plans, or `-` for the standard input; two of them are
    /// compared
    #[arg(value_name = "FILE", num_args = 0..=2, value_hint = ValueHint::FilePath, conflicts_with = "query")]
    pub(crate) sources: Vec<String>,
    /// Ask the database for the plan of this statement
    #[arg(long, value_name = "SQL", requires = "db")]
    pub(crate) query: Option<String>,
    /// The database: of the query, and of tables and statistics
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) db: Option<String>,
    /// Run the query, in a transaction that is taken back
    #[arg(long, requires = "query")]
    pub(crate) analyze: bool,
    /// Statistics of the database: whether they are fresh
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) stats: Option<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,
    /// The major version of the server [14 to 18]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(14..=18))]
    pub(crate) pg_version: Option<u16>,
    /// Exit with 0 also when there are findings
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Write to a file instead of the standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// The statements, for psql
    Sql,
    /// A versioned document
    Json,
    /// A list for a pull request
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
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
    /// How to write the changes
    #[arg(long, value_enum, default_value_t = DiffFormat::Sql)]
    pub(crate) format: DiffFormat,
    /// The major version that both are for [14 to 18]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(14..=18))]
    pub(crate) pg_version: Option<u16>,
    /// Exit with 0 also when there are differences
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Write to a file instead of the standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.iter().map(|format| PossibleValue::new(format.name()).help(format.help()));
    PossibleValuesParser::new(values).map(|name| {
        let named = Format::ALL.iter().find(|format| format.name() == name);
        *named.expect("the parser lets only names of formats through")
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_fits_eighty_columns() {
        let mut whole = Cli::command();
        whole.build();
        let mut commands: Vec<clap::Command> = whole.get_subcommands().cloned().collect();
        commands.push(whole);
        for mut command in commands {
            for help in [command.render_help(), command.render_long_help()] {
                for line in help.to_string().lines() {
                    assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
                }
            }
        }
    }
}
