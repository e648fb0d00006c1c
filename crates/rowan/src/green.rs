//! Tokens taken out of their tree.

use crate::cursor::Cursor;
use crate::{NodeOrToken, SyntaxKind};

/// A node, with its tokens and the kinds of the nodes in it.
#[derive(Clone, Debug)]
pub struct GreenNodeData {
    children: Vec<NodeOrToken<SyntaxKind, GreenToken>>,
}

/// A token with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GreenToken {
    kind: SyntaxKind,
    text: Box<str>,
}

pub type GreenTokenData = GreenToken;

impl GreenNodeData {
    pub(crate) fn new(node: &Cursor) -> GreenNodeData {
        let child = |child: Cursor| match child.element().is_token {
            true => NodeOrToken::Token(GreenToken { kind: child.element().kind, text: child.text().into() }),
            false => NodeOrToken::Node(child.element().kind),
        };
        GreenNodeData { children: node.children().map(child).collect() }
    }

    pub fn children(&self) -> impl Iterator<Item = NodeOrToken<SyntaxKind, &GreenTokenData>> {
        self.children.iter().map(|child| match child {
            NodeOrToken::Node(kind) => NodeOrToken::Node(*kind),
            NodeOrToken::Token(token) => NodeOrToken::Token(token),
        })
    }
}

impl GreenToken {
    pub fn kind(&self) -> SyntaxKind {
        self.kind
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}
