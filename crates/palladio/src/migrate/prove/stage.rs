//! The private server that a proof runs on.

use live::lab::Options;
use live::prove::{Database, Stage};
use live::{Client, Lab};

use crate::Failure;

/// Two databases of a server that ends with this value.
#[derive(Debug)]
pub struct Private {
    lab: Lab,
}

impl Private {
    /// A server of this major version; the newest at hand where there is none.
    pub fn start(major: u16) -> Result<Private, Failure> {
        let lab = match Lab::start(&Options::version(major)) {
            Err(live::Error::NoPostgres { .. }) => Lab::start(&Options::default())?,
            started => started?,
        };
        for database in [Database::Rehearsal, Database::Target] {
            lab.create_database(name(database))?;
        }
        Ok(Private { lab })
    }

    /// What should be known of the server, when it is not the one that was asked for.
    pub fn note(&self, wanted: u16) -> Option<String> {
        let major = self.lab.version().0;
        (major != wanted).then(|| {
            format!("It is for PostgreSQL {wanted}, which is not on this machine: palladio lab install {wanted}")
        })
    }

    /// A server that ended in the middle says why in its log.
    pub(super) fn explained<T>(&self, outcome: Result<T, live::Error>) -> Result<T, Failure> {
        outcome.map_err(|error| {
            if self.lab.connect(name(Database::Rehearsal)).is_ok() {
                return error.into();
            }
            let log = self.lab.log_tail();
            let last = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("its log is empty");
            Failure::new(format!("the private PostgreSQL ended in the middle of it: {}", last.trim()))
                .hint("Nothing is left behind; the same command begins anew")
        })
    }
}

impl Stage for Private {
    fn open(&mut self, database: Database) -> Result<Client, live::Error> {
        self.lab.connect(name(database))
    }
}

fn name(database: Database) -> &'static str {
    match database {
        Database::Rehearsal => "rehearsal",
        Database::Target => "target",
    }
}
