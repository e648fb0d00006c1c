//! `check` on the command line: from arguments to a report and an exit code.

use std::path::{Path, PathBuf};

use live::Target;
use report::{Fixing, Format, Outcome, Report, RuleInfo, Style};

use super::args::{CheckArgs, SourceArgs};
use super::fetch;
use super::output::{Output, remark};
use super::progress::Progress;
use super::{End, World};
use crate::check::{Baseline, Checked, Choice, Plan, since};
use crate::config::Loaded;
use crate::fix::{self, Wanted};
use crate::sources::{self, Request, Source};
use crate::{Failure, database, files, inspection, rules};

pub(super) fn check(world: &World, args: &CheckArgs) -> Result<End, Failure> {
    if args.unsafe_fixes {
        return Err(
            Failure::new("--unsafe-fixes needs --fix or --diff").hint("Look first: palladio fix --diff --unsafe-fixes")
        );
    }
    let db = database::only(args.source.db.as_deref(), &args.source.sources)?;
    // What a database is called says nothing about where the configuration is.
    let loaded = if db.is_some() { world.load(&[])? } else { world.load(&args.source.sources)? };
    let plan = plan(world, &loaded, args)?;
    let rules = rules::all();
    let checked = match db {
        Some(db) => check_database(world, args, plan.clone(), &database::resolve(db, &loaded.config)?, &rules)?,
        None => {
            let progress = Progress::start(world.global.quiet, "looking for SQL".to_owned());
            let sources = find(world, &loaded, &args.source)?;
            progress.now(format!("reading {}", report::count::counted(sources.len(), "file")));
            let inputs = sources::load(&world.folder, &sources)?;
            match args.prove {
                true => {
                    fetch::offer(world, args.source.pg_version)?;
                    plan.prove(inputs, &rules, args.source.pg_version)?
                }
                false => plan.check(inputs, &rules),
            }
        }
    };
    let from_root = plan.from_root(&checked.reading);
    let report =
        Report { reading: &checked.reading, findings: &checked.findings, rules: &rules, from_root: &from_root };
    if args.write_baseline {
        return write_baseline(world, &loaded, args, &report);
    }
    let outcome = Outcome {
        sources: &args.source.sources,
        known: checked.known,
        problems_shown: args.source.show_problems,
        fixing: None,
    };
    print(world, args, &report, outcome)?;
    let end = end(&loaded, args, &checked);
    // The process ends here: the system takes the memory back faster than a million small values can be freed.
    std::mem::forget(checked);
    Ok(end)
}

/// Judges a running database by the version that it has, unless the command line names another.
fn check_database(
    world: &World,
    args: &CheckArgs,
    mut plan: Plan,
    target: &Target,
    rules: &[RuleInfo],
) -> Result<Checked, Failure> {
    if plan.since.is_some() {
        return Err(Failure::new("--since asks git what is new, and a database is not in it"));
    }
    if args.prove {
        return Err(Failure::new("--prove runs SQL on a private server, never on one that is in use")
            .hint("Name the migrations: palladio check --prove db/migrations"));
    }
    let _progress = Progress::start(world.global.quiet, "looking at the database".to_owned());
    let (reading, version) = inspection::read(target)?;
    if args.source.pg_version.is_none() {
        plan.settings.version = version;
    }
    let (findings, known) = plan.judge(&reading, rules);
    Ok(Checked { reading, findings, known })
}

/// Fixes, then reports what is left; with `--diff`, shows what would change instead of both.
pub(super) fn fix(world: &World, args: &CheckArgs) -> Result<End, Failure> {
    if args.prove {
        return Err(Failure::new("--prove looks and mends nothing").hint("Fix first, then: palladio check --prove"));
    }
    if database::only(args.source.db.as_deref(), &args.source.sources)?.is_some() {
        return Err(
            Failure::new("a database is not changed here").hint("See what is to be done: palladio check --db NAME")
        );
    }
    let loaded = world.load(&args.source.sources)?;
    let plan = plan(world, &loaded, args)?;
    let progress = Progress::start(world.global.quiet, "looking for SQL".to_owned());
    let sources = find(world, &loaded, &args.source)?;
    let from_stdin = |source: &Source| matches!(source, Source::Text { .. });
    if !args.diff && sources.iter().any(from_stdin) {
        return Err(Failure::new("what comes from the standard input cannot be fixed in its place")
            .hint("Show the fixes instead: palladio fix --diff -"));
    }
    progress.now(format!("fixing {}", report::count::counted(sources.len(), "file")));
    let named = sources
        .iter()
        .map(Source::path)
        .filter(|path| args.source.sources.iter().any(|named| files::shown(Path::new(named)) == *path));
    let wanted = Wanted { unsafe_fixes: args.unsafe_fixes, named: named.map(str::to_owned).collect() };
    let rules = rules::all();
    let fixed = fix::fix(&plan, &sources, &wanted, &rules)?;
    drop(progress);
    let checked = &fixed.checked;
    let from_root = plan.from_root(&checked.reading);
    let report =
        Report { reading: &checked.reading, findings: &checked.findings, rules: &rules, from_root: &from_root };
    let fixing = Fixing { fixed: fixed.fixed, files: fixed.changed.len(), dry: args.diff, held: fixed.held };
    let outcome = Outcome {
        sources: &args.source.sources,
        known: checked.known,
        problems_shown: args.source.show_problems,
        fixing: Some(fixing),
    };
    if args.diff {
        let mut output = Output::to(args.source.output.as_deref());
        output.print(&fix::diff(&fixed.changed))?;
        if !world.global.quiet {
            remark(&report::summary(&report, outcome));
        }
        output.finish()?;
        return Ok(if fixed.changed.is_empty() || args.exit_zero { End::Clean } else { End::Findings });
    }
    fix::write(&world.folder, &fixed.changed)?;
    print(world, args, &report, outcome)?;
    Ok(end(&loaded, args, checked))
}

fn end(loaded: &Loaded, args: &CheckArgs, checked: &Checked) -> End {
    let fail_on = args.fail_on.unwrap_or(loaded.config.fail_on);
    let fails = checked.findings.iter().any(|finding| fail_on.fails(finding.severity));
    if fails && !args.exit_zero { End::Findings } else { End::Clean }
}

/// The files to read, those of the configuration when none are named, and the statistics.
pub(super) fn find(world: &World, loaded: &Loaded, args: &SourceArgs) -> Result<Vec<Source>, Failure> {
    let configured = || loaded.config.sources.iter().map(|source| files::shown(&world.seen_from_here(loaded, source)));
    let mut wanted: Vec<String> = match &args.sources[..] {
        [] if loaded.file.is_some() => configured().collect(),
        [] => vec![".".to_owned()],
        sources => sources.to_vec(),
    };
    let stats =
        args.stats.clone().or_else(|| loaded.config.stats.as_ref().map(|path| world.seen_from_here(loaded, path)));
    wanted.extend(stats.map(|path| files::shown(&path)));
    let exclude = sources::globs(&loaded.config.exclude)?;
    let request = Request {
        folder: &world.folder,
        sources: &wanted,
        exclude: &exclude,
        root: &loaded.root,
        stdin_filename: &args.stdin_filename,
        logs: false,
    };
    let found = sources::find(&request)?;
    if found.is_empty() {
        return Err(Failure::new(format!("no SQL in {}", wanted.join(", ")))
            .hint("Looked for *.sql, query plans and statistics, past .gitignore and node_modules")
            .hint("Name what to read: palladio check FILE"));
    }
    Ok(found)
}

fn plan(world: &World, loaded: &Loaded, args: &CheckArgs) -> Result<Plan, Failure> {
    let choice = Choice {
        select: args.select.clone(),
        extend_select: args.extend_select.clone(),
        ignore: args.ignore.clone(),
        pg_version: args.source.pg_version,
        target: args.target,
    };
    let mut plan = Plan::new(&world.folder, loaded, &choice)?;
    plan.since = args.since.as_ref().map(|revision| since(&world.folder, revision)).transpose()?;
    if !args.write_baseline {
        plan.baseline = baseline(world, loaded, args).map(|path| Baseline::read(&path)).transpose()?;
    }
    Ok(plan)
}

fn baseline(world: &World, loaded: &Loaded, args: &CheckArgs) -> Option<PathBuf> {
    let configured = || loaded.config.baseline.as_ref().map(|path| world.seen_from_here(loaded, path));
    args.baseline.clone().or_else(configured)
}

fn write_baseline(world: &World, loaded: &Loaded, args: &CheckArgs, report: &Report<'_>) -> Result<End, Failure> {
    let path = baseline(world, loaded, args).ok_or_else(|| {
        Failure::new("--write-baseline needs a file to write")
            .hint("Name it: --baseline palladio-baseline.json, or `baseline = …` in palladio.toml")
    })?;
    let name = files::shown(&path);
    files::write(&path, Baseline::text(report).as_bytes())
        .map_err(|cause| Failure::new(format!("{name} cannot be written: {cause}")))?;
    if !world.global.quiet {
        let count = report::count::counted(report.findings.len(), "finding");
        remark(&format!("Wrote {count} to {name}; palladio check --baseline {name} leaves them out\n"));
    }
    Ok(End::Clean)
}

/// The report, and what surrounds it for people: the full format has the summary below its findings, the concise one
/// beside them, and a format for machines has nothing but itself.
fn print(world: &World, args: &CheckArgs, report: &Report<'_>, outcome: Outcome<'_>) -> Result<(), Failure> {
    let mut output = Output::to(args.source.output.as_deref());
    let style = Style { color: output.color(world.global.color), ..Style::PLAIN };
    output.print(&report::render(report, args.format, style))?;
    if args.source.show_problems {
        match args.format {
            Format::Full => output.print(&report::full_problems(report.reading, style))?,
            _ => remark(&report::concise_problems(report.reading)),
        }
    }
    let summary = report::summary(report, outcome);
    match args.format {
        _ if world.global.quiet => {}
        Format::Full if !output.is_file() => output.print(&summary)?,
        Format::Full | Format::Concise => remark(&summary),
        _ => {}
    }
    output.finish()
}
