//! golang-migrate: one row with the last version, and whether it came to its end.

use std::time::Duration;

use super::{Row, Script, Tool, numbered};

pub(super) struct GolangMigrate;

impl Tool for GolangMigrate {
    fn table(&self) -> &'static str {
        "schema_migrations"
    }

    fn column(&self) -> &'static str {
        "dirty"
    }

    fn create(&self) -> &'static str {
        "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
    }

    fn rows(&self) -> &'static str {
        "SELECT version::text, NULL::text, dirty FROM schema_migrations"
    }

    fn key(&self, script: &Script) -> Result<String, String> {
        numbered(&script.name).map(|(version, _)| version)
    }

    /// The row stands for everything before it.
    fn is_applied(&self, key: &str, rows: &[Row]) -> bool {
        let number = |text: &str| text.parse::<i64>().unwrap_or(i64::MAX);
        rows.iter().any(|row| number(key) <= number(&row.key))
    }

    fn mark(&self, key: &str, _: &Script) -> Vec<String> {
        set(key, true)
    }

    fn record(&self, key: &str, _: &Script, _: Duration, _: bool) -> Vec<String> {
        set(key, false)
    }
}

fn set(version: &str, dirty: bool) -> Vec<String> {
    vec![
        "DELETE FROM schema_migrations".to_owned(),
        format!("INSERT INTO schema_migrations (version, dirty) VALUES ({version}, {dirty})"),
    ]
}
