//! GRANT and REVOKE: on objects, on columns, and of roles.

use std::collections::{BTreeMap, BTreeSet};

use model::change::Aspect;
use model::object::{Grant, Object, Role};
use model::{Change, Kind, Name, Path};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::{folded, name};
use super::super::statement::{Placed, Read, Statement};
use super::object::ROUTINES;
use super::options::{cascades, columns, grantee, plain, roles, tokens};

/// `GRANT`
pub(crate) fn grant(cx: Context<'_>, node: &ast::Grant) -> Read {
    let grantees = roles(node.role_ref_list());
    let written = node.privileges()?;
    let Some(on) = node.on_privilege_objects_clause() else {
        return Some(membership(cx, node.syntax(), &written, &grantees, true));
    };
    let grantable = node.grant_with_clause().is_some_and(|clause| clause.grant_option().is_some());
    let objects = objects(cx, &on.privilege_objects()?);
    let privileges = privileges(&written);
    let changes = on_objects(&objects, &privileges, &grantees, grantable, Aspect::Grant);
    Some(Statement::define(changes.map(|change| Placed::new(cx, node.syntax(), change))))
}

/// `REVOKE`
pub(crate) fn revoke(cx: Context<'_>, node: &ast::Revoke) -> Read {
    let grantees = roles(node.role_ref_list());
    let written = node.privileges()?;
    let Some(on) = node.on_privilege_objects_clause() else {
        // Taking away only an option of the membership leaves the membership.
        let whole = node.revoke_option_for().is_none();
        let nobody = Vec::new();
        return Some(membership(cx, node.syntax(), &written, if whole { &grantees } else { &nobody }, false));
    };
    let only_option = matches!(node.revoke_option_for(), Some(ast::RevokeOptionFor::GrantOptionFor(_)));
    let objects = objects(cx, &on.privilege_objects()?);
    let privileges = privileges(&written);
    let changes = on_objects(&objects, &privileges, &grantees, only_option, Aspect::Revoke);
    let mut statement = Statement::define(changes.map(|change| Placed::new(cx, node.syntax(), change)));
    statement.how.cascade = cascades(node.drop_behavior().as_ref());
    Some(statement)
}

/// Privileges by the column that they are limited to; the empty name is the whole object.
pub(super) type Privileges = BTreeMap<Name, BTreeSet<Name>>;

pub(super) fn privileges(written: &ast::Privileges) -> Privileges {
    let mut privileges = Privileges::new();
    let mut add = |privilege: Name, columns: Vec<Name>| {
        let columns = if columns.is_empty() { vec![Name::default()] } else { columns };
        for column in columns {
            privileges.entry(column).or_default().insert(privilege.clone());
        }
    };
    match written {
        ast::Privileges::AllPrivileges(all) => add(Name::new_static("ALL"), columns(all.column_ref_list())),
        ast::Privileges::RevokeCommandList(list) => {
            for command in list.revoke_commands() {
                let word = word(&command).to_ascii_uppercase();
                add(
                    if word == "TEMP" { Name::new_static("TEMPORARY") } else { word.into() },
                    columns(command.column_ref_list()),
                );
            }
        }
    }
    privileges
}

/// The privilege, or the role where roles are granted, without its column list.
fn word(command: &ast::RevokeCommand) -> String {
    let list = command.column_ref_list().map(|list| list.syntax().text_range());
    let outside = tokens(command.syntax()).into_iter();
    let outside = outside.filter(|token| !list.is_some_and(|list| list.contains_range(token.text_range())));
    outside.map(|token| token.text().to_string()).collect::<Vec<_>>().join(" ")
}

fn on_objects<'a>(
    objects: &'a [Path],
    privileges: &'a Privileges,
    grantees: &'a [Name],
    grantable: bool,
    aspect: impl Fn(Grant) -> Aspect + Copy + 'a,
) -> impl Iterator<Item = Change> + 'a {
    objects.iter().flat_map(move |object| {
        privileges.iter().flat_map(move |(column, privileges)| {
            grantees.iter().map(move |role| {
                let path = match column.is_empty() {
                    true => object.clone(),
                    false => Path::column(&object.qname(), column.clone()),
                };
                let grant = Grant { grantee: grantee(role.clone()), privileges: privileges.clone(), grantable };
                Change::alter(path, aspect(grant))
            })
        })
    })
}

/// The objects that the clause names, or that the schemas in it hold now.
fn objects(cx: Context<'_>, clause: &ast::PrivilegeObjects) -> Vec<Path> {
    use ast::PrivilegeObjects as P;
    const TABLES: &[Kind] = &[Kind::Table, Kind::View, Kind::MaterializedView];
    let names = |kind: Kind, names: Vec<Name>| names.into_iter().map(|name| Path::global(kind, name)).collect();
    match clause {
        P::PrivilegeDefault(it) => it.relation_name_refs().map(|node| cx.relation_path(Kind::Table, &node)).collect(),
        P::PrivilegeTable(it) => it.relation_name_refs().map(|node| cx.relation_path(Kind::Table, &node)).collect(),
        P::PrivilegeSequence(it) => it.sequence_refs().map(|node| cx.relation_path(Kind::Sequence, &node)).collect(),
        P::PrivilegeFunction(it) => {
            let sigs = it.function_sig_list().into_iter().flat_map(|list| list.function_sigs().collect::<Vec<_>>());
            sigs.filter_map(|sig| cx.function_sig(&sig)).collect()
        }
        P::PrivilegeProcedure(it) => {
            let sigs = it.procedure_sig_list().into_iter().flat_map(|list| list.procedure_sigs().collect::<Vec<_>>());
            sigs.filter_map(|sig| cx.procedure_sig(&sig)).collect()
        }
        P::PrivilegeRoutine(it) => {
            let sigs = it.routine_sig_list().into_iter().flat_map(|list| list.routine_sigs().collect::<Vec<_>>());
            sigs.filter_map(|sig| cx.routine_sig(&sig)).collect()
        }
        P::PrivilegeType(it) => it.type_name_refs().map(|node| cx.user_type_path(Kind::BaseType, &node)).collect(),
        P::PrivilegeDomain(it) => it.domain_refs().map(|node| cx.user_type_path(Kind::Domain, &node)).collect(),
        P::PrivilegeSchema(it) => names(Kind::Namespace, it.schema_refs().map(|node| name(&node)).collect()),
        P::PrivilegeDatabase(it) => names(Kind::Database, it.database_refs().map(|node| name(&node)).collect()),
        P::PrivilegeLanguage(it) => names(Kind::Language, it.language_refs().map(|node| name(&node)).collect()),
        P::PrivilegeTablespace(it) => names(Kind::Tablespace, it.tablespace_refs().map(|node| name(&node)).collect()),
        P::PrivilegeForeignDataWrapper(it) => {
            names(Kind::ForeignDataWrapper, it.foreign_data_wrapper_refs().map(|node| name(&node)).collect())
        }
        P::PrivilegeForeignServer(it) => names(Kind::Server, it.server_refs().map(|node| name(&node)).collect()),
        P::PrivilegeAllTablesInSchema(it) => within(cx, TABLES, it.schema_refs()),
        P::PrivilegeAllSequencesInSchema(it) => within(cx, &[Kind::Sequence], it.schema_refs()),
        P::PrivilegeAllFunctionsInSchema(it) => within(cx, &[Kind::Function, Kind::Aggregate], it.schema_refs()),
        P::PrivilegeAllProceduresInSchema(it) => within(cx, &[Kind::Procedure], it.schema_refs()),
        P::PrivilegeAllRoutinesInSchema(it) => within(cx, ROUTINES, it.schema_refs()),
        // Not part of the model.
        P::PrivilegeLargeObject(_) | P::PrivilegeParameter(_) | P::PrivilegePropertyGraph(_) => Vec::new(),
    }
}

fn within(cx: Context<'_>, kinds: &[Kind], schemas: impl Iterator<Item = ast::SchemaRef>) -> Vec<Path> {
    let schemas: Vec<Name> = schemas.map(|schema| name(&schema)).collect();
    let all = cx.schema().objects().map(|(path, _)| path);
    all.filter(|path| kinds.contains(&path.kind) && schemas.contains(&path.schema)).cloned().collect()
}

/// `GRANT role TO role`: known roles become members, or stop being ones.
fn membership(
    cx: Context<'_>,
    stmt: &SyntaxNode,
    written: &ast::Privileges,
    members: &[Name],
    joins: bool,
) -> Statement {
    let granted: Vec<Name> = match written {
        ast::Privileges::RevokeCommandList(list) => {
            list.revoke_commands().map(|command| folded(&word(&command))).collect()
        }
        ast::Privileges::AllPrivileges(all) => vec![plain(all.syntax())],
    };
    let changes = members.iter().filter_map(|member| {
        let role = known(cx, member)?;
        let mut member_of = role.member_of.clone();
        member_of.retain(|of| !granted.contains(of));
        if joins {
            member_of.extend(granted.iter().cloned());
        }
        let path = Path::global(Kind::Role, member.clone());
        Some(Change::alter(path, Aspect::Role(Box::new(Role { member_of, ..role.clone() }))))
    });
    Statement::define(changes.map(|change| Placed::new(cx, stmt, change)))
}

/// The role, when the sources made it. Most roles are made elsewhere.
pub(super) fn known<'a>(cx: Context<'a>, role: &Name) -> Option<&'a Role> {
    match cx.schema().object(&Path::global(Kind::Role, role.clone()))? {
        Object::Role(role) => Some(role),
        _ => None,
    }
}
