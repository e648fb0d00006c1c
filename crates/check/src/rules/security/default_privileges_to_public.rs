use model::object::{Grantee, Object};
use model::{Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// Whatever is made later is opened to everybody by default privileges; give them to a role.
    ///
    /// The table that somebody adds next year is readable by every role from its first row on, and nothing in its own
    /// migration says so.
    ///
    /// ```sql,bad
    /// ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
    /// ```
    /// ```sql,bad
    /// CREATE SCHEMA app;
    /// CREATE ROLE anon;
    /// ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT ALL ON TABLES TO PUBLIC;
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reporting;
    /// ```
    /// ```sql,good
    /// ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    /// ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO PUBLIC;
    /// ```
    "S015", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for object in schema.of_kind(Kind::DefaultPrivileges) {
        let Object::DefaultPrivileges(defaults) = object else { continue };
        let to_public = defaults.granted.iter().find(|grant| grant.grantee == Grantee::Public);
        // PUBLIC may use types and execute functions anyway.
        let Some(grant) =
            to_public.filter(|_| matches!(defaults.objects, Kind::Table | Kind::Sequence | Kind::Namespace))
        else {
            continue;
        };
        let path = Path {
            kind: Kind::DefaultPrivileges,
            schema: defaults.schema.clone().unwrap_or_default(),
            name: defaults.role.clone().unwrap_or_default(),
            part: defaults.objects.sql().into(),
        };
        let mut closed = defaults.clone();
        closed.granted.retain(|grant| grant.grantee != Grantee::Public);
        let change = match closed.granted.is_empty() && closed.revoked.is_empty() {
            true => model::Change::drop(path.clone()),
            false => model::Change::Replace { path: path.clone(), object: Object::DefaultPrivileges(closed) },
        };
        let what = defaults.objects.sql().to_lowercase();
        findings
            .at_words(
                &path,
                "GRANT",
                format!("every role gets {} on each {what} that is made later", listed(&grant.privileges)),
            )
            .why("nothing in the migration that makes it will say so")
            .unsafe_fix("leave PUBLIC out", vec![change]);
    }
}
