//! Prisma Migrate: a row for each try of a migration, with the SHA-256 of its file.

use std::time::Duration;

use model::name::literal;
use sha2::{Digest, Sha256};

use super::{Row, Script, Tool, hex};

pub(super) struct Prisma;

impl Tool for Prisma {
    fn table(&self) -> &'static str {
        "_prisma_migrations"
    }

    fn column(&self) -> &'static str {
        "migration_name"
    }

    fn create(&self) -> &'static str {
        "CREATE TABLE _prisma_migrations (
             id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
             migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
             started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)"
    }

    fn rows(&self) -> &'static str {
        "SELECT migration_name::text, checksum::text, finished_at IS NULL FROM _prisma_migrations
         WHERE rolled_back_at IS NULL ORDER BY started_at"
    }

    fn key(&self, script: &Script) -> Result<String, String> {
        Ok(script.name.clone())
    }

    fn is_applied(&self, key: &str, rows: &[Row]) -> bool {
        rows.iter().any(|row| row.key == key && !row.broken)
    }

    fn mark(&self, key: &str, script: &Script) -> Vec<String> {
        vec![format!(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (gen_random_uuid(), '{}', {})",
            sum(script),
            literal(key),
        )]
    }

    fn record(&self, key: &str, script: &Script, _: Duration, marked: bool) -> Vec<String> {
        let name = literal(key);
        vec![if marked {
            format!(
                "UPDATE _prisma_migrations SET finished_at = greatest(started_at, clock_timestamp()), applied_steps_count = 1
                 WHERE migration_name = {name} AND finished_at IS NULL AND rolled_back_at IS NULL"
            )
        } else {
            // The transaction is that of the migration, and began with it.
            format!(
                "INSERT INTO _prisma_migrations
                     (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
                 VALUES (gen_random_uuid(), '{}', {name}, now(), greatest(now(), clock_timestamp()), 1)",
                sum(script),
            )
        }]
    }
}

fn sum(script: &Script) -> String {
    hex(&Sha256::digest(&script.bytes))
}
