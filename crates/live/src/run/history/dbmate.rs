//! dbmate: a row with the version of each migration.

use std::time::Duration;

use model::name::literal;

use super::{Script, Tool};

pub(super) struct Dbmate;

impl Tool for Dbmate {
    fn table(&self) -> &'static str {
        "schema_migrations"
    }

    fn column(&self) -> &'static str {
        "version"
    }

    fn create(&self) -> &'static str {
        "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
    }

    fn rows(&self) -> &'static str {
        "SELECT version::text, NULL::text, false FROM schema_migrations ORDER BY version"
    }

    /// The digits as they are written: leading zeros count.
    fn key(&self, script: &Script) -> Result<String, String> {
        let digits = script.name.chars().take_while(char::is_ascii_digit).collect::<String>();
        if digits.is_empty() { Err("its name does not begin with a number".to_owned()) } else { Ok(digits) }
    }

    fn record(&self, key: &str, _: &Script, _: Duration, _: bool) -> Vec<String> {
        vec![format!("INSERT INTO schema_migrations (version) VALUES ({})", literal(key))]
    }
}
