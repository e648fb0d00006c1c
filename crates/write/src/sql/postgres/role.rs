//! Roles: those the model holds, and those it only names.

use std::collections::BTreeSet;

use model::name::quoted;
use model::object::{Grantee, Object, Role};
use model::path::Kind;
use model::{Name, Schema};

use super::words;

/// A role belongs to the whole server: it may be there already, and that is no error.
pub(super) fn create_if_missing(role: &Role) -> String {
    format!("DO $$ BEGIN CREATE ROLE {}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;", with_options(role))
}

pub(super) fn create(role: &Role) -> Vec<String> {
    std::iter::once(format!("CREATE ROLE {};", with_options(role))).chain(memberships(role)).collect()
}

pub(super) fn alter(before: Option<&Role>, role: &Role) -> Vec<String> {
    let changed = before.is_none_or(|before| before.options != role.options) && !role.options.is_empty();
    let options = changed.then(|| format!("ALTER ROLE {};", with_options(role)));
    let held = |group: &Name| before.is_some_and(|before| before.member_of.contains(group));
    let granted = role.member_of.iter().filter(|group| !held(group)).map(|group| grant(group, role));
    let left = before.into_iter().flat_map(|before| &before.member_of).filter(|group| !role.member_of.contains(group));
    let revoked = left.map(|group| format!("REVOKE {} FROM {};", quoted(group), quoted(&role.name)));
    options.into_iter().chain(granted).chain(revoked).collect()
}

pub(super) fn memberships(role: &Role) -> impl Iterator<Item = String> {
    role.member_of.iter().map(|group| grant(group, role))
}

fn grant(group: &str, role: &Role) -> String {
    format!("GRANT {} TO {};", quoted(group), quoted(&role.name))
}

fn with_options(role: &Role) -> String {
    let options: String = role.options.iter().map(|option| format!(" {option}")).collect();
    format!("{}{options}", quoted(&role.name))
}

/// Roles that grants, owners and policies name without anybody having made them; those of the server stay out.
pub(super) fn only_named(schema: &Schema) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    found.extend(schema.owners().map(|(_, owner)| owner.clone()));
    let grants = schema.grants().flat_map(|(_, grants)| grants.granted.iter().chain(&grants.revoked));
    let defaults = schema.of_kind(Kind::DefaultPrivileges).filter_map(|object| match object {
        Object::DefaultPrivileges(defaults) => Some(defaults),
        _ => None,
    });
    for defaults in defaults {
        found.extend(defaults.role.clone());
        found.extend(defaults.granted.iter().chain(&defaults.revoked).filter_map(|grant| role_of(&grant.grantee)));
    }
    found.extend(grants.filter_map(|grant| role_of(&grant.grantee)));
    for table in schema.tables() {
        found.extend(table.policies.iter().flat_map(|policy| policy.roles.iter().cloned()));
    }
    for object in schema.of_kind(Kind::Role) {
        if let Object::Role(role) = object {
            found.extend(role.member_of.iter().cloned());
        }
    }
    let of_the_server = |name: &Name| words::is_role_keyword(name) || name.starts_with("pg_") || name == "postgres";
    let made = |name: &Name| schema.object(&model::Path::global(Kind::Role, name.clone())).is_some();
    found.retain(|name| !name.is_empty() && !of_the_server(name) && !made(name));
    found
}

fn role_of(grantee: &Grantee) -> Option<Name> {
    match grantee {
        Grantee::Public => None,
        Grantee::Role(name) => Some(name.clone()),
    }
}
