//! The command line: a thin face over the verbs. One definition gives parsing, help, completions and the man page.

mod advise;
mod args;
mod check;
mod diff;
mod explain;
mod fetch;
mod health;
mod inspect;
mod lab;
mod migrate;
mod output;
mod progress;
mod stats;

use std::path::{Path, PathBuf};
use std::thread;

use clap::{CommandFactory, Parser};
use signal_hook::low_level::exit;

use crate::config::{self, Loaded};
use crate::{Failure, files, init, rules};
pub use args::Cli;
use args::{ConfigVerb, Global, RuleList, Verb};
use output::Output;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Clean,
    Findings,
}

/// Runs the command line of this process, and ends it.
pub fn run() {
    let cli = Cli::parse();
    on_deep_stack(|| end(dispatch(cli)));
}

/// Ends the process at once: everything is written, and the system takes all memory back faster than the allocator gives
/// it back piece by piece.
fn end(how: Result<End, Failure>) {
    exit(match how {
        Ok(End::Clean) | Err(Failure::ReaderGone) => 0,
        Ok(End::Findings) => 1,
        Err(failure) => {
            output::complain(&failure);
            2
        }
    })
}

/// Expressions may be nested thousands deep, and each level is a few calls to whoever reads or walks them. The same on
/// every machine, whatever the stack of the main thread is.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(read::STACK).spawn_scoped(scope, work);
        let worker = worker.expect("a process may have a second thread");
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn dispatch(cli: Cli) -> Result<End, Failure> {
    let world = World::new(cli.global)?;
    let mut output = Output::standard();
    match cli.verb {
        Verb::Check { args, fix: false } if !args.diff => return check::check(&world, &args),
        Verb::Check { args, .. } | Verb::Fix { args } => return check::fix(&world, &args),
        Verb::Advise(args) => return advise::advise(&world, &args),
        Verb::Diff(args) => return diff::diff(&world, &args),
        Verb::Explain(args) => return explain::explain(&world, &args),
        Verb::Health(args) => return health::health(&world, &args),
        Verb::Inspect(args) => return inspect::inspect(&world, &args),
        Verb::Rule { words } => {
            let all = rules::all();
            let wanted = match &words[..] {
                [] => rules::select(&["ALL".to_owned()], &[], &[])?,
                words => rules::select(words, &[], &[])?,
            };
            let wanted = all.iter().filter(|rule| wanted.contains(rule.code));
            let pages: Vec<String> = wanted.map(|rule| report::rules::page(rule, 80)).collect();
            output.print(&pages.join("\n"))?;
        }
        Verb::Rules { format } => {
            let all = rules::all();
            output.print(&match format {
                RuleList::Text => report::rules::table(&all, 80),
                RuleList::Json => report::rules::json(&all),
                RuleList::Markdown => report::rules::markdown(&all),
            })?;
        }
        Verb::Init { force } => {
            let said = init::init(&world.folder, force)?;
            output.print(&said)?;
        }
        Verb::Config { verb: Some(ConfigVerb::Schema), .. } => output.print(&config::schema())?,
        Verb::Config { verb: None, show_origin } => output.print(&config::origins(&world.load(&[])?, show_origin))?,
        Verb::Lab { verb } => lab::lab(&world, verb, &mut output)?,
        Verb::Migrate { verb } => return migrate::migrate(&world, verb),
        Verb::Stats { verb } => stats::stats(&world, verb)?,
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "palladio", &mut script);
            output.bytes(&script)?;
        }
        Verb::Man { verb } => output.bytes(&manual(verb.as_deref())?)?,
    }
    Ok(End::Clean)
}

/// The manual page of the program, or of one verb.
fn manual(verb: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut whole = Cli::command();
    whole.build();
    let command = match verb {
        None => whole,
        Some(verb) => {
            let found = whole.find_subcommand(verb).cloned();
            found.ok_or_else(|| {
                Failure::new(format!("no verb is called `{verb}`")).hint("All of them: palladio --help")
            })?
        }
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|cause| Failure::new(format!("the manual page cannot be written: {cause}")))?;
    Ok(page)
}

/// Where the command runs, and what every verb is told.
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) global: Global,
}

impl World {
    fn new(global: Global) -> Result<World, Failure> {
        let folder = std::env::current_dir()
            .map_err(|cause| Failure::new(format!("the current folder cannot be read: {cause}")))?;
        Ok(World { folder, global })
    }

    /// The configuration for these sources: the nearest above all of them.
    pub(crate) fn load(&self, sources: &[String]) -> Result<Loaded, Failure> {
        let from = above_all(&self.folder, sources);
        config::load(&self.folder, &from, self.global.config.as_deref(), self.global.isolated)
    }

    /// A path of the configuration, as seen from the current folder.
    pub(crate) fn seen_from_here(&self, loaded: &Loaded, path: &str) -> PathBuf {
        let whole = files::absolute(&loaded.root, Path::new(path));
        match whole.strip_prefix(&self.folder) {
            Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
            Ok(below) => below.to_owned(),
            Err(_) => whole,
        }
    }
}

/// The deepest folder that holds all of the sources.
fn above_all(folder: &Path, sources: &[String]) -> PathBuf {
    let whole = |source: &String| {
        let path = files::absolute(folder, Path::new(source));
        let above = path.ancestors().find(|above| above.is_dir()).map(Path::to_owned);
        above.unwrap_or_else(|| folder.to_owned())
    };
    let folders = sources.iter().filter(|source| *source != "-").map(whole);
    let common = folders.reduce(|left, right| {
        let shared = left.ancestors().find(|above| right.starts_with(above));
        shared.unwrap_or(Path::new("/")).to_owned()
    });
    common.unwrap_or_else(|| folder.to_owned())
}
