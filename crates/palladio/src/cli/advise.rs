//! `advise` on the command line.

use std::fs;

use live::statistics::PlannerStats;
use model::workload::Traffic;
use read::Input;

use super::args::{AdviseArgs, AdviseFormat};
use super::output::{Output, remark};
use super::progress::Progress;
use super::{End, World, migrate};
use crate::advise::{self, From, Request};
use crate::sources::Source;
use crate::{Failure, database, files, indexes, sources};

pub(super) fn advise(world: &World, args: &AdviseArgs) -> Result<End, Failure> {
    let progress = Progress::start(world.global.quiet, "reading schema, statistics and queries".to_owned());
    let from = match (&args.db, &args.stats) {
        (Some(db), _) => {
            let db = database::of_source(db).unwrap_or(db);
            From::Database(Box::new(database::resolve(db, &world.load(&[])?.config)?))
        }
        (None, Some(file)) => {
            let text = fs::read_to_string(files::absolute(&world.folder, file));
            let text = text.map_err(|cause| Failure::new(format!("{} cannot be read: {cause}", files::shown(file))))?;
            From::File(Box::new(PlannerStats::parse(&text)?))
        }
        (None, None) => {
            return Err(Failure::new("advice needs the statistics of a database")
                .hint("Read one: palladio advise --db postgres://USER@HOST/DATABASE")
                .hint("Or a file of it: palladio stats export URL -o stats.json, then --stats stats.json"));
        }
    };
    let is_file = matches!(from, From::File(_));
    let schema = match (&args.sources[..], is_file) {
        ([], true) => inputs(world, &[".".to_owned()])?,
        (named, true) => inputs(world, named)?,
        (_, false) => Vec::new(),
    };
    let options = read::workload::Options { repeats: args.repeats.into(), ..read::workload::Options::default() };
    let (queries, traffic) = match args.workload.is_empty() {
        true => (Vec::new(), Traffic::default()),
        false => {
            let (others, traffic) = advise::traffic(&world.folder, found(world, &args.workload, true)?, options)?;
            (sources::load(&world.folder, &others)?, traffic)
        }
    };
    let settings = ::advise::Settings {
        budget: args.budget,
        max_indexes: args.max_indexes,
        write_cost: args.write_cost,
        review: args.review,
        ..::advise::Settings::default()
    };
    let advised = advise::advise(Request { schema, queries, traffic, from, settings, any_version: args.any_version })?;
    drop(progress);
    let report = report::advice::Report {
        advice: &advised.advice,
        rewrites: &advised.rewrites,
        views: &advised.views,
        schema: &advised.schema,
        queries: advised.workload.queries.len(),
        traffic: &advised.traffic,
        loops: &advised.loops,
        budget: args.budget,
        server: &advised.server,
        notes: &advised.notes,
    };
    let text = match args.format {
        AdviseFormat::Text => report::advice::text(&report),
        AdviseFormat::Json => report::advice::json(&report),
        AdviseFormat::Sql => report::advice::sql(&report),
    };
    let folder = args.output.as_deref().filter(|path| args.layout.is_some() || world.folder.join(path).is_dir());
    let mut output = Output::to(args.output.as_deref().filter(|_| folder.is_none()));
    output.print(&text)?;
    output.finish()?;
    if let Some(folder) = folder {
        let changes = advised.changes();
        if changes.is_empty() {
            remark("There is nothing to write as a migration\n");
        } else {
            let planned = indexes::planned(&advised.schema, &changes, advised.version, &advised.stats)?;
            migrate::into(world, &planned, folder, args.layout, indexes::RELEASE)?;
        }
    }
    if args.review && !advised.advice.problems.is_empty() && !world.global.quiet {
        remark("Indexes that are there were not looked at: a query that could not be planned may use them\n");
    }
    if advised.workload.queries.is_empty() && !world.global.quiet {
        remark("No query was found; name them: palladio advise --workload FOLDER\n");
    }
    let nothing = advised.advice.indexes.is_empty()
        && advised.advice.drops.is_empty()
        && advised.rewrites.is_empty()
        && advised.views.is_empty()
        && advised.loops.is_empty();
    Ok(if nothing { End::Clean } else { End::Findings })
}

/// The files that these words name.
pub(super) fn inputs(world: &World, words: &[String]) -> Result<Vec<Input>, Failure> {
    sources::load(&world.folder, &found(world, words, false)?)
}

fn found(world: &World, words: &[String], logs: bool) -> Result<Vec<Source>, Failure> {
    let loaded = world.load(words)?;
    let exclude = sources::globs(&loaded.config.exclude)?;
    let request = sources::Request {
        folder: &world.folder,
        sources: words,
        exclude: &exclude,
        root: &loaded.root,
        stdin_filename: "stdin.sql",
        logs,
    };
    sources::find(&request)
}
