//! `inspect` on the command line.

use model::Reading;
use model::dialect::Version;
use read::Options;
use report::Style;

use super::args::InspectArgs;
use super::check::find;
use super::output::{Output, remark};
use super::progress::Progress;
use super::{End, World};
use crate::inspect::inspect as render;
use crate::{Failure, database, inspection, sources};

pub(super) fn inspect(world: &World, args: &InspectArgs) -> Result<End, Failure> {
    let reading = match database::only(args.source.db.as_deref(), &args.source.sources)? {
        Some(db) => {
            let target = database::resolve(db, &world.load(&[])?.config)?;
            let _progress = Progress::start(world.global.quiet, "looking at the database".to_owned());
            inspection::read(&target)?.0
        }
        None => read_files(world, args)?,
    };
    let mut output = Output::to(args.source.output.as_deref());
    output.print(&render(&reading.schema, args.format))?;
    output.finish()?;
    if args.source.show_problems {
        remark(&report::full_problems(&reading, Style::PLAIN));
    }
    if !world.global.quiet && !reading.problems.is_empty() {
        remark(&report::reading_summary(&reading, args.source.show_problems));
    }
    Ok(End::Clean)
}

fn read_files(world: &World, args: &InspectArgs) -> Result<Reading, Failure> {
    let loaded = world.load(&args.source.sources)?;
    let progress = Progress::start(world.global.quiet, "looking for SQL".to_owned());
    let found = find(world, &loaded, &args.source)?;
    progress.now(format!("reading {}", report::count::counted(found.len(), "file")));
    let version = Version(args.source.pg_version.unwrap_or(loaded.config.pg_version), 0);
    let inputs = sources::load(&world.folder, &found)?;
    Ok(read::read(inputs, &Options { version, unreleased: None }))
}
