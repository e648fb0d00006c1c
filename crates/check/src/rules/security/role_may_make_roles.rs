use model::object::{Object, Role};
use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A role that logs in may make and alter other roles; keep CREATEROLE to a role that nobody's program runs as.
    ///
    /// Before PostgreSQL 16 such a role can give itself the membership of any other that is no superuser, `pg_execute_server_program`
    /// among them, and so run programs on the server. Since 16 it rules the roles that it made.
    ///
    /// ```sql,bad
    /// CREATE ROLE app LOGIN CREATEROLE;
    /// ```
    /// ```sql,bad
    /// CREATE USER app;
    /// ALTER USER app CREATEROLE CREATEDB;
    /// ```
    /// ```sql,good
    /// CREATE ROLE app LOGIN NOCREATEROLE;
    /// ```
    /// ```sql,good
    /// CREATE ROLE role_admins NOLOGIN CREATEROLE;
    /// ```
    "S016", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for object in schema.of_kind(Kind::Role) {
        let Object::Role(role) = object else { continue };
        let has = |option: &str| role.options.iter().any(|other| other == option);
        if !has("CREATEROLE") || !has("LOGIN") || has("SUPERUSER") {
            continue;
        }
        let path = Path::global(Kind::Role, role.name.clone());
        let mut options = role.options.clone();
        options.retain(|option| option != "CREATEROLE");
        options.push("NOCREATEROLE".into());
        let less = Role { options, ..role.clone() };
        findings
            .at_words(&path, "CREATEROLE", format!("{} may give itself what other roles may do", role.name))
            .why("whoever can make this role run a statement can make roles")
            .unsafe_fix("take CREATEROLE away", vec![Change::alter(path, Aspect::Role(Box::new(less)))]);
    }
}
