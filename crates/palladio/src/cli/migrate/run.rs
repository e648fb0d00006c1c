//! `migrate run`, `status`, `undo`, `baseline` and `repair` on the command line.

mod look;
mod signals;

use std::path::Path;

use live::Target;
use live::run::{Job, Options, Outcome, Undoing, Until};
use model::Name;
use model::name::PUBLIC;

use super::args::{CareArgs, PlaceArgs, RunArgs, UndoArgs};
use crate::cli::output::{Output, remark};
use crate::cli::{End, World};
use crate::migrate::run as verbs;
use crate::migrate::run::targets::{self, One};
use crate::{Failure, database, files};
use look::Look;
use signals::Signals;

pub(super) fn run(world: &World, args: &RunArgs) -> Result<End, Failure> {
    let options = Options {
        until: match (args.until, args.release) {
            (Some(phase), _) => Until::Phase(phase),
            (None, Some(release)) => Until::Release(release),
            (None, None) => Until::Deploy,
        },
        batch_time: args.batch_time,
        max_lag: args.max_lag,
        force: args.force,
        ..with_care(&args.care)
    };
    if args.plan.is_dir() {
        return folder(world, args, &options);
    }
    let plan = verbs::load(&args.plan)?;
    let places = places(world, &args.place)?;
    let again = again("run", &args.plan, &args.place);
    let mut output = Output::standard();
    if args.dry_run {
        for one in &places {
            if places.len() > 1 {
                output.print(&format!("-- {}\n", one.name))?;
            }
            let status = live::run::status(&one.target, Job { plan: &plan, namespace: &one.namespace })?;
            output.print(&verbs::dry(&plan, &status))?;
        }
        return Ok(End::Clean);
    }
    let signals = Signals::listen()?;
    if args.place.targets.is_some() {
        let quiet = world.global.quiet;
        let said = |name: &str, words: &str| {
            if !quiet {
                remark(&format!("{name}: {words}\n"));
            }
        };
        let results = verbs::many::run(&plan, &places, &options, args.jobs, &|| signals.stops(), &said);
        output.print(&verbs::many::table(&plan, &results, &again))?;
        return Ok(if verbs::many::all_good(&results) { End::Clean } else { End::Findings });
    }
    let one = &places[0];
    let mut look = Look::new(world.global.quiet, &signals);
    let outcome = live::run::run(&one.target, Job { plan: &plan, namespace: &one.namespace }, &options, &mut look);
    look.finish();
    let outcome = outcome?;
    output.print(&verbs::ended_at(&plan, &outcome, &again))?;
    Ok(end(&outcome))
}

/// A folder of migrations that somebody wrote, on one database after the other.
fn folder(world: &World, args: &RunArgs, options: &Options) -> Result<End, Failure> {
    let history = verbs::folder::load(&world.folder, &args.plan)?;
    if args.until.is_some() || args.release.is_some() {
        return Err(Failure::new("migrations that somebody wrote have no phases and releases")
            .hint("Leave out --until and --release"));
    }
    let places = places(world, &args.place)?;
    if let Some(one) = places.iter().find(|one| one.namespace != PUBLIC) {
        return Err(Failure::new(format!("a folder is run in whole databases, and {} is a schema", one.namespace)));
    }
    let Some(first) = places.first() else { return Ok(End::Clean) };
    let settled = live::run::history::settled(&first.target, history.layout)?;
    let history = history.of(settled);
    let signals = Signals::listen()?;
    let mut output = Output::standard();
    for one in places {
        if args.dry_run {
            let pending = live::run::history::pending(&one.target, history.layout, &history.scripts)?;
            output.print(&verbs::pending(&pending))?;
            continue;
        }
        let mut look = Look::new(world.global.quiet, &signals);
        let ran = live::run::history::run(&one.target, history.layout, &history.scripts, options, &mut look);
        look.finish();
        let ran = ran?;
        output.print(&verbs::applied(&one.name, history.layout, &ran))?;
        if ran.stopped.is_some() {
            return Ok(End::Findings);
        }
    }
    Ok(End::Clean)
}

pub(super) fn status(world: &World, plan: &Path, place: &PlaceArgs) -> Result<End, Failure> {
    if plan.is_dir() {
        return folder_status(world, plan, place);
    }
    let plan = verbs::load(plan)?;
    let places = places(world, place)?;
    let mut output = Output::standard();
    for one in &places {
        let status = live::run::status(&one.target, Job { plan: &plan, namespace: &one.namespace })?;
        if place.targets.is_some() {
            output.print(&format!("{}: {}\n", one.name, verbs::in_a_line(&plan, &status)))?;
        } else {
            output.print(&verbs::table(&plan, &status))?;
        }
    }
    Ok(End::Clean)
}

fn folder_status(world: &World, folder: &Path, place: &PlaceArgs) -> Result<End, Failure> {
    let history = verbs::folder::load(&world.folder, folder)?;
    let places = places(world, place)?;
    let Some(first) = places.first() else { return Ok(End::Clean) };
    let settled = live::run::history::settled(&first.target, history.layout)?;
    let history = history.of(settled);
    for one in places {
        let pending = live::run::history::pending(&one.target, history.layout, &history.scripts)?;
        Output::standard().print(&verbs::waiting(&one.name, history.scripts.len(), &pending))?;
    }
    Ok(End::Clean)
}

pub(super) fn undo(world: &World, args: &UndoArgs) -> Result<End, Failure> {
    let plan = verbs::load(&args.plan)?;
    let undoing = Undoing { to: verbs::last_kept(&plan, &args.to)?, allow_loss: args.allow_loss };
    let options = with_care(&args.care);
    let signals = Signals::listen()?;
    let again = again("undo", &args.plan, &args.place);
    let mut output = Output::standard();
    let mut whole = End::Clean;
    for one in places(world, &args.place)? {
        let mut look = Look::new(world.global.quiet, &signals);
        let job = Job { plan: &plan, namespace: &one.namespace };
        let outcome = live::run::undo(&one.target, job, undoing, &options, &mut look);
        look.finish();
        let outcome = outcome?;
        let at = if args.place.targets.is_some() { format!("{}: ", one.name) } else { String::new() };
        let said = match (&outcome, undoing.to) {
            (Outcome::Reached, 0) => "Taken back: nothing of the plan is left.\n".to_owned(),
            (Outcome::Reached, to) => format!("Taken back to step {to}.\n"),
            (Outcome::NothingToDo, _) => "Nothing to take back.\n".to_owned(),
            (stopped, _) => verbs::ended_at(&plan, stopped, &again),
        };
        output.print(&format!("{at}{said}"))?;
        if end(&outcome) == End::Findings {
            whole = End::Findings;
            break;
        }
    }
    Ok(whole)
}

pub(super) fn baseline(world: &World, plan: &Path, place: &PlaceArgs, force: bool) -> Result<End, Failure> {
    let plan = verbs::load(plan)?;
    let signals = Signals::listen()?;
    let options = Options { force, ..Options::default() };
    for one in places(world, place)? {
        let mut look = Look::new(world.global.quiet, &signals);
        live::run::baseline(&one.target, Job { plan: &plan, namespace: &one.namespace }, &options, &mut look)?;
        Output::standard().print(&format!("{}: noted as done, nothing was run\n", one.name))?;
    }
    Ok(End::Clean)
}

pub(super) fn repair(world: &World, plan: &Path, place: &PlaceArgs) -> Result<End, Failure> {
    let plan = verbs::load(plan)?;
    let signals = Signals::listen()?;
    let mut output = Output::standard();
    for one in places(world, place)? {
        let mut look = Look::new(world.global.quiet, &signals);
        let job = Job { plan: &plan, namespace: &one.namespace };
        let said = live::run::repair(&one.target, job, &Options::default(), &mut look)?;
        look.finish();
        if said.is_empty() {
            output.print(&format!("{}: nothing to repair\n", one.name))?;
        }
        for line in said {
            output.print(&format!("{}: {line}\n", one.name))?;
        }
    }
    Ok(End::Clean)
}

fn end(outcome: &Outcome) -> End {
    match outcome {
        Outcome::Stopped(_) => End::Findings,
        _ => End::Clean,
    }
}

fn with_care(care: &CareArgs) -> Options {
    Options { lock_timeout: care.lock_timeout, retry_for: care.retry_for, ..Options::default() }
}

/// Where it is run: the list of a file, or one database.
fn places(world: &World, place: &PlaceArgs) -> Result<Vec<One>, Failure> {
    let loaded = world.load(&[])?;
    let db = match &place.db {
        Some(db) => Some(database::resolve(db, &loaded.config)?),
        None => Target::from_environment().transpose()?,
    };
    if let Some(file) = &place.targets {
        return targets::load(file, db.as_ref(), &loaded.config);
    }
    let target = db.ok_or_else(|| {
        Failure::new("no database is named").hint("Give one of: --db NAME|URL · --targets FILE · DATABASE_URL")
    })?;
    let name = target.database_name().to_owned();
    Ok(vec![One { name, target, namespace: place.schema.clone().map_or(PUBLIC, Name::from) }])
}

/// What to type to go on. An address is left to whoever types it: it may hold a password.
fn again(verb: &str, plan: &Path, place: &PlaceArgs) -> String {
    let mut words = format!("palladio migrate {verb} {}", files::shown(plan));
    match &place.db {
        Some(db) if db.contains("://") || db.contains('=') => words += " --db URL",
        Some(db) => words += &format!(" --db {db}"),
        None => {}
    }
    if let Some(schema) = &place.schema {
        words += &format!(" --schema {schema}");
    }
    if let Some(file) = &place.targets {
        words += &format!(" --targets {}", files::shown(file));
    }
    words
}
