//! SQL as text: canonical spacing, no comments, names as references where they can be resolved.

use model::Sql;
use squawk_syntax::SyntaxNode;

use super::{Context, Scope};

/// The node as text.
pub(crate) fn sql(_: Context<'_>, _: &Scope, node: &SyntaxNode) -> Sql {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let words = tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_string());
    Sql::text(words.collect::<Vec<_>>().join(" "))
}
