//! `stats` on the command line.

use std::fs;
use std::path::Path;

use live::statistics::{PlannerStats, Values};
use live::{Access, Target, connection};

use super::World;
use super::args::StatsVerb;
use super::output::{Output, remark};
use crate::{Failure, database, files, stats as verb};

pub(super) fn stats(world: &World, what: StatsVerb) -> Result<(), Failure> {
    match what {
        StatsVerb::Export { url, db, output, no_values } => {
            let target = target(world, url.or(db).as_deref())?;
            let values = if no_values { Values::Left } else { Values::Kept };
            let mut client = connection::open(&target, Access::ReadOnly)?;
            let found = live::statistics::export(&mut client, values)?;
            let mut output = Output::to(output.as_deref());
            let is_file = output.is_file();
            output.print(&found.to_json())?;
            output.finish()?;
            if !world.global.quiet {
                let said = if is_file { verb::summary(&found) } else { String::new() };
                remark(&(said + &verb::missing(&found)));
            }
            Ok(())
        }
        StatsVerb::Show { file } => Output::standard().print(&verb::show(&read(&world.folder, &file)?)),
    }
}

/// The one that is named, else the one of the environment.
fn target(world: &World, named: Option<&str>) -> Result<Target, Failure> {
    if let Some(db) = named {
        return database::resolve(database::of_source(db).unwrap_or(db), &world.load(&[])?.config);
    }
    match Target::from_environment() {
        Some(target) => Ok(target?),
        None => Err(Failure::new("no database is named, and DATABASE_URL is not set")
            .hint("Name one: palladio stats export postgres://USER@HOST/DATABASE")),
    }
}

fn read(folder: &Path, file: &Path) -> Result<PlannerStats, Failure> {
    let text = fs::read_to_string(files::absolute(folder, file));
    let text = text.map_err(|cause| Failure::new(format!("{} cannot be read: {cause}", files::shown(file))))?;
    Ok(PlannerStats::parse(&text)?)
}
