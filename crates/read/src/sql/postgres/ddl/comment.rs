//! COMMENT ON and SECURITY LABEL.

use model::Change;
use model::change::Aspect;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::expr::string;
use super::super::statement::{Placed, Read, Statement};
use super::object::object;

/// `COMMENT ON`
pub(crate) fn on(cx: Context<'_>, node: &ast::CommentOn) -> Read {
    let target = node.comment_object()?;
    // Large objects and property graphs are not part of the model.
    let Some(path) = object(cx, target.syntax()) else { return Some(Statement::other("COMMENT")) };
    let text = node.literal().filter(|_| node.null_token().is_none()).map(|literal| string(&literal));
    // An empty comment is no comment.
    let text = text.filter(|text| !text.is_empty());
    let placed = Placed::new(cx, node.syntax(), Change::alter(path, Aspect::Comment(text)));
    Some(Statement::define([placed.named(cx, Some(&target))]))
}
