use model::object::Object;
use model::{Change, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Only a superuser may create this extension, and a migration should not run as one; let whoever runs the server create it.
    ///
    /// Trusted extensions (pgcrypto, pg_trgm, citext and others) need no more than CREATE on the database. For the rest
    /// PostgreSQL answers "permission denied to create extension", in production only, where the role is an ordinary one. A
    /// managed service may allow it through a role of its own.
    ///
    /// ```sql,bad
    /// CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
    /// ```
    /// ```sql,bad
    /// CREATE SCHEMA far;
    /// CREATE EXTENSION postgres_fdw SCHEMA far;
    /// ```
    /// ```sql,good
    /// CREATE EXTENSION IF NOT EXISTS pgcrypto;
    /// ```
    /// ```sql,good
    /// CREATE EXTENSION pg_trgm;
    /// CREATE EXTENSION "uuid-ossp";
    /// ```
    "O005", note, known, Check::Step(check)
}

/// The extensions that come with PostgreSQL and whose control file does not say `trusted = true` (14 to 18).
const UNTRUSTED: &[&str] = &[
    "adminpack",
    "amcheck",
    "autoinc",
    "bloom",
    "dblink",
    "dict_xsyn",
    "earthdistance",
    "file_fdw",
    "insert_username",
    "moddatetime",
    "pageinspect",
    "pg_buffercache",
    "pg_freespacemap",
    "pg_logicalinspect",
    "pg_prewarm",
    "pg_stat_statements",
    "pg_surgery",
    "pg_visibility",
    "pg_walinspect",
    "pgrowlocks",
    "pgstattuple",
    "plperlu",
    "plpython3u",
    "pltclu",
    "postgres_fdw",
    "refint",
    "sslinfo",
    "xml2",
];

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Extension(extension) } = change else { continue };
        if UNTRUSTED.contains(&extension.name.as_str()) && !step.before.contains(path) {
            findings
                .here(place, format!("{} is refused to a role that is no superuser", extension.name))
                .about(path.clone())
                .words("EXTENSION")
                .why("its control file does not call it trusted");
        }
    }
}
