//! sqlx: a row for each migration, with the SHA-384 of its file.

use std::time::Duration;

use model::name::literal;
use sha2::{Digest, Sha384};

use super::{Script, Tool, hex, numbered};

pub(super) struct Sqlx;

impl Tool for Sqlx {
    fn table(&self) -> &'static str {
        "_sqlx_migrations"
    }

    fn column(&self) -> &'static str {
        "execution_time"
    }

    fn create(&self) -> &'static str {
        "CREATE TABLE _sqlx_migrations (
             version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(),
             success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL)"
    }

    fn rows(&self) -> &'static str {
        "SELECT version::text, encode(checksum, 'hex'), NOT success FROM _sqlx_migrations ORDER BY version"
    }

    fn key(&self, script: &Script) -> Result<String, String> {
        numbered(&script.name).map(|(version, _)| version)
    }

    fn checksum(&self, script: &Script) -> Option<String> {
        Some(hex(&Sha384::digest(&script.bytes)))
    }

    fn mark(&self, key: &str, script: &Script) -> Vec<String> {
        vec![row(key, script, false, -1)]
    }

    fn record(&self, key: &str, script: &Script, took: Duration, marked: bool) -> Vec<String> {
        let nanoseconds = i64::try_from(took.as_nanos()).unwrap_or(i64::MAX);
        vec![if marked {
            format!("UPDATE _sqlx_migrations SET success = true, execution_time = {nanoseconds} WHERE version = {key}")
        } else {
            row(key, script, true, nanoseconds)
        }]
    }
}

fn row(key: &str, script: &Script, success: bool, nanoseconds: i64) -> String {
    let description = numbered(&script.name).map_or(String::new(), |(_, rest)| rest.replace('_', " "));
    format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES ({key}, {}, {success}, decode('{}', 'hex'), {nanoseconds})",
        literal(&description),
        hex(&Sha384::digest(&script.bytes)),
    )
}
