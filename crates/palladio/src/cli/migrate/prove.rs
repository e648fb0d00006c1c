//! `migrate prove` on the command line: a plan, a folder, or two sources.

use std::path::Path;

use live::Target;
use live::prove::Rows;
use model::Reading;
use model::dialect::Version;
use model::proven::Proven;
use report::proven::render;

use super::super::diff::side;
use super::super::output::Output;
use super::super::progress::Progress;
use super::super::{End, World, fetch};
use super::args::ProveArgs;
use super::plan::{asked, sides};
use crate::diff::Sides;
use crate::migrate::prove::{self as verb, Known, Which};
use crate::migrate::{plan, run};
use crate::{Failure, database, files};

pub(super) fn prove(world: &World, args: &ProveArgs) -> Result<End, Failure> {
    fetch::offer(world, args.way.pg_version)?;
    let whole = Path::new(&args.what);
    let proven = match &args.after {
        Some(after) => between(world, args, after)?,
        None if world.folder.join(whole).is_dir() => of_folder(world, args, whole)?,
        None => of_plan(world, args, whole)?,
    };
    let mut output = Output::to(args.output.as_deref());
    output.print(&render(&proven, args.format))?;
    output.finish()?;
    Ok(if proven.holds() { End::Clean } else { End::Findings })
}

/// Two sources: planned and proven at once.
fn between(world: &World, args: &ProveArgs, after: &String) -> Result<Proven, Failure> {
    only_for("a folder", &[("--from", args.first.is_some()), ("--last", args.last)])?;
    only_for("the file of a plan", &[("--before", args.stands.is_some())])?;
    let (sides, stats) = sides(world, [&args.what, after], &args.way)?;
    let made = plan::plan(&sides, &asked(&args.way), stats.as_ref())?;
    let filled = plan::origin(&sides, &args.way.fills).filled;
    let mut proven = rehearse(world, args, &sides, &made.planned, filled)?;
    // What the plan knows that it does not reach need not be seen on a server.
    let unreached = made.left.iter().map(|path| format!("not reached: {} {path}", path.kind.sql().to_lowercase()));
    let unreached: Vec<String> = unreached.filter(|said| !proven.wrong.contains(said)).collect();
    proven.wrong.extend(unreached);
    Ok(proven)
}

fn of_plan(world: &World, args: &ProveArgs, path: &Path) -> Result<Proven, Failure> {
    only_for("a folder", &[("--from", args.first.is_some()), ("--last", args.last)])?;
    planning(args, "the plan was made with what it needs")?;
    let shown = files::shown(path);
    let (plan, origin) = match run::load_with_origin(path) {
        Err(_) if is_source(&shown) => {
            return Err(Failure::new(format!("{shown} is neither a plan nor a folder of migrations"))
                .hint(format!("Two sources are planned and proven at once: palladio migrate prove {shown} B")));
        }
        loaded => loaded?,
    };
    let origin = origin.ok_or_else(|| {
        Failure::new(format!("{shown} does not say what it was made of"))
            .hint(format!("Plan again: palladio migrate plan A B -o {shown}"))
            .hint("Or prove both sides: palladio migrate prove A B")
    })?;
    let sides = verb::sides(&plan, &origin, &shown)?;
    if let Some(source) = &args.stands {
        let now = side(world, source, Some(plan.version.0))?;
        verb::is_for(&plan, &now.reading.schema, [&shown, &now.name])?;
    }
    rehearse(world, args, &sides, &plan, origin.filled)
}

/// SQL and databases are sources; a file that cannot be read is said to be so.
fn is_source(shown: &str) -> bool {
    shown.ends_with(".sql") || database::of_source(shown).is_some()
}

fn rehearse(
    world: &World,
    args: &ProveArgs,
    sides: &Sides,
    plan: &model::Planned,
    filled: Vec<String>,
) -> Result<Proven, Failure> {
    let own = [&args.queries_before, &args.queries_after];
    let read = |source: &String| Ok::<_, Failure>(side(world, source, args.way.pg_version)?.reading);
    let given: [Option<Reading>; 2] = [own[0].as_ref().map(read).transpose()?, own[1].as_ref().map(read).transpose()?];
    let queries = [0, 1].map(|at| given[at].as_ref().unwrap_or(&sides.readings[at]));
    let sample = sample(world, args)?;
    let rows = match &sample {
        Some(from) => Rows::Copied { from, count: args.rows },
        None => Rows::Made { count: args.rows, without: Default::default() },
    };
    let _progress = Progress::start(world.global.quiet, "rehearsing".to_owned());
    verb::prove(sides, plan, Known { rows, filled, queries })
}

fn of_folder(world: &World, args: &ProveArgs, folder: &Path) -> Result<Proven, Failure> {
    only_for("the file of a plan", &[("--before", args.stands.is_some())])?;
    let application = args.queries_before.is_some() || args.queries_after.is_some();
    only_for("a plan", &[("--queries-before and --queries-after", application), ("--sample", args.sample.is_some())])?;
    planning(args, "a folder is proven as it is written")?;
    let loaded = world.load(std::slice::from_ref(&args.what))?;
    let version = Version(args.way.pg_version.unwrap_or(loaded.config.pg_version), 0);
    let which = match &args.first {
        Some(first) => Which::From(first),
        None if args.last => Which::Last,
        None => Which::All,
    };
    let _progress = Progress::start(world.global.quiet, "rehearsing".to_owned());
    verb::folder(&world.folder, folder, which, args.rows, version)
}

fn sample(world: &World, args: &ProveArgs) -> Result<Option<Target>, Failure> {
    let Some(db) = &args.sample else { return Ok(None) };
    database::resolve(db, &world.load(&[])?.config).map(Some)
}

/// Words that say nothing here are a mistake, and not passed over.
fn only_for(what: &str, flags: &[(&str, bool)]) -> Result<(), Failure> {
    match flags.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::new(format!("{flag} is for {what}"))),
        None => Ok(()),
    }
}

fn planning(args: &ProveArgs, why: &str) -> Result<(), Failure> {
    let way = &args.way;
    let flags = [
        ("--rename", !way.renames.is_empty()),
        ("--drop", !way.drops.is_empty()),
        ("--fill", !way.fills.is_empty()),
        ("--stats", way.stats.is_some()),
    ];
    match flags.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::new(format!("{flag} is for two sources: {why}"))),
        None => Ok(()),
    }
}
