//! What can go wrong with the world: one clause each, without a full stop, and what to type next.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no PostgreSQL {}on this machine", wanted.map_or(String::new(), |major| format!("{major} ")))]
    NoPostgres { wanted: Option<u16>, found: Vec<u16> },
    #[error("{program} cannot be run: {cause}")]
    Program { program: String, cause: io::Error },
    #[error("{program} failed: {said}")]
    Failed { program: String, said: String },
    #[error("{path} cannot be {action}: {cause}", path = path.display())]
    File { action: &'static str, path: PathBuf, cause: io::Error },
    #[error("PostgreSQL {version} does not start: {log}")]
    NotStarted { version: String, log: String },
    #[error("{said}")]
    Refused { said: String, next: String },
    #[error("no connection to {target}: {said}")]
    Connect { target: String, said: String, next: String },
    #[error("PostgreSQL {0} is too old: 14 is the first that is understood")]
    TooOld(u16),
    #[error("the database refused it: {}", words(cause))]
    Statement { cause: postgres::Error },
}

impl Error {
    /// What helps, one line each; what to type where there is something to type.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Error::NoPostgres { wanted, found } => {
                let have: Vec<String> = found.iter().map(u16::to_string).collect();
                let have = (!have.is_empty()).then(|| format!("There is {}: palladio lab status", have.join(", ")));
                let major = wanted.unwrap_or(17);
                let give = format!("Give it one of: --db URL · PALLADIO_PG_BIN=FOLDER · palladio lab install {major}");
                have.into_iter().chain([give]).collect()
            }
            Error::Refused { next, .. } | Error::Connect { next, .. } => vec![next.clone()],
            Error::NotStarted { .. } => vec!["Which installations there are: palladio lab status".to_owned()],
            Error::Program { .. }
            | Error::Failed { .. }
            | Error::File { .. }
            | Error::TooOld(_)
            | Error::Statement { .. } => Vec::new(),
        }
    }

    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |cause| Error::File { action, path, cause }
    }

    pub(crate) fn refused(said: impl Into<String>, next: impl Into<String>) -> Error {
        Error::Refused { said: said.into(), next: next.into() }
    }
}

impl From<postgres::Error> for Error {
    fn from(cause: postgres::Error) -> Error {
        Error::Statement { cause }
    }
}

/// What the server said, with its detail and hint; the client's own words when it was not the server.
pub(crate) fn words(cause: &postgres::Error) -> String {
    let Some(server) = cause.as_db_error() else {
        let inner = std::error::Error::source(cause).map_or(String::new(), |inner| format!(": {inner}"));
        return format!("{cause}{inner}");
    };
    let more =
        [server.detail(), server.hint()].into_iter().flatten().map(|more| format!("; {}", more.trim_end_matches('.')));
    format!("{} ({}){}", server.message(), server.code().code(), more.collect::<String>())
}
