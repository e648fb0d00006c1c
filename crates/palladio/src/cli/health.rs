//! `health` on the command line.

mod args;

use std::fs;
use std::path::Path;

use live::statistics::PlannerStats;
use report::Style;
use report::health::{Format, Report};

use super::output::{Output, remark};
use super::progress::Progress;
use super::{End, World, advise, migrate};
use crate::health::{self as verb, From, Health, Request};
use crate::{Failure, database, files, indexes};
pub(crate) use args::{HealthArgs, HealthFormat};

pub(super) fn health(world: &World, args: &HealthArgs) -> Result<End, Failure> {
    let loaded = world.load(&args.sources)?;
    let from = from(world, args, &loaded)?;
    let replicas =
        args.replica.iter().map(|replica| database::resolve(replica, &loaded.config)).collect::<Result<_, _>>()?;
    let min_days = f64::from(args.min_days.unwrap_or(loaded.config.min_days));
    let progress = Progress::start(world.global.quiet, "looking at the indexes".to_owned());
    let found = verb::health(Request { folder: &world.folder, loaded: &loaded, from, replicas, min_days })?;
    drop(progress);
    let folder = args.output.as_deref().filter(|path| args.layout.is_some() || world.folder.join(path).is_dir());
    let mut output = Output::to(args.output.as_deref().filter(|_| folder.is_none()));
    let style = Style { color: output.color(world.global.color), ..Style::PLAIN };
    let report = Report {
        address: &found.address,
        server: &found.server,
        schema: &found.reading.schema,
        stats: found.stats(),
        findings: &found.findings,
        notes: &found.notes,
    };
    output.print(&report::health::render(&report, args.format.into(), style))?;
    output.finish()?;
    if let Some(folder) = folder {
        write(world, args, &found, folder)?;
    }
    let fail_on = args.fail_on.unwrap_or(loaded.config.fail_on);
    let fails = found.findings.iter().any(|finding| fail_on.fails(finding.severity));
    Ok(if fails && !args.exit_zero { End::Findings } else { End::Clean })
}

fn from(world: &World, args: &HealthArgs, loaded: &crate::config::Loaded) -> Result<From, Failure> {
    let named = args.db.as_deref().or_else(|| match &args.sources[..] {
        [only] => database::of_source(only),
        _ => None,
    });
    match (named, &args.stats) {
        (Some(db), None) => {
            let db = database::of_source(db).unwrap_or(db);
            Ok(From::Database(Box::new(database::resolve(db, &loaded.config)?)))
        }
        (None, Some(file)) => {
            let name = files::shown(file);
            let text = fs::read_to_string(files::absolute(&world.folder, file))
                .map_err(|cause| Failure::new(format!("{name} cannot be read: {cause}")))?;
            let stats = Box::new(PlannerStats::parse(&text)?);
            let here = [".".to_owned()];
            let sources = if args.sources.is_empty() { &here[..] } else { &args.sources[..] };
            Ok(From::Files { schema: advise::inputs(world, sources)?, stats, name })
        }
        (Some(_), Some(_)) => Err(Failure::new("a database is looked at by itself, without --stats")),
        (None, None) => Err(Failure::new("no database is named")
            .hint("Name one: palladio health --db postgres://USER@HOST/DATABASE")
            .hint("Or its statistics with the schema: palladio health --stats stats.json db/schema.sql")),
    }
}

/// The drops and the indexes that are missing, as migrations.
fn write(world: &World, args: &HealthArgs, found: &Health, folder: &Path) -> Result<(), Failure> {
    let changes = found.changes();
    let rebuilds = found.rebuilds();
    if rebuilds > 0 && !world.global.quiet {
        let them = report::count::counted(rebuilds, "index");
        remark(&format!("{them} to build anew: REINDEX changes no schema, so no migration does it\n"));
    }
    if changes.is_empty() {
        if !world.global.quiet {
            remark("There is nothing to write as a migration\n");
        }
        return Ok(());
    }
    let planned = indexes::planned(&found.reading.schema, &changes, found.version, found.stats())?;
    migrate::into(world, &planned, folder, args.layout, indexes::RELEASE)
}

impl std::convert::From<HealthFormat> for Format {
    fn from(format: HealthFormat) -> Format {
        match format {
            HealthFormat::Full => Format::Full,
            HealthFormat::Concise => Format::Concise,
            HealthFormat::Json => Format::Json,
            HealthFormat::Sql => Format::Sql,
            HealthFormat::Markdown => Format::Markdown,
        }
    }
}
