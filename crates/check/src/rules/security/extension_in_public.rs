use model::{Kind, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// An extension puts its functions into the schema of the application's tables; give it a schema of its own.
    ///
    /// Its functions stand among the application's, are opened with them to whoever may use `public`, and may be shadowed by
    /// a name that somebody adds later.
    ///
    /// ```sql,bad
    /// CREATE EXTENSION pgcrypto;
    /// ```
    /// ```sql,bad
    /// CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;
    /// ```
    /// ```sql,good
    /// CREATE SCHEMA tools;
    /// CREATE EXTENSION pgcrypto SCHEMA tools;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// ```
    "S027", note, opt_in, Check::Schema(check)
}

/// These choose their schema themselves.
const FIXED: &[&str] = &["plpgsql", "postgis_topology", "pg_cron", "pgsodium", "timescaledb"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for extension in schema.extensions() {
        let is_public = |name: &Name| *name == model::name::PUBLIC;
        if extension.schema.as_ref().is_none_or(is_public) && !FIXED.contains(&extension.name.as_str()) {
            findings
                .at(
                    &Path::global(Kind::Extension, extension.name.clone()),
                    format!("the functions of {} stand in public", extension.name),
                )
                .why("whoever may use public may call them");
        }
    }
}
