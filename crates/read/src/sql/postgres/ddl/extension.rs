//! Extensions.

use model::change::Aspect;
use model::object::{Extension, Object};
use model::step::How;
use model::{Change, Kind, Name, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::expr::string;
use super::super::name::name;
use super::super::statement::{Placed, Read, Statement};
use super::alter;

/// `CREATE EXTENSION`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateExtension) -> Read {
    let own = node.extension()?;
    let clause = node.extension_version_clause();
    let extension = Extension {
        name: name(&own),
        schema: node.extension_schema().and_then(|clause| clause.schema_ref()).map(|schema| name(&schema)),
        version: clause.and_then(|clause| version(clause.literal(), clause.extension_version())),
    };
    let path = Path::global(Kind::Extension, extension.name.clone());
    let change = Change::Create { path, object: Object::Extension(extension) };
    let how = How {
        if_not_exists: node.if_not_exists().is_some(),
        cascade: node.cascade_token().is_some(),
        ..How::default()
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]).how(how))
}

fn version(quoted: Option<ast::Literal>, bare: Option<ast::ExtensionVersion>) -> Option<Name> {
    quoted.map(|literal| string(&literal)).or_else(|| bare.map(|word| name(&word)))
}

/// `ALTER EXTENSION`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterExtension) -> Read {
    let path = super::object::global(Kind::Extension, node.extension_ref().as_ref())?;
    match node.action() {
        Some(ast::AlterExtensionAction::AlterExtensionUpdate(update)) => {
            let to = update.update_to().and_then(|to| version(to.literal(), to.extension_version()));
            let change = Change::alter(path, Aspect::Version(to));
            Some(Statement::define([Placed::new(cx, node.syntax(), change)]))
        }
        action => alter::object(cx, node.syntax(), Some(path), action.map(|action| action.syntax().clone())),
    }
}
