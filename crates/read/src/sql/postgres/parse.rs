//! Parsing: the text of one statement becomes a tree and the errors in it.
//!
//! The parser is driven step by step rather than through its façade: that one checks a finished tree a second time
//! and parses the bodies of routines as well, at twice the cost, and what is wrong inside a body is not an error of
//! the statement.

use model::Span;
use rowan::{GreenNode, GreenNodeBuilder};
use squawk_parser::{EntryPoint, LexedStr, StrStep};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode, SourceFile};

/// A parsed statement.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The first statement of the text.
    pub(crate) stmt: Option<ast::Stmt>,
    /// Places are offsets in the text that was parsed.
    pub(crate) errors: Vec<(Span, String)>,
}

/// A megabyte of noise has a million errors; the first ones tell it all.
const MOST_ERRORS: usize = 20;

/// A statement's tree before anybody looks into it: it may cross to another thread.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    root: GreenNode,
    pub(super) errors: Vec<(Span, String)>,
}

/// Parses the text of one statement.
pub(crate) fn parse(text: &str) -> Parsed {
    parsed(grow(text))
}

/// The tree of the text of one statement.
pub(crate) fn grow(text: &str) -> Tree {
    tree(text, EntryPoint::SourceFile)
}

/// What the tree says.
pub(crate) fn parsed(tree: Tree) -> Parsed {
    let Tree { root, errors } = tree;
    let file = SourceFile::cast(SyntaxNode::new_root(root));
    let mut stmts = file.into_iter().flat_map(|file| file.stmts());
    Parsed { stmt: stmts.find(|stmt| !matches!(stmt, ast::Stmt::EmptyStmt(_))), errors }
}

/// The tree of the body of a PL/pgSQL routine.
pub(super) fn grow_plpgsql(text: &str) -> Tree {
    tree(text, EntryPoint::Plpgsql)
}

/// What that tree says. What could not be read in it is left out without a word.
pub(super) fn plpgsql_root(tree: Tree) -> Option<ast::Plpgsql> {
    ast::Plpgsql::cast(SyntaxNode::new_root(tree.root))
}

fn tree(text: &str, entry: EntryPoint) -> Tree {
    let lexed = LexedStr::new(text);
    let output = entry.parse(&lexed.to_input());
    let mut builder = GreenNodeBuilder::with_capacity(text.len());
    let mut errors = Vec::new();
    lexed.intersperse_trivia(&output, &mut |step| match step {
        StrStep::Token { kind, text } => builder.token(rowan::SyntaxKind(kind.into()), text),
        StrStep::Enter { kind } => builder.start_node(rowan::SyntaxKind(kind.into())),
        StrStep::Exit => builder.finish_node(),
        StrStep::Error { msg, pos } if errors.len() < MOST_ERRORS => errors.push((span(pos, pos), msg.to_string())),
        StrStep::Error { .. } => {}
    });
    errors.extend(
        lexed.errors().map(|(range, message)| (Span { start: range.start, end: range.end }, message.to_string())),
    );
    errors.sort_by_key(|(span, _)| span.start);
    Tree { root: builder.finish(), errors }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { start: offset(start), end: offset(end) }
}
