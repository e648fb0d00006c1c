//! drizzle-kit: a row with the SHA-256 of each file and the time of its journal, by which it finds what is pending.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Row, Script, Tool, hex};

pub(super) struct Drizzle;

impl Tool for Drizzle {
    fn table(&self) -> &'static str {
        "drizzle.__drizzle_migrations"
    }

    fn column(&self) -> &'static str {
        "created_at"
    }

    fn create(&self) -> &'static str {
        "CREATE SCHEMA IF NOT EXISTS drizzle;
         CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)"
    }

    fn rows(&self) -> &'static str {
        "SELECT created_at::text, hash, false FROM drizzle.__drizzle_migrations WHERE created_at IS NOT NULL ORDER BY id"
    }

    fn key(&self, script: &Script) -> Result<String, String> {
        script.when.map(|when| when.to_string()).ok_or_else(|| "meta/_journal.json does not name it".to_owned())
    }

    /// Only the newest row counts.
    fn is_applied(&self, key: &str, rows: &[Row]) -> bool {
        let number = |text: &str| text.parse::<i64>().unwrap_or(i64::MAX);
        rows.iter().any(|row| number(key) <= number(&row.key))
    }

    fn record(&self, key: &str, script: &Script, _: Duration, _: bool) -> Vec<String> {
        let hash = hex(&Sha256::digest(&script.bytes));
        vec![format!("INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('{hash}', {key})")]
    }
}
