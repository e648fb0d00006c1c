//! One statement, read: what it does, how, and where each part of it stands.

use model::place::Place;
use model::step::{Action, How};
use model::{Change, FileId, Name, Path, Problem, ProblemKind, Span};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::Context;
use super::query::span;

mod dispatch;

/// What a statement says, before it is applied.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) action: Action,
    pub(crate) changes: Vec<Placed>,
    pub(crate) how: How,
    pub(crate) problems: Vec<Problem>,
}

/// A change and where it is said: the clause, and inside it the words that name the thing and its type.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) change: Change,
    pub(crate) whole: Span,
    /// The places of the parts that a CREATE TABLE or the like makes along with it, by the part's path; a part
    /// whose name the database chooses has an empty last word and stands in the order of the object's lists.
    pub(crate) parts: Vec<PartPlace>,
    pub(crate) name: Option<Span>,
    pub(crate) ty: Option<Span>,
}

#[derive(Debug)]
pub(crate) struct PartPlace {
    pub(crate) path: Path,
    pub(crate) whole: Span,
    pub(crate) name: Option<Span>,
    pub(crate) ty: Option<Span>,
}

/// Reads one statement against the schema before it. The places of its problems are in file 0: the caller knows
/// which file it reads.
pub(crate) fn statement(cx: Context<'_>, stmt: &ast::Stmt) -> Statement {
    dispatch::read(cx, stmt).unwrap_or_else(|| not_understood(cx, stmt))
}

/// The reader of one kind of statement gives `None` when a part that the grammar demands is missing.
pub(crate) type Read = Option<Statement>;

fn not_understood(cx: Context<'_>, stmt: &ast::Stmt) -> Statement {
    let mut statement = Statement::new(Action::Unknown);
    let message = format!("this {} statement is not understood", words_of(stmt.syntax()));
    statement.problems.push(problem(cx, ProblemKind::NotUnderstood, stmt.syntax(), message));
    statement
}

/// The key words that the statement begins with, at most three.
fn words_of(node: &SyntaxNode) -> String {
    let tokens = node.children_with_tokens().filter_map(|element| element.into_token());
    let words = tokens.filter(|token| !token.kind().is_trivia() && token.kind() != SyntaxKind::SEMICOLON);
    words.take(3).map(|word| word.text().to_ascii_uppercase()).collect::<Vec<_>>().join(" ")
}

/// A problem at the node.
pub(crate) fn problem(cx: Context<'_>, kind: ProblemKind, node: &SyntaxNode, message: String) -> Problem {
    let Span { start, end } = span(cx, node);
    Problem { kind, place: Some(Place::new(FileId(0), start, end)), message }
}

impl Statement {
    pub(crate) fn new(action: Action) -> Statement {
        Statement { action, changes: Vec::new(), how: How::default(), problems: Vec::new() }
    }

    pub(crate) fn define(changes: impl IntoIterator<Item = Placed>) -> Statement {
        Statement { changes: changes.into_iter().collect(), ..Statement::new(Action::Define) }
    }

    /// A statement of no consequence for the model.
    pub(crate) fn other(what: &'static str) -> Statement {
        Statement::new(Action::Other(Name::new_static(what)))
    }

    pub(crate) fn how(mut self, how: How) -> Statement {
        self.how = how;
        self
    }
}

impl Placed {
    /// A change that is said at the node.
    pub(crate) fn new(cx: Context<'_>, node: &SyntaxNode, change: Change) -> Placed {
        Placed { change, whole: span(cx, node), parts: Vec::new(), name: None, ty: None }
    }

    pub(crate) fn named(mut self, cx: Context<'_>, name: Option<&impl AstNode>) -> Placed {
        self.name = name.map(|name| span(cx, name.syntax()));
        self
    }

    pub(crate) fn typed(mut self, cx: Context<'_>, ty: Option<&ast::Type>) -> Placed {
        self.ty = ty.map(|ty| span(cx, ty.syntax()));
        self
    }
}
