//! Nodes and tokens of a language: cursors that know what they stand on.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::rc::Rc;

use text_size::TextRange;

use crate::cursor::{Children, Cursor};
use crate::{
    Direction, GreenNode, GreenNodeData, NodeOrToken, Preorder, PreorderWithTokens, SyntaxKind, SyntaxText, WalkEvent,
};

/// What the numbers of kinds mean.
pub trait Language: Sized + Copy + fmt::Debug + Eq + Ord + Hash {
    type Kind: Sized + Copy + fmt::Debug + Eq + Ord + Hash;

    fn kind_from_raw(raw: SyntaxKind) -> Self::Kind;
    fn kind_to_raw(kind: Self::Kind) -> SyntaxKind;
}

/// A node of a tree.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SyntaxNode<L: Language> {
    pub(crate) cursor: Cursor,
    language: PhantomData<L>,
}

/// A token of a tree.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SyntaxToken<L: Language> {
    cursor: Cursor,
    language: PhantomData<L>,
}

pub type SyntaxElement<L> = NodeOrToken<SyntaxNode<L>, SyntaxToken<L>>;

#[inline]
fn node<L: Language>(cursor: Cursor) -> SyntaxNode<L> {
    SyntaxNode { cursor, language: PhantomData }
}

#[inline]
fn token<L: Language>(cursor: Cursor) -> SyntaxToken<L> {
    SyntaxToken { cursor, language: PhantomData }
}

#[inline]
pub(crate) fn element<L: Language>(cursor: Cursor) -> SyntaxElement<L> {
    match cursor.element().is_token {
        true => NodeOrToken::Token(token(cursor)),
        false => NodeOrToken::Node(node(cursor)),
    }
}

fn nodes<L: Language>(cursors: impl Iterator<Item = Cursor>) -> impl Iterator<Item = SyntaxNode<L>> {
    cursors.filter(|cursor| !cursor.element().is_token).map(node)
}

impl<L: Language> SyntaxNode<L> {
    pub fn new_root(tree: GreenNode) -> SyntaxNode<L> {
        node(Cursor { tree: Rc::new(tree), index: 0 })
    }

    #[inline]
    pub fn kind(&self) -> L::Kind {
        L::kind_from_raw(self.cursor.element().kind)
    }

    pub fn text_range(&self) -> TextRange {
        self.cursor.range()
    }

    pub fn text(&self) -> SyntaxText {
        SyntaxText::new(self.cursor.clone())
    }

    /// The node with what is directly in it, on its own.
    pub fn green(&self) -> Cow<'_, GreenNodeData> {
        Cow::Owned(GreenNodeData::new(&self.cursor))
    }

    pub fn parent(&self) -> Option<SyntaxNode<L>> {
        self.cursor.parent().map(node)
    }

    /// It, and what it is in.
    pub fn ancestors(&self) -> impl Iterator<Item = SyntaxNode<L>> + use<L> {
        std::iter::successors(Some(self.clone()), SyntaxNode::parent)
    }

    #[inline]
    pub fn children(&self) -> SyntaxNodeChildren<L> {
        SyntaxNodeChildren { children: self.cursor.children(), language: PhantomData }
    }

    #[inline]
    pub fn children_with_tokens(&self) -> SyntaxElementChildren<L> {
        SyntaxElementChildren { children: self.cursor.children(), language: PhantomData }
    }

    pub fn first_child(&self) -> Option<SyntaxNode<L>> {
        self.children().next()
    }

    pub fn first_child_or_token(&self) -> Option<SyntaxElement<L>> {
        self.children_with_tokens().next()
    }

    pub fn next_sibling(&self) -> Option<SyntaxNode<L>> {
        nodes(self.cursor.following()).next()
    }

    pub fn next_sibling_or_token(&self) -> Option<SyntaxElement<L>> {
        self.cursor.following().next().map(element)
    }

    pub fn first_token(&self) -> Option<SyntaxToken<L>> {
        self.cursor.first_token().map(token)
    }

    pub fn last_token(&self) -> Option<SyntaxToken<L>> {
        self.cursor.last_token().map(token)
    }

    /// It, and what is beside it on one side.
    pub fn siblings_with_tokens(&self, direction: Direction) -> impl Iterator<Item = SyntaxElement<L>> + use<L> {
        siblings(&self.cursor, direction).map(element)
    }

    pub fn descendants(&self) -> impl Iterator<Item = SyntaxNode<L>> + use<L> {
        nodes(self.cursor.descendants())
    }

    pub fn descendants_with_tokens(&self) -> impl Iterator<Item = SyntaxElement<L>> + use<L> {
        self.cursor.descendants().map(element)
    }

    pub fn preorder(&self) -> Preorder<L> {
        Preorder::new(self.cursor.clone())
    }

    pub fn preorder_with_tokens(&self) -> PreorderWithTokens<L> {
        PreorderWithTokens::new(self.cursor.clone())
    }

    /// What is in it as a tree of its own.
    pub fn clone_subtree(&self) -> SyntaxNode<L> {
        SyntaxNode::new_root(self.cursor.tree.part(self.cursor.index))
    }

    /// Nobody can change a tree, so nobody needs another one to do so.
    pub fn clone_for_update(&self) -> SyntaxNode<L> {
        self.clone()
    }
}

fn siblings(cursor: &Cursor, direction: Direction) -> impl Iterator<Item = Cursor> + use<> {
    let Direction::Next = direction;
    std::iter::once(cursor.clone()).chain(cursor.following())
}

impl<L: Language> SyntaxToken<L> {
    #[inline]
    pub fn kind(&self) -> L::Kind {
        L::kind_from_raw(self.cursor.element().kind)
    }

    pub fn text_range(&self) -> TextRange {
        self.cursor.range()
    }

    #[inline]
    pub fn text(&self) -> &str {
        self.cursor.text()
    }

    pub fn parent(&self) -> Option<SyntaxNode<L>> {
        self.cursor.parent().map(node)
    }

    /// What it is in.
    pub fn parent_ancestors(&self) -> impl Iterator<Item = SyntaxNode<L>> + use<L> {
        std::iter::successors(self.parent(), SyntaxNode::parent)
    }

    pub fn next_sibling_or_token(&self) -> Option<SyntaxElement<L>> {
        self.cursor.following().next().map(element)
    }

    /// It, and what is beside it on one side.
    pub fn siblings_with_tokens(&self, direction: Direction) -> impl Iterator<Item = SyntaxElement<L>> + use<L> {
        siblings(&self.cursor, direction).map(element)
    }
}

impl<L: Language> SyntaxElement<L> {
    #[inline]
    pub fn kind(&self) -> L::Kind {
        match self {
            NodeOrToken::Node(node) => node.kind(),
            NodeOrToken::Token(token) => token.kind(),
        }
    }

    pub fn text_range(&self) -> TextRange {
        match self {
            NodeOrToken::Node(node) => node.text_range(),
            NodeOrToken::Token(token) => token.text_range(),
        }
    }

    pub fn parent(&self) -> Option<SyntaxNode<L>> {
        match self {
            NodeOrToken::Node(node) => node.parent(),
            NodeOrToken::Token(token) => token.parent(),
        }
    }

    pub fn next_sibling_or_token(&self) -> Option<SyntaxElement<L>> {
        match self {
            NodeOrToken::Node(node) => node.next_sibling_or_token(),
            NodeOrToken::Token(token) => token.next_sibling_or_token(),
        }
    }
}

impl<L: Language> From<SyntaxNode<L>> for SyntaxElement<L> {
    fn from(node: SyntaxNode<L>) -> SyntaxElement<L> {
        NodeOrToken::Node(node)
    }
}

impl<L: Language> From<SyntaxToken<L>> for SyntaxElement<L> {
    fn from(token: SyntaxToken<L>) -> SyntaxElement<L> {
        NodeOrToken::Token(token)
    }
}

/// The nodes directly in one.
#[derive(Clone)]
pub struct SyntaxNodeChildren<L> {
    children: Children,
    language: PhantomData<L>,
}

impl<L: Language> Iterator for SyntaxNodeChildren<L> {
    type Item = SyntaxNode<L>;

    #[inline]
    fn next(&mut self) -> Option<SyntaxNode<L>> {
        self.children.next_where(|element| !element.is_token).map(node)
    }
}

/// What is directly in a node.
#[derive(Clone)]
pub struct SyntaxElementChildren<L> {
    children: Children,
    language: PhantomData<L>,
}

impl<L: Language> Iterator for SyntaxElementChildren<L> {
    type Item = SyntaxElement<L>;

    #[inline]
    fn next(&mut self) -> Option<SyntaxElement<L>> {
        self.children.next().map(element)
    }
}

impl<L> fmt::Debug for SyntaxNodeChildren<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SyntaxNodeChildren")
    }
}

impl<L> fmt::Debug for SyntaxElementChildren<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SyntaxElementChildren")
    }
}

impl<L: Language> fmt::Debug for SyntaxNode<L> {
    /// The alternate form is the tree, a line for each element.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{:?}@{:?}", self.kind(), self.text_range());
        }
        let mut level = 0;
        for event in self.preorder_with_tokens() {
            match event {
                WalkEvent::Enter(element) => {
                    let indent = level * 2;
                    match element {
                        NodeOrToken::Node(node) => writeln!(f, "{:indent$}{node:?}", "")?,
                        NodeOrToken::Token(token) => writeln!(f, "{:indent$}{token:?}", "")?,
                    }
                    level += 1;
                }
                WalkEvent::Leave(_) => level -= 1,
            }
        }
        Ok(())
    }
}

impl<L: Language> fmt::Debug for SyntaxToken<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:?} {:?}", self.kind(), self.text_range(), self.text())
    }
}

impl<L: Language> fmt::Display for SyntaxNode<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cursor.text())
    }
}

impl<L: Language> fmt::Display for SyntaxToken<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
