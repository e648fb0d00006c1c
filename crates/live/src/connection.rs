//! Connections to databases: with manners, and never with a password in a message.

mod password;
mod run;
mod target;
mod tls;

use std::error::Error as _;
use std::io;

use postgres::config::Host;
use postgres::error::SqlState;
use postgres::{Client, NoTls};

use crate::Error;
pub use run::{Ran, run};
pub use target::Target;
pub use tls::{Roots, SslMode, Tls};

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads, for at most 30 seconds a statement, waiting at most 2 for a lock. No transaction is left open.
    ReadOnly,
    /// Writes too. It waits for a lock at most 2 seconds, so that nobody queues behind it; a statement may take long.
    ReadWrite,
    /// Everything, for as long as it takes: for servers that are thrown away.
    Unlimited,
}

impl Access {
    /// As startup options, so that they hold before the first statement.
    fn options(self) -> &'static str {
        match self {
            Access::ReadOnly => {
                "-c default_transaction_read_only=on -c statement_timeout=30s -c lock_timeout=2s \
                 -c idle_in_transaction_session_timeout=60s"
            }
            Access::ReadWrite => "-c lock_timeout=2s -c idle_in_transaction_session_timeout=60s",
            Access::Unlimited => "",
        }
    }
}

/// Opens a connection.
pub fn open(target: &Target, access: Access) -> Result<Client, Error> {
    let mut config = target.config.clone();
    config.application_name("palladio");
    let options = [config.get_options().unwrap_or(""), access.options()].join(" ");
    if !options.trim().is_empty() {
        config.options(options.trim());
    }
    let local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    let connected = if local || target.tls.mode == SslMode::Disable {
        config.connect(NoTls)
    } else {
        config.connect(tls::Connector::new(&target.tls)?)
    };
    let mut client = connected.map_err(|cause| explain(target, &cause))?;
    if access == Access::ReadOnly {
        is_read_only(target, &mut client)?;
    }
    Ok(client)
}

/// Some poolers drop startup options without a word; then nothing would keep us from writing.
fn is_read_only(target: &Target, client: &mut Client) -> Result<(), Error> {
    let row = client.query_one("SELECT current_setting('transaction_read_only') = 'on'", &[])?;
    if row.get(0) {
        return Ok(());
    }
    Err(Error::Connect {
        target: target.to_string(),
        said: "the server did not make the session read-only when it was asked to".to_owned(),
        next: "A pooler is in between; connect to the database itself".to_owned(),
    })
}

/// What went wrong, in a clause, and what to do about it.
fn explain(target: &Target, cause: &postgres::Error) -> Error {
    let (said, next) = match cause.as_db_error() {
        Some(server) => (server.message().to_owned(), after_refusal(server.code(), server.message())),
        None => after_failure(target, cause),
    };
    Error::Connect { target: target.to_string(), said, next }
}

fn after_refusal(code: &SqlState, message: &str) -> String {
    let next = if *code == SqlState::INVALID_PASSWORD {
        "Check the password: PGPASSWORD, ~/.pgpass, or after the user in the URL"
    } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        "pg_hba.conf says who may connect from where; does it want sslmode=require?"
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        "The database is the last part of the URL: postgres://USER@HOST/DATABASE"
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        "Every connection is taken: try again, or close some"
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        "It is starting or stopping: try again"
    } else if message.contains("startup parameter") {
        "A pooler is in between that knows no startup options; connect to the database itself"
    } else {
        "The server's log may say more"
    };
    next.to_owned()
}

fn after_failure(target: &Target, cause: &postgres::Error) -> (String, String) {
    let place = target.place();
    let mut inner = cause.source();
    while let Some(error) = inner {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && let Some(known) = after_io(error.kind(), &place)
        {
            return known;
        }
        if let Some(known) = tls::explain(error) {
            return known;
        }
        inner = error.source();
    }
    let mut said = cause.to_string();
    let mut inner = cause.source();
    while let Some(error) = inner {
        let words = error.to_string();
        if !said.contains(&words) {
            said = format!("{said}: {words}");
        }
        inner = error.source();
    }
    if said.contains("does not support TLS") {
        let next = "Go without it: sslmode=prefer or sslmode=disable";
        return ("the server has no TLS".to_owned(), next.to_owned());
    }
    let next = if said.contains("password missing") {
        "The server wants a password: PGPASSWORD, ~/.pgpass, or after the user in the URL"
    } else if said.contains("certificate") {
        "Name who signed it: sslrootcert=FILE; sslmode=require takes any"
    } else if said.contains("lookup") || said.contains("resolve") {
        "Check the name of the host"
    } else if said.contains("TLS") {
        "Try sslmode=disable, or let the server offer TLS 1.2 or newer"
    } else {
        "Check host, port and user: postgres://USER@HOST:PORT/DATABASE"
    };
    (said, next.to_owned())
}

fn after_io(kind: io::ErrorKind, place: &str) -> Option<(String, String)> {
    let known = match kind {
        io::ErrorKind::ConnectionRefused => {
            (format!("nothing listens on {place}"), "Is the server running, and is this its port?")
        }
        io::ErrorKind::NotFound => (
            format!("there is no socket in {place}"),
            "Is the server running? Name the host: postgres://USER@HOST/DATABASE",
        ),
        io::ErrorKind::PermissionDenied => {
            (format!("{place} may not be entered"), "The socket belongs to another user; connect by host and port")
        }
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            (format!("{place} does not answer"), "Is there a firewall or a VPN in between?")
        }
        _ => return None,
    };
    Some((known.0, known.1.to_owned()))
}
