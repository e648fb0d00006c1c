//! Objects that are known by their name and text: casts, operators, text search, foreign servers, …

use model::expr::Piece;
use model::object::{Named, Object};
use model::{Change, Name, Path, Sql};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use super::super::sql_text::sql;
use super::super::statement::{Placed, Read, Statement};
use super::super::{Context, Scope};
use super::options::if_not_exists;

/// `CREATE …`: the statement itself, with the name in it as a reference.
pub(crate) fn create(cx: Context<'_>, stmt: &SyntaxNode, path: Option<Path>, name: Option<SyntaxNode>) -> Read {
    let path = path?;
    let create = definition(cx, stmt, name.as_ref().map(|name| (name, &path)));
    let object = Object::Named(Named { create, alters: Vec::new() });
    let replaces = stmt.children().any(|child| ast::OrReplace::can_cast(child.kind()));
    let change = match replaces {
        true => Change::Replace { path, object },
        false => Change::Create { path, object },
    };
    let mut how = if_not_exists(stmt.children().find_map(ast::IfNotExists::cast));
    how.or_replace = replaces;
    let mut placed = Placed::new(cx, stmt, change);
    placed.name = name.map(|name| super::super::query::span(cx, &name));
    Some(Statement::define([placed]).how(how))
}

/// The text of a statement or clause, without the semicolon behind it.
pub(super) fn text(cx: Context<'_>, node: &SyntaxNode) -> Sql {
    definition(cx, node, None)
}

/// The statement's text in which `name` is a reference, without OR REPLACE and IF NOT EXISTS: these say how the
/// object came to be, not what it is.
fn definition(cx: Context<'_>, stmt: &SyntaxNode, name: Option<(&SyntaxNode, &Path)>) -> Sql {
    let scope = Scope::default();
    let mut text = Text::default();
    for element in stmt.children_with_tokens() {
        match element {
            SyntaxElement::Token(token) if token.kind().is_trivia() || token.kind() == SyntaxKind::SEMICOLON => {}
            SyntaxElement::Token(token) => {
                let word =
                    if token.kind().is_keyword() { token.text().to_ascii_uppercase() } else { token.text().into() };
                text.push([Piece::Text(word.into())]);
            }
            SyntaxElement::Node(node)
                if ast::OrReplace::can_cast(node.kind()) || ast::IfNotExists::can_cast(node.kind()) => {}
            SyntaxElement::Node(node) => match name {
                Some((named, path)) if *named == node => text.push([Piece::Ref(path.clone())]),
                _ => text.push(sql(cx, &scope, &node).pieces),
            },
        }
    }
    Sql { pieces: text.pieces }
}

/// Pieces with one blank between them, except inside parentheses and before commas.
#[derive(Default)]
struct Text {
    pieces: Vec<Piece>,
}

impl Text {
    fn push(&mut self, pieces: impl IntoIterator<Item = Piece>) {
        let mut pieces = pieces.into_iter().peekable();
        let Some(first) = pieces.peek() else { return };
        let glued = matches!(first, Piece::Text(text) if text.starts_with([')', ',', ';']))
            || matches!(self.pieces.last(), Some(Piece::Text(text)) if text.ends_with('('));
        if !self.pieces.is_empty() && !glued {
            self.add(Piece::Text(Name::new_static(" ")));
        }
        for piece in pieces {
            self.add(piece);
        }
    }

    fn add(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => *before = format!("{before}{text}").into(),
            (_, piece) => self.pieces.push(piece),
        }
    }
}
