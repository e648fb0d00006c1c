//! DO blocks: the statements in them, as far as they can be seen.

use squawk_syntax::ast::{self, AstNode};

use model::Span;

use super::body::{EmbeddedStatement, body, source};
use super::name::folded;
use super::query::span;
use super::statement::statement;
use super::{Context, Statement};

pub(crate) use super::body::Embedded as Block;

/// What the DO block holds; `cx.offset` is where its statement starts. A statement of it must be read with
/// [`read_embedded`] once those before it have been applied.
pub(super) fn block(cx: Context<'_>, block: &ast::Do) -> Option<Block> {
    let (text, start) = source(&block.body()?);
    let language = block.do_language().map(|language| {
        let word = language.syntax().last_token().map(|token| token.text().trim_matches('\'').to_owned());
        folded(&word.unwrap_or_default())
    });
    Some(body(cx, language.as_deref().unwrap_or("plpgsql"), &text, cx.offset + start))
}

/// What is known of whether a statement of a block runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    Yes,
    No,
    /// An IF around it asks what cannot be known.
    Perhaps,
}

/// Reads a statement of a block, and says where it stands and whether it runs.
pub(crate) fn read_embedded(cx: Context<'_>, embedded: &EmbeddedStatement) -> (Statement, Span, Runs) {
    let mut runs = Runs::Yes;
    for (condition, wanted) in &embedded.conditions {
        match condition.holds(cx) {
            Some(holds) if holds == *wanted => {}
            // What stands behind it is not reached, nor asked.
            Some(_) => {
                runs = Runs::No;
                break;
            }
            None => runs = Runs::Perhaps,
        }
    }
    let cx = cx.at(embedded.offset);
    (statement(cx, &embedded.stmt), span(cx, embedded.stmt.syntax()), runs)
}
