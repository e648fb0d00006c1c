//! Roles, users and groups. Passwords are not kept.

use model::change::Aspect;
use model::object::{Object, Role};
use model::{Change, Kind, Name, Path};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::statement::{Placed, Read, Statement};
use super::alter;
use super::grant::known;
use super::options::{capitals, new_role, role, roles, tokens};

/// `CREATE ROLE`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateRole) -> Read {
    made(cx, node.syntax(), node.role(), node.role_option_list(), &[])
}

/// `CREATE USER`, a role that can log in.
pub(crate) fn create_user(cx: Context<'_>, node: &ast::CreateUser) -> Read {
    made(cx, node.syntax(), node.role(), node.role_option_list(), &["LOGIN"])
}

/// `CREATE GROUP`
pub(crate) fn create_group(cx: Context<'_>, node: &ast::CreateGroup) -> Read {
    made(cx, node.syntax(), node.role(), node.role_option_list(), &[])
}

fn made(
    cx: Context<'_>,
    stmt: &SyntaxNode,
    own: Option<ast::Role>,
    list: Option<ast::RoleOptionList>,
    implied: &[&'static str],
) -> Read {
    let own = own?;
    let mut made = Role { name: new_role(&own), options: Vec::new(), member_of: Vec::new() };
    made.options.extend(implied.iter().map(|word| Name::new_static(word)));
    let members = set_options(&mut made, list);
    let path = Path::global(Kind::Role, made.name.clone());
    let joins = members.into_iter().filter_map(|member| joined(cx, &member, &made.name)).collect::<Vec<_>>();
    let create = Placed::new(cx, stmt, Change::Create { path, object: Object::Role(made) }).named(cx, Some(&own));
    Some(Statement::define([create].into_iter().chain(joins.into_iter().map(|join| Placed::new(cx, stmt, join)))))
}

/// Takes the options over; gives the roles that become members of this one.
fn set_options(role: &mut Role, list: Option<ast::RoleOptionList>) -> Vec<Name> {
    use ast::RoleOption as O;
    let mut members = Vec::new();
    for option in list.into_iter().flat_map(|list| list.role_options().collect::<Vec<_>>()) {
        match &option {
            O::RoleOptionPassword(_) | O::RoleOptionEncryptedPassword(_) | O::RoleOptionSysid(_) => {}
            O::RoleOptionInRole(it) => role.member_of.extend(roles(it.role_ref_list())),
            O::RoleOptionInGroup(it) => role.member_of.extend(roles(it.role_ref_list())),
            O::RoleOptionRole(it) => members.extend(roles(it.role_ref_list())),
            O::RoleOptionUser(it) => members.extend(roles(it.role_ref_list())),
            O::RoleOptionAdmin(it) => members.extend(roles(it.role_ref_list())),
            // A date in quotes keeps its letters.
            O::RoleOptionValidUntil(_) => {
                let words: Vec<String> = tokens(option.syntax()).iter().map(|token| token.text().to_string()).collect();
                let [first, second, rest @ ..] = words.as_slice() else { continue };
                let text = [&[first.to_ascii_uppercase(), second.to_ascii_uppercase()], rest].concat();
                replace(role, text.join(" ").into());
            }
            other => replace(role, capitals(other.syntax())),
        }
    }
    members
}

/// The newest word on a subject holds: LOGIN takes the place of NOLOGIN.
fn replace(role: &mut Role, option: Name) {
    let subject = subject(&option).to_string();
    role.options.retain(|known| self::subject(known) != subject);
    role.options.push(option);
}

fn subject(option: &str) -> &str {
    let word = option.split(' ').next().unwrap_or(option);
    word.strip_prefix("NO").unwrap_or(word)
}

fn joined(cx: Context<'_>, member: &Name, group: &Name) -> Option<Change> {
    let known = known(cx, member)?;
    let mut member_of = known.member_of.clone();
    member_of.retain(|of| of != group);
    member_of.push(group.clone());
    let path = Path::global(Kind::Role, member.clone());
    Some(Change::alter(path, Aspect::Role(Box::new(Role { member_of, ..known.clone() }))))
}

/// `ALTER ROLE`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterRole) -> Read {
    altered(cx, node.syntax(), node.role_ref(), node.action().map(|action| action.syntax().clone()))
}

/// `ALTER USER`
pub(crate) fn alter_user(cx: Context<'_>, node: &ast::AlterUser) -> Read {
    altered(cx, node.syntax(), node.role_ref(), node.action().map(|action| action.syntax().clone()))
}

fn altered(cx: Context<'_>, stmt: &SyntaxNode, own: Option<ast::RoleRef>, action: Option<SyntaxNode>) -> Read {
    // ALTER ROLE ALL sets parameters, and so does the form with IN DATABASE: settings are no part of the model.
    let Some(own) = own.map(|own| role(&own)) else { return Some(Statement::other("ALTER ROLE")) };
    let Some(known) = known(cx, &own) else { return Some(Statement::define([])) };
    let path = Path::global(Kind::Role, own.clone());
    let list = action.clone().and_then(ast::RoleOptionList::cast);
    let Some(list) = list else {
        let change = action.and_then(|action| alter::any(cx, &path, &action));
        return Some(Statement::define(change.map(|change| Placed::new(cx, stmt, change))));
    };
    let mut changed = known.clone();
    let members = set_options(&mut changed, Some(list));
    let joins = members.into_iter().filter_map(|member| joined(cx, &member, &own));
    let changes = [Change::alter(path, Aspect::Role(Box::new(changed)))].into_iter().chain(joins);
    Some(Statement::define(changes.map(|change| Placed::new(cx, stmt, change))))
}

/// `ALTER GROUP`
pub(crate) fn alter_group(cx: Context<'_>, node: &ast::AlterGroup) -> Read {
    let group = role(&node.role_ref()?);
    let changes: Vec<Change> = match node.action()? {
        ast::AlterGroupAction::AddUsers(it) => {
            it.role_refs().filter_map(|member| joined(cx, &role(&member), &group)).collect()
        }
        ast::AlterGroupAction::DropUsers(it) => {
            let left = it.role_refs().filter_map(|member| {
                let known = known(cx, &role(&member))?;
                let member_of = known.member_of.iter().filter(|of| **of != group).cloned().collect();
                let path = Path::global(Kind::Role, known.name.clone());
                Some(Change::alter(path, Aspect::Role(Box::new(Role { member_of, ..known.clone() }))))
            });
            left.collect()
        }
        rename => {
            let path = Path::global(Kind::Role, group.clone());
            let known = known(cx, &group).is_some();
            known.then(|| alter::any(cx, &path, rename.syntax())).flatten().into_iter().collect()
        }
    };
    Some(Statement::define(changes.into_iter().map(|change| Placed::new(cx, node.syntax(), change))))
}

/// `REASSIGN OWNED BY a TO b`: what the sources say belongs to the first.
pub(crate) fn reassign(cx: Context<'_>, node: &ast::Reassign) -> Read {
    let (before, after) = (roles(node.before()), roles(node.after()));
    let owner = after.into_iter().next()?;
    let owned = cx.schema().owners().filter(|(_, owner)| before.contains(owner));
    let changes = owned.map(|(path, _)| Change::alter(path.clone(), Aspect::Owner(owner.clone())));
    Some(Statement::define(changes.map(|change| Placed::new(cx, node.syntax(), change))))
}

/// `DROP OWNED BY a`: what the sources say belongs to the role goes away.
pub(crate) fn drop_owned(cx: Context<'_>, node: &ast::DropOwned) -> Read {
    let owners = roles(node.role_ref_list());
    let cascade = super::options::cascades(node.drop_behavior().as_ref());
    let owned = cx.schema().owners().filter(|(_, owner)| owners.contains(owner));
    let changes = owned.map(|(path, _)| Change::Drop { path: path.clone(), cascade });
    let mut statement = Statement::define(changes.map(|change| Placed::new(cx, node.syntax(), change)));
    statement.how.cascade = cascade;
    Some(statement)
}
