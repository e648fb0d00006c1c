//! What ALTER can do to any object: give it another owner, name or schema; and where the rest is kept as text.

use model::change::Aspect;
use model::{Change, Path};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::{name, name_of, path};
use super::super::statement::{Placed, Read, Statement};
use super::named::text;
use super::object::last_child;
use super::options::role;

/// OWNER TO, SET SCHEMA, RENAME TO and DEPENDS ON EXTENSION of any kind of object.
pub(super) fn any(cx: Context<'_>, object: &Path, action: &SyntaxNode) -> Option<Change> {
    if let Some(owner) = ast::OwnerTo::cast(action.clone()) {
        return Some(Change::alter(object.clone(), Aspect::Owner(role(&owner.role_ref()?))));
    }
    if let Some(moved) = ast::SetSchema::cast(action.clone()) {
        return Some(Change::Move { path: object.clone(), to: name(&moved.schema_ref()?) });
    }
    if ast::DependsOnExtension::can_cast(action.kind()) || ast::NoDependsOnExtension::can_cast(action.kind()) {
        return Some(Change::alter(object.clone(), Aspect::Other(text(cx, action))));
    }
    is_rename(action).then(|| new_name(action)).flatten().map(|to| Change::Rename { path: object.clone(), to })
}

/// `RENAME TO …` in each of its forms, told by its own words rather than by the forty kinds of node.
fn is_rename(action: &SyntaxNode) -> bool {
    let tokens = action.children_with_tokens().filter_map(|element| element.into_token());
    let words: Vec<String> =
        tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_ascii_lowercase()).collect();
    words == ["rename", "to"]
}

fn new_name(action: &SyntaxNode) -> Option<model::Name> {
    let new = last_child(action)?;
    Some(match new.children().find_map(ast::Path::cast) {
        Some(qualified) => path(&qualified).1,
        None => name_of(&new),
    })
}

/// An ALTER statement of one action, of which only what holds for any object has a meaning to the model.
pub(crate) fn object(cx: Context<'_>, stmt: &SyntaxNode, object: Option<Path>, action: Option<SyntaxNode>) -> Read {
    let object = object?;
    let change = action.and_then(|action| any(cx, &object, &action));
    let change = change.unwrap_or_else(|| Change::alter(object, Aspect::Other(text(cx, stmt))));
    Some(Statement::define([Placed::new(cx, stmt, change)]))
}
