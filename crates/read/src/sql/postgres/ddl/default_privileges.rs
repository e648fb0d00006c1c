//! ALTER DEFAULT PRIVILEGES: what is granted on objects that do not exist yet.

use std::collections::BTreeSet;

use model::object::{DefaultPrivileges, Grant, Object};
use model::{Change, Kind, Name, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::name;
use super::super::statement::{Placed, Read, Statement};
use super::grant::privileges;
use super::options::{grantee, roles};

/// `ALTER DEFAULT PRIVILEGES`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterDefaultPrivileges) -> Read {
    let (written, target, grantees, grantable, gives) = match node.action()? {
        ast::AlterDefaultPrivilegesAction::GrantDefaultPrivileges(it) => {
            let grantable = it.grant_with_clause().is_some_and(|clause| clause.grant_option().is_some());
            (it.privileges()?, it.privilege_target()?, roles(it.role_ref_list()), grantable, true)
        }
        ast::AlterDefaultPrivilegesAction::RevokeDefaultPrivileges(it) => {
            let only_option = it.grant_option_for().is_some();
            (it.privileges()?, it.privilege_target()?, roles(it.role_ref_list()), only_option, false)
        }
    };
    let Some(objects) = kind(&target) else { return Some(Statement::other("ALTER DEFAULT PRIVILEGES")) };
    let privileges: BTreeSet<Name> = privileges(&written).into_values().flatten().collect();
    let grants: Vec<Grant> = grantees
        .into_iter()
        .map(|role| Grant { grantee: grantee(role), privileges: privileges.clone(), grantable })
        .collect();
    let makers = or_none(node.for_roles().map(|clause| roles(clause.role_ref_list())));
    let schemas = node.in_schemas().map(|clause| clause.schema_refs().map(|schema| name(&schema)).collect());
    let schemas = or_none(schemas);
    let mut changes = Vec::new();
    for role in &makers {
        for schema in &schemas {
            let path = Path {
                kind: Kind::DefaultPrivileges,
                schema: schema.clone().unwrap_or_default(),
                name: role.clone().unwrap_or_default(),
                part: objects.sql().into(),
            };
            let (role, schema) = (role.clone(), schema.clone());
            let (granted, revoked) = if gives { (grants.clone(), Vec::new()) } else { (Vec::new(), grants.clone()) };
            // What was said before goes on; only the model knows what the two make together.
            let defaults = DefaultPrivileges { role, schema, objects, granted, revoked };
            let change = Change::Create { path, object: Object::DefaultPrivileges(defaults) };
            changes.push(Placed::new(cx, node.syntax(), change));
        }
    }
    Some(Statement::define(changes))
}

/// Each of them, or one `None` when the clause was left out.
fn or_none(names: Option<Vec<Name>>) -> Vec<Option<Name>> {
    match names {
        Some(names) if !names.is_empty() => names.into_iter().map(Some).collect(),
        _ => vec![None],
    }
}

/// The kind that stands for the objects; large objects are not part of the model.
fn kind(target: &ast::PrivilegeTarget) -> Option<Kind> {
    Some(match target {
        ast::PrivilegeTarget::PrivilegeTargetTables(_) => Kind::Table,
        ast::PrivilegeTarget::PrivilegeTargetSequences(_) => Kind::Sequence,
        ast::PrivilegeTarget::PrivilegeTargetFunctions(_) | ast::PrivilegeTarget::PrivilegeTargetRoutines(_) => {
            Kind::Function
        }
        ast::PrivilegeTarget::PrivilegeTargetTypes(_) => Kind::BaseType,
        ast::PrivilegeTarget::PrivilegeTargetSchemas(_) => Kind::Namespace,
        ast::PrivilegeTarget::PrivilegeTargetLargeObjects(_) => return None,
    })
}
