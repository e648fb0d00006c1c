//! A node without its tree: what it is and where.

use text_size::TextRange;

use crate::{Language, SyntaxNode};

/// Finds a node again in an equal tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxNodePtr<L: Language> {
    kind: L::Kind,
    range: TextRange,
}

impl<L: Language> SyntaxNodePtr<L> {
    pub fn new(node: &SyntaxNode<L>) -> Self {
        SyntaxNodePtr { kind: node.kind(), range: node.text_range() }
    }

    /// The node in a tree of the same text.
    pub fn to_node(&self, root: &SyntaxNode<L>) -> SyntaxNode<L> {
        let mut nodes = root.descendants();
        let found = nodes.find(|node| node.kind() == self.kind && node.text_range() == self.range);
        found.expect("the tree has the node")
    }

    pub fn kind(&self) -> L::Kind {
        self.kind
    }

    pub fn text_range(&self) -> TextRange {
        self.range
    }
}
