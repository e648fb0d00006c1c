//! Transactions and settings.

use model::step::Action;
use model::{Name, Sql};
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::string;
use super::super::name::words;
use super::super::sql_text::sql;
use super::super::statement::{Read, Statement};
use super::super::{Context, Scope};
use super::options::role;
use super::routine::assigned;

fn set(name: &'static str, value: Option<Sql>, scope: Option<ast::SetScope>) -> Statement {
    setting(Name::new_static(name), value, scope)
}

fn setting(name: Name, value: Option<Sql>, scope: Option<ast::SetScope>) -> Statement {
    let local = matches!(scope, Some(ast::SetScope::LocalScope(_)));
    Statement::new(Action::Set { name, value, local })
}

/// `SET name = value`
pub(crate) fn set_parameter(cx: Context<'_>, node: &ast::Set) -> Read {
    let scope = node.set_scope();
    Some(match node.set_target()? {
        ast::SetTarget::SetConfig(it) => {
            let name = words(&it.config_parameter_ref()?).join(".").to_ascii_lowercase().into();
            setting(name, assigned(cx, it.config_assignment()?), scope)
        }
        ast::SetTarget::SetTimeZone(it) => {
            let cast = it.cast_expr().map(|value| sql(cx, &Scope::default(), value.syntax()));
            let value = it.config_value().map(|value| sql(cx, &Scope::default(), value.syntax()));
            set("timezone", cast.or(value), scope)
        }
        // `SET SCHEMA 'x'` is another way to write `SET search_path TO x`.
        ast::SetTarget::SetSchemaValue(it) => {
            set("search_path", it.literal().map(|value| sql(cx, &Scope::default(), value.syntax())), scope)
        }
        ast::SetTarget::SetXmlOption(_) => set("xmloption", None, scope),
        ast::SetTarget::SetCatalog(_) => Statement::other("SET CATALOG"),
    })
}

/// `RESET name`
pub(crate) fn reset(node: &ast::Reset) -> Read {
    Some(match node.reset_target()? {
        ast::ResetTarget::ConfigParameterRef(it) => {
            setting(words(&it).join(".").to_ascii_lowercase().into(), None, None)
        }
        ast::ResetTarget::ResetTimeZone(_) => set("timezone", None, None),
        ast::ResetTarget::All(_) => set("all", None, None),
        ast::ResetTarget::ResetTransactionIsolation(_) => set("transaction_isolation", None, None),
    })
}

/// `SET ROLE`
pub(crate) fn set_role(node: &ast::SetRole) -> Read {
    let value = match node.set_role_target()? {
        ast::SetRoleTarget::RoleRef(it) => Some(Sql::text(role(&it))),
        ast::SetRoleTarget::Literal(it) => Some(Sql::text(string(&it))),
        ast::SetRoleTarget::SetRoleNone(_) => None,
    };
    Some(set("role", value, node.set_scope()))
}

/// `SET SESSION AUTHORIZATION`
pub(crate) fn set_session_authorization(node: &ast::SetSessionAuth) -> Read {
    let value = match node.set_session_auth_target()? {
        ast::SetSessionAuthTarget::RoleRef(it) => Some(Sql::text(role(&it))),
        ast::SetSessionAuthTarget::Literal(it) => Some(Sql::text(string(&it))),
        ast::SetSessionAuthTarget::SetSessionAuthDefault(_) => None,
    };
    Some(set("session_authorization", value, node.set_scope()))
}

pub(crate) fn reset_role() -> Read {
    Some(set("role", None, None))
}

pub(crate) fn reset_session_authorization() -> Read {
    Some(set("session_authorization", None, None))
}

/// `DISCARD ALL` resets every setting; the other forms touch nothing that the model knows.
pub(crate) fn discard(node: &ast::Discard) -> Read {
    Some(match node.discard_target()? {
        ast::DiscardTarget::DiscardAll(_) => set("all", None, None),
        _ => Statement::other("DISCARD"),
    })
}

/// `COMMIT`, `END`
pub(crate) fn commit(node: &ast::Commit) -> Read {
    Some(match node {
        ast::Commit::CommitTransaction(_) => Statement::new(Action::Commit),
        // It ends a transaction that another session prepared.
        ast::Commit::CommitPrepared(_) => Statement::other("COMMIT PREPARED"),
    })
}

/// `ROLLBACK`, `ABORT`
pub(crate) fn rollback(node: &ast::Rollback) -> Read {
    Some(match node {
        ast::Rollback::RollbackTransaction(_) => Statement::new(Action::Rollback),
        ast::Rollback::RollbackToSavepoint(_) => Statement::new(Action::Savepoint),
        ast::Rollback::RollbackPrepared(_) => Statement::other("ROLLBACK PREPARED"),
    })
}
