//! Privileges: on objects, on columns, and by default.

use model::Path;
use model::name::quoted;
use model::object::{DefaultPrivileges, Grant, Grantee};
use model::path::Kind;
use model::schema::Grants;

use super::{target, words};

/// Everything that was taken away and given on one object. What was taken away comes first: it is taken from what
/// the database gives by itself.
pub(super) fn statements(path: &Path, grants: &Grants) -> Vec<String> {
    let revoked = grants.revoked.iter().map(|grant| revoke(path, grant));
    let granted = grants.granted.iter().map(|grant| self::grant(path, grant));
    revoked.chain(granted).collect()
}

pub(super) fn grant(path: &Path, grant: &Grant) -> String {
    let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
    format!("GRANT {} ON {} TO {}{option};", privileges(path, grant), on(path), grantee(&grant.grantee))
}

pub(super) fn revoke(path: &Path, grant: &Grant) -> String {
    let option = if grant.grantable { "GRANT OPTION FOR " } else { "" };
    format!("REVOKE {option}{} ON {} FROM {};", privileges(path, grant), on(path), grantee(&grant.grantee))
}

pub(super) fn default_privileges(defaults: &DefaultPrivileges) -> Vec<String> {
    let role = defaults.role.as_ref().map(|role| format!(" FOR ROLE {}", words::role(role))).unwrap_or_default();
    let schema = defaults.schema.as_ref().map(|schema| format!(" IN SCHEMA {}", quoted(schema))).unwrap_or_default();
    let alter = format!("ALTER DEFAULT PRIVILEGES{role}{schema}");
    let objects = match defaults.objects {
        Kind::Sequence => "SEQUENCES",
        Kind::Function | Kind::Procedure | Kind::Aggregate => "FUNCTIONS",
        Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => "TYPES",
        Kind::Namespace => "SCHEMAS",
        _ => "TABLES",
    };
    let revoked = defaults.revoked.iter().map(|grant| {
        let option = if grant.grantable { "GRANT OPTION FOR " } else { "" };
        format!("{alter} REVOKE {option}{} ON {objects} FROM {};", listed(grant), grantee(&grant.grantee))
    });
    let granted = defaults.granted.iter().map(|grant| {
        let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
        format!("{alter} GRANT {} ON {objects} TO {}{option};", listed(grant), grantee(&grant.grantee))
    });
    revoked.chain(granted).collect()
}

fn listed(grant: &Grant) -> String {
    grant.privileges.iter().map(|privilege| privilege.as_str()).collect::<Vec<_>>().join(", ")
}

/// Privileges on a column name the column beside each of them.
fn privileges(path: &Path, grant: &Grant) -> String {
    if path.kind != Kind::Column {
        return listed(grant);
    }
    let column = quoted(&path.part);
    grant.privileges.iter().map(|privilege| format!("{privilege} ({column})")).collect::<Vec<_>>().join(", ")
}

fn on(path: &Path) -> String {
    match path.kind {
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::Column => path.qname().to_string(),
        Kind::Aggregate => format!("FUNCTION {}", target::name(path)),
        Kind::Server => format!("FOREIGN SERVER {}", target::name(path)),
        kind => format!("{} {}", kind.sql(), target::name(path)),
    }
}

fn grantee(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Public => "PUBLIC".to_owned(),
        Grantee::Role(name) => words::role(name),
    }
}
