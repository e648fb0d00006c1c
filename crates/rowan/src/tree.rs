//! A whole tree, and how it is built.

use std::marker::PhantomData;
use std::sync::Arc;

use text_size::TextSize;

use crate::SyntaxKind;

/// A tree that nobody walks yet: it may be cloned for nothing and cross to another thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GreenNode {
    /// Each node stands in front of its children.
    pub(crate) elements: Arc<[Element]>,
    pub(crate) text: Arc<str>,
}

/// A node or token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Element {
    pub(crate) kind: SyntaxKind,
    pub(crate) is_token: bool,
    /// The root is its own.
    pub(crate) parent: u32,
    /// The element behind it and all that is in it.
    pub(crate) next: u32,
    /// Its text.
    pub(crate) start: TextSize,
    pub(crate) end: TextSize,
}

impl GreenNode {
    /// The part of the tree from `index` on, as a tree of its own.
    pub(crate) fn part(&self, index: u32) -> GreenNode {
        let root = self.elements[index as usize];
        let own = |element: &Element| Element {
            parent: element.parent.saturating_sub(index),
            next: element.next - index,
            start: element.start - root.start,
            end: element.end - root.start,
            ..*element
        };
        GreenNode {
            elements: self.elements[index as usize..root.next as usize].iter().map(own).collect(),
            text: self.text[usize::from(root.start)..usize::from(root.end)].into(),
        }
    }
}

/// Makes a tree of what a parser says, in the order of the text.
#[derive(Debug, Default)]
pub struct GreenNodeBuilder<'cache> {
    elements: Vec<Element>,
    text: String,
    /// The node that is being made, and how many are.
    current: u32,
    depth: u32,
    /// Others keep what trees have in common; here nothing outlives its tree.
    cache: PhantomData<&'cache ()>,
}

impl GreenNodeBuilder<'_> {
    /// For a text of so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        // A token is five bytes long, the space behind it another one, and there are as many nodes as words.
        let elements = Vec::with_capacity(bytes / 2 + 8);
        GreenNodeBuilder { elements, text: String::with_capacity(bytes), ..GreenNodeBuilder::default() }
    }

    /// A token of the current node.
    #[inline]
    pub fn token(&mut self, kind: SyntaxKind, text: &str) {
        let start = self.end();
        self.text.push_str(text);
        let (end, next) = (self.end(), self.elements.len() as u32 + 1);
        self.elements.push(Element { kind, is_token: true, parent: self.current, next, start, end });
    }

    /// A node in the current one, to become it.
    #[inline]
    pub fn start_node(&mut self, kind: SyntaxKind) {
        let (at, here) = (self.end(), self.elements.len() as u32);
        self.elements.push(Element { kind, is_token: false, parent: self.current, next: here + 1, start: at, end: at });
        self.current = here;
        self.depth += 1;
    }

    /// The current node is complete.
    #[inline]
    pub fn finish_node(&mut self) {
        assert!(self.depth > 0, "no node is open");
        let (end, next) = (self.end(), self.elements.len() as u32);
        let done = &mut self.elements[self.current as usize];
        (done.end, done.next) = (end, next);
        self.current = done.parent;
        self.depth -= 1;
    }

    /// The tree of the only node on top.
    pub fn finish(self) -> GreenNode {
        let is_one = self.elements.first().is_some_and(|root| root.next as usize == self.elements.len());
        assert!(is_one && self.depth == 0, "a tree has one root");
        GreenNode { elements: self.elements.into(), text: self.text.into() }
    }

    fn end(&self) -> TextSize {
        TextSize::new(self.text.len() as u32)
    }
}
