//! Labs for tests, of this crate and of others: one server that all tests of a process share, or one of their own.
//!
//! Without PostgreSQL a test says so and passes, but never where `CI` is set.

#![allow(clippy::print_stdout, reason = "a test that skips says so")]

pub mod original;

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::lab::installed::OLDEST;
use crate::lab::{Installation, Options, installed};
use crate::{Error, Lab};

/// The server of this test process. Each test makes a database of its own in it: [`database`].
pub fn lab() -> Option<&'static Lab> {
    // It is never dropped: its watcher ends it with the process.
    static LAB: OnceLock<Option<Lab>> = OnceLock::new();
    LAB.get_or_init(|| own(&Options::default())).as_ref()
}

/// A server of this test alone: for what a whole server is changed by, such as roles and settings.
pub fn own(options: &Options) -> Option<Lab> {
    match Lab::start(options) {
        Ok(lab) => Some(lab),
        Err(missing @ Error::NoPostgres { .. }) => {
            assert!(env::var_os("CI").is_none(), "{missing}, and CI is set");
            println!("SKIPPED: {missing}; {}", missing.hints().join("; "));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// A shared server for tests that need `psql` and `pg_dump` as well: of the newest version that comes with both.
pub fn lab_with_tools() -> Option<&'static Lab> {
    static LAB: OnceLock<Option<Lab>> = OnceLock::new();
    let start = || {
        let has = |folder: &Path, name: &str| folder.join(name).is_file();
        let all = installed().into_iter().filter(|found| found.major() >= OLDEST);
        let whole = all.filter(|found| has(&found.folder, "psql") && has(&found.folder, "pg_dump"));
        let Some(found) = whole.max_by_key(|found| found.version) else {
            assert!(env::var_os("CI").is_none(), "no PostgreSQL with psql and pg_dump on this machine, and CI is set");
            println!("SKIPPED: no PostgreSQL with psql and pg_dump on this machine");
            return None;
        };
        own(&Options { version: Some(found.major()), folders: vec![found.folder], ..Options::default() })
    };
    LAB.get_or_init(start).as_ref()
}

/// The major versions that a law is tried on: the oldest and the newest at hand, or those that `PALLADIO_TEST_MAJORS`
/// names: `14,17`, or `all`. None is never chosen quietly.
pub fn majors() -> Vec<u16> {
    let all: BTreeSet<u16> = installed().iter().map(Installation::major).filter(|major| *major >= OLDEST).collect();
    if all.is_empty() {
        assert!(env::var_os("CI").is_none(), "no PostgreSQL on this machine, and CI is set");
        println!("SKIPPED: no PostgreSQL on this machine");
    }
    let wanted = env::var("PALLADIO_TEST_MAJORS").unwrap_or_default();
    if wanted == "all" {
        return all.into_iter().collect();
    }
    let named: Vec<u16> = wanted.split(',').filter_map(|word| word.trim().parse().ok()).collect();
    if !named.is_empty() {
        return named;
    }
    let ends: BTreeSet<u16> = [all.first(), all.last()].into_iter().flatten().copied().collect();
    ends.into_iter().collect()
}

/// A new, empty database of a server. Its name is its own in this process.
pub fn database(lab: &Lab) -> String {
    copy(lab, "template1")
}

/// A new database that is a copy of another one, to which nobody may be connected.
pub fn copy(lab: &Lab, original: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    lab.create_database_from(&name, original).expect("a database can be made");
    name
}
