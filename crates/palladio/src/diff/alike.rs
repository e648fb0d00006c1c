//! A schema that was read from files, as a server prints it: expressions of both sides are then the same text.

use std::collections::BTreeSet;

use live::lab::Options;
use live::{Lab, introspect};
use model::dialect::Version;
use model::object::{Grantee, Object};
use model::{Kind, Name, Schema};

/// Makes the schema in a private server and looks at it; why that cannot be done.
pub(super) fn as_printed(schema: &Schema, version: Version) -> Result<Schema, String> {
    let lab = Lab::start(&Options::version(version.0))
        .or_else(|_| Lab::start(&Options::default()))
        .map_err(|error| error.to_string())?;
    const DATABASE: &str = "printed";
    lab.create_database(DATABASE).map_err(|error| error.to_string())?;
    let mut client = lab.connect(DATABASE).map_err(|error| error.to_string())?;
    for role in roles(schema) {
        // One that the script makes itself is made once.
        let _ = client.batch_execute(&format!("CREATE ROLE {}", model::name::quoted(&role)));
    }
    let script = write::sql::postgres::schema(schema);
    client.batch_execute(&script).map_err(|error| {
        let said = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        format!("a private PostgreSQL {} refuses it ({said})", lab.version().0)
    })?;
    introspect(&mut client).map(|found| found.schema).map_err(|error| error.to_string())
}

/// Every role that owns or holds something.
pub(crate) fn roles(schema: &Schema) -> BTreeSet<Name> {
    let mut found: BTreeSet<Name> = schema.owners().map(|(_, owner)| owner.clone()).collect();
    let defaults = schema.of_kind(Kind::DefaultPrivileges).filter_map(|object| match object {
        Object::DefaultPrivileges(defaults) => Some(defaults),
        _ => None,
    });
    let mut grants: Vec<&model::object::Grant> =
        schema.grants().flat_map(|(_, grants)| grants.granted.iter().chain(&grants.revoked)).collect();
    for defaults in defaults {
        found.extend(defaults.role.clone());
        grants.extend(defaults.granted.iter().chain(&defaults.revoked));
    }
    for grant in grants {
        if let Grantee::Role(role) = &grant.grantee {
            found.insert(role.clone());
        }
    }
    for table in schema.tables() {
        found.extend(table.policies.iter().flat_map(|policy| policy.roles.iter().cloned()));
    }
    let is_word = |role: &Name| ["public", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"].contains(&role.as_str());
    found.retain(|role| !is_word(role) && !role.starts_with("pg_"));
    found
}
