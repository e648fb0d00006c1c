//! `lab` on the command line.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use live::Target;
use live::lab::install::{self, From};
use live::lab::kept;
use live::lab::{self, Options, Storage};

use super::World;
use super::args::LabVerb;
use super::fetch;
use super::output::Output;
use crate::lab as verb;
use crate::{Failure, database};

pub(super) fn lab(world: &World, what: LabVerb, output: &mut Output) -> Result<(), Failure> {
    match what {
        LabVerb::Status => output.print(&verb::status()),
        LabVerb::Install { major, from, yes } => {
            let found = match from {
                Some(file) => install::install(major, &From::File(world.folder.join(file)))?,
                None => fetch::fetch(world, major, yes)?,
            };
            output.print(&format!("PostgreSQL {} is in {}\n", found.text, found.folder.display()))
        }
        LabVerb::Start { name, pg_version, settings } => {
            let settings = settings.iter().map(|text| setting(text)).collect::<Result<_, _>>()?;
            fetch::offer(world, pg_version)?;
            let options = Options { version: pg_version, settings, storage: Storage::Disk, ..Options::default() };
            let started = kept::start(&name, &options)?;
            output.print(&verb::started(&started))
        }
        LabVerb::Stop { name } => {
            kept::stop(&name)?;
            output.print(&format!("{name} is stopped and gone\n"))
        }
        LabVerb::Shell { name } => shell(&name),
        LabVerb::Clean => output.print(&verb::clean()?),
        LabVerb::Role { name, db } => {
            let database = db.map(|db| database::resolve(&db, &world.load(&[])?.config)).transpose()?;
            output.print(&verb::role(&name, database.as_ref().map(Target::database_name)))
        }
    }
}

fn setting(text: &str) -> Result<(String, String), Failure> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::new(format!("`{text}` is no setting")).hint("Like this: --set work_mem=64MB"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// psql takes over this terminal until it ends.
fn shell(name: &str) -> Result<(), Failure> {
    let kept = kept::named(name)?;
    let target = kept.target("postgres").to_string();
    let beside = lab::installed().into_iter().map(|found| found.folder);
    let path = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
    let mut programs = beside.chain(path).map(|folder: PathBuf| folder.join("psql"));
    let Some(psql) = programs.find(|program| program.is_file()) else {
        return Err(Failure::new("no psql on this machine").hint(format!("Connect another way: {target}")));
    };
    let ended = Command::new(&psql).arg(&target).status();
    ended.map_err(|cause| Failure::new(format!("{} cannot be run: {cause}", psql.display())))?;
    Ok(())
}
