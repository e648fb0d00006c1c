//! The PostgreSQL installations of this machine. `postgres` and `initdb` are all that a lab needs.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use model::dialect::Version;

use super::user::User;
use super::{Options, cache};
use crate::Error;

/// The oldest version that the tool knows.
pub const OLDEST: u16 = 14;

/// Programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub version: Version,
    /// What `postgres --version` says, without the name: `15.20 (Debian 15.20-0+deb12u1)`.
    pub text: String,
    /// The folder of the programs.
    pub folder: PathBuf,
    pub origin: Origin,
}

impl Installation {
    pub fn major(&self) -> u16 {
        self.version.0
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Why a folder was looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Named by the caller, or in `PALLADIO_PG_BIN`.
    Named,
    Path,
    System,
    /// Homebrew, Postgres.app, asdf, mise.
    Manager,
    /// `palladio lab install`.
    Cache,
}

impl Origin {
    pub fn name(self) -> &'static str {
        match self {
            Origin::Named => "named by PALLADIO_PG_BIN",
            Origin::Path => "in PATH",
            Origin::System => "system",
            Origin::Manager => "package manager",
            Origin::Cache => "palladio lab install",
        }
    }
}

/// Every installation, in the order in which they are preferred; each folder once.
pub fn installed() -> Vec<Installation> {
    find(&[])
}

/// The one that the options ask for: of one version the first, without a version the newest, and folders that were
/// named before all others.
pub(super) fn choose(options: &Options, user: Option<&User>) -> Result<Installation, Error> {
    let all = find(&options.folders);
    let reached = |found: &&Installation| user.is_none() || User::can_reach(&found.program("postgres"));
    let usable: Vec<&Installation> = all.iter().filter(|found| found.major() >= OLDEST).filter(reached).collect();
    let chosen = match options.version {
        Some(major) => usable.iter().find(|found| found.major() == major),
        None => {
            let named = usable.iter().any(|found| found.origin == Origin::Named);
            let allowed = usable.iter().filter(|found| !named || found.origin == Origin::Named);
            // Of two that are equally new the first counts, and `max_by_key` would take the last.
            allowed.rev().max_by_key(|found| found.version)
        }
    };
    chosen.copied().cloned().ok_or_else(|| {
        let hidden = all.iter().find(|found| options.version.is_none_or(|major| found.major() == major));
        match (hidden.filter(|found| found.major() >= OLDEST), user) {
            (Some(hidden), Some(user)) => Error::refused(
                format!("{} cannot run what is in {}", user.name, hidden.folder.display()),
                "PostgreSQL never runs as root: run palladio as the owner of these files",
            ),
            _ => {
                let found: BTreeSet<u16> = all.iter().map(Installation::major).collect();
                Error::NoPostgres { wanted: options.version, found: found.into_iter().collect() }
            }
        }
    })
}

fn find(named: &[PathBuf]) -> Vec<Installation> {
    let mut seen = BTreeSet::new();
    let mut folders = Vec::new();
    for (origin, folder) in candidates(named) {
        if !(folder.join("postgres").is_file() && folder.join("initdb").is_file()) {
            continue;
        }
        // Links lead to the same programs from several folders.
        let real = folder.join("postgres").canonicalize().unwrap_or_else(|_| folder.join("postgres"));
        // Behind a link lies the folder with the other programs, which a lab does not need but its user may.
        let behind = real.parent().filter(|behind| behind.join("initdb").is_file()).map(Path::to_owned);
        if seen.insert(real) {
            folders.push((behind.unwrap_or(folder), origin));
        }
    }
    // Each is a process; one after another they would take longer than a server takes to start.
    thread::scope(|scope| {
        let probes: Vec<_> =
            folders.iter().map(|(folder, origin)| scope.spawn(move || probe(folder, *origin))).collect();
        probes.into_iter().filter_map(|probe| probe.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

pub(super) fn probe(folder: &Path, origin: Origin) -> Option<Installation> {
    let said = Command::new(folder.join("postgres")).arg("--version").env("LC_ALL", "C").output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?.trim().strip_prefix("postgres (PostgreSQL) ")?.to_owned();
    Some(Installation { version: version(&text)?, text, folder: folder.to_owned(), origin })
}

/// `15.20 (Debian …)`, `18beta1`, `19devel`.
pub(super) fn version(text: &str) -> Option<Version> {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let major = digits(text);
    let minor = text[major.len()..].strip_prefix('.').map(digits).unwrap_or_default();
    Some(Version(major.parse().ok()?, minor.parse().unwrap_or(0)))
}

/// Folders that may hold programs, the preferred ones first.
fn candidates(named: &[PathBuf]) -> Vec<(Origin, PathBuf)> {
    let paths = |name: &str| env::split_paths(&env::var_os(name).unwrap_or_default()).collect::<Vec<_>>();
    let absolute = |path: &PathBuf| path.is_absolute();
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let data = |variable: &str, default: &str| {
        env::var_os(variable).map_or_else(|| home.join(default), PathBuf::from).join("installs/postgres")
    };
    let system =
        [("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/usr/local", "pgsql"), ("/Library/PostgreSQL", "")];
    let brews = ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];
    let mut all: Vec<(Origin, PathBuf)> = Vec::new();
    let mut add = |origin, folders: Vec<PathBuf>| all.extend(folders.into_iter().map(|folder| (origin, folder)));
    add(Origin::Named, named.iter().cloned().chain(paths("PALLADIO_PG_BIN")).filter(absolute).collect());
    add(Origin::Path, paths("PATH").into_iter().filter(absolute).collect());
    add(Origin::System, pg_config().into_iter().collect());
    for (parent, start) in system {
        add(Origin::System, versions(Path::new(parent), start));
    }
    for brew in brews {
        add(Origin::Manager, versions(Path::new(brew), "postgresql"));
    }
    add(Origin::Manager, versions(Path::new("/Applications/Postgres.app/Contents/Versions"), ""));
    add(Origin::Manager, versions(&data("ASDF_DATA_DIR", ".asdf"), ""));
    add(Origin::Manager, versions(&data("MISE_DATA_DIR", ".local/share/mise"), ""));
    if let Ok(cache) = cache() {
        add(Origin::Cache, versions(&cache.join("postgres"), ""));
    }
    all
}

/// `bin` in each folder whose name starts so; the newest version first.
fn versions(parent: &Path, start: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let rest = name.strip_prefix(start)?;
            // An install that is under way has a hidden name.
            let numbers = rest.split(|character: char| !character.is_ascii_digit());
            let numbers = numbers.filter_map(|number| number.parse().ok()).collect();
            (!name.starts_with('.')).then(|| (numbers, entry.path().join("bin")))
        })
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn pg_config() -> Option<PathBuf> {
    let program = env::var_os("PG_CONFIG").unwrap_or_else(|| "pg_config".into());
    let said = Command::new(program).arg("--bindir").output().ok().filter(|said| said.status.success())?;
    Some(PathBuf::from(String::from_utf8(said.stdout).ok()?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (text, expected) in [
            ("15.20 (Debian 15.20-0+deb12u1)", Some(Version(15, 20))),
            ("18beta1", Some(Version(18, 0))),
            ("19devel", Some(Version(19, 0))),
            ("devel", None),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
    }
}
