use model::object::{Grant, Grantee};
use model::{Aspect, Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::words_of;
use crate::words::listed;

rule! {
    /// Everybody may read a table that keeps passwords or tokens; grant SELECT on the other columns, to a role.
    ///
    /// PUBLIC is every role with a connection, and `anon` is whoever has the address. A hash can be tried at leisure, and a
    /// token works at once.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text, password_hash text);
    /// GRANT SELECT ON users TO PUBLIC;
    /// ```
    /// ```sql,bad
    /// CREATE ROLE anon;
    /// CREATE TABLE sessions (id bigint PRIMARY KEY, access_token text);
    /// GRANT SELECT, INSERT ON sessions TO anon;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text, password_hash text);
    /// GRANT SELECT (id, email) ON users TO PUBLIC;
    /// ```
    /// ```sql,good
    /// CREATE ROLE reporting;
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text, password_hash text);
    /// GRANT SELECT ON users TO reporting;
    /// ```
    "S013", fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    if schema.grants().next().is_none() {
        return;
    }
    for table in schema.tables().filter(|table| !table.row_security.enabled) {
        let path = Path::table(&table.name);
        let Some(grants) = schema.grants_on(&path) else { continue };
        let open = |grant: &&Grant| {
            is_anybody(&grant.grantee) && grant.privileges.iter().any(|name| name == "SELECT" || name == "ALL")
        };
        let Some(grant) = grants.granted.iter().find(open) else { continue };
        let secrets: Vec<&Name> =
            table.columns.iter().map(|column| &column.name).filter(|name| is_secret(name)).collect();
        if secrets.is_empty() {
            continue;
        }
        let who = match &grant.grantee {
            Grantee::Public => "every role".to_string(),
            Grantee::Role(name) => name.to_string(),
        };
        let revoke =
            Grant { grantable: false, privileges: [Name::new_static("SELECT")].into_iter().collect(), ..grant.clone() };
        findings
            .at_words(&path, "GRANT", format!("{who} may read {} of {}", listed(secrets), table.name))
            .why("a hash can be tried at leisure, and a token works at once")
            .unsafe_fix("take SELECT back", vec![Change::alter(path.clone(), Aspect::Revoke(revoke))]);
    }
}

fn is_secret(name: &Name) -> bool {
    let words = words_of(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    // When it was set, or how long it holds, is no secret.
    let about = has(&["at", "expires", "expiry", "type", "count", "enabled", "required", "updated", "changed"]);
    has(&["password", "passwd", "secret", "token", "apikey", "ssn", "cvv"]) && !about
}

/// Roles that stand for whoever comes.
fn is_anybody(grantee: &Grantee) -> bool {
    match grantee {
        Grantee::Public => true,
        Grantee::Role(name) => matches!(name.as_str(), "anon" | "anonymous" | "web_anon" | "guest"),
    }
}
