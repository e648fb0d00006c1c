//! CREATE SCHEMA, with the objects that may be made inside it.

use model::change::Aspect;
use model::object::{Namespace, Object};
use model::{Change, Kind, Name, Path};
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::name;
use super::super::statement::{Placed, Read, Statement, statement};
use super::alter;
use super::options::{if_not_exists, new_role, role};

/// `CREATE SCHEMA`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateSchema) -> Read {
    let (own, owner) = match node.create_schema_target()? {
        ast::CreateSchemaTarget::NamedSchema(it) => (name(&it.schema()?), it.role_ref().map(|owner| role(&owner))),
        ast::CreateSchemaTarget::AuthorizationSchema(it) => {
            let owner = new_role(&it.role()?);
            (owner.clone(), Some(owner))
        }
    };
    let path = Path::global(Kind::Namespace, own.clone());
    let object = Object::Namespace(Namespace { name: own.clone() });
    let mut create = Placed::new(cx, node.syntax(), Change::Create { path: path.clone(), object });
    create.name = node.schema_name().map(|own| super::super::query::span(cx, &own));
    let mut made = Statement::define([create]).how(if_not_exists(node.if_not_exists()));
    if let Some(owner) = owner {
        made.changes.push(Placed::new(cx, node.syntax(), Change::alter(path, Aspect::Owner(owner))));
    }
    elements(cx, own, node, &mut made);
    Some(made)
}

/// The elements are statements of their own, in the new schema, each after the one before it.
fn elements(cx: Context<'_>, own: Name, node: &ast::CreateSchema, made: &mut Statement) {
    let search_path: Vec<Name> = std::iter::once(own).chain(cx.search_path().iter().cloned()).collect();
    let mut schema = cx.schema().clone();
    let mut done = 0;
    for element in node.schema_elements() {
        for placed in &made.changes[done..] {
            // What the database would refuse is told when the statement is applied.
            let _ = model::apply(&mut schema, &placed.change);
        }
        done = made.changes.len();
        let Some(inner) = ast::Stmt::cast(element.syntax().clone()) else { continue };
        let inside = Context::new(&schema, &search_path, cx.offset);
        let inner = statement(inside, &inner);
        made.changes.extend(inner.changes);
        made.problems.extend(inner.problems);
    }
}

/// `ALTER SCHEMA`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterSchema) -> Read {
    let path = super::object::global(Kind::Namespace, node.schema_ref().as_ref());
    alter::object(cx, node.syntax(), path, node.action().map(|action| action.syntax().clone()))
}
