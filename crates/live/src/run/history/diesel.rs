//! diesel: a row with the version of each migration, which is the name of its folder up to `_`, without `-`.

use std::time::Duration;

use model::name::literal;

use super::{Script, Tool};

pub(super) struct Diesel;

impl Tool for Diesel {
    fn table(&self) -> &'static str {
        "__diesel_schema_migrations"
    }

    fn column(&self) -> &'static str {
        "run_on"
    }

    fn create(&self) -> &'static str {
        "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT NULL,
             run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"
    }

    fn rows(&self) -> &'static str {
        "SELECT version::text, NULL::text, false FROM __diesel_schema_migrations ORDER BY version"
    }

    fn key(&self, script: &Script) -> Result<String, String> {
        let version = script.name.split('_').next().unwrap_or_default().replace('-', "");
        if version.is_empty() { Err("its folder has no version".to_owned()) } else { Ok(version) }
    }

    fn record(&self, key: &str, _: &Script, _: Duration, _: bool) -> Vec<String> {
        vec![format!("INSERT INTO __diesel_schema_migrations (version) VALUES ({})", literal(key))]
    }
}
