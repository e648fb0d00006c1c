//! A walk through a node and all that is in it, which says what it enters and leaves.

use std::fmt;
use std::marker::PhantomData;

use crate::cursor::Cursor;
use crate::node::element;
use crate::{Language, SyntaxElement, SyntaxNode, WalkEvent};

struct Walk {
    /// Where it started.
    top: Cursor,
    /// What was entered last and not left yet; none before the start and behind the end.
    inside: Option<u32>,
    /// What comes next.
    next: u32,
}

impl Walk {
    fn new(top: Cursor) -> Walk {
        let next = top.index;
        Walk { top, inside: None, next }
    }

    /// Nothing in what was entered last is visited.
    fn skip_subtree(&mut self) {
        if let Some(inside) = self.inside {
            self.next = self.top.tree.elements[inside as usize].next;
        }
    }

    fn step(&mut self) -> Option<WalkEvent<Cursor>> {
        let elements = &self.top.tree.elements;
        match self.inside {
            Some(inside) if self.next == elements[inside as usize].next => {
                self.inside = (inside != self.top.index).then(|| elements[inside as usize].parent);
                Some(WalkEvent::Leave(self.top.at(inside)))
            }
            None if self.next != self.top.index => None,
            _ => {
                let entered = self.next;
                self.inside = Some(entered);
                self.next = entered + 1;
                Some(WalkEvent::Enter(self.top.at(entered)))
            }
        }
    }
}

/// A walk through nodes.
pub struct Preorder<L> {
    walk: Walk,
    language: PhantomData<L>,
}

/// A walk through nodes and tokens.
pub struct PreorderWithTokens<L> {
    walk: Walk,
    language: PhantomData<L>,
}

impl<L: Language> Preorder<L> {
    pub(crate) fn new(top: Cursor) -> Preorder<L> {
        Preorder { walk: Walk::new(top), language: PhantomData }
    }

    pub fn skip_subtree(&mut self) {
        self.walk.skip_subtree();
    }
}

impl<L: Language> PreorderWithTokens<L> {
    pub(crate) fn new(top: Cursor) -> PreorderWithTokens<L> {
        PreorderWithTokens { walk: Walk::new(top), language: PhantomData }
    }

    pub fn skip_subtree(&mut self) {
        self.walk.skip_subtree();
    }
}

impl<L: Language> Iterator for Preorder<L> {
    type Item = WalkEvent<SyntaxNode<L>>;

    fn next(&mut self) -> Option<WalkEvent<SyntaxNode<L>>> {
        loop {
            let node = |cursor| element(cursor).into_node();
            match self.walk.step()?.map(node) {
                WalkEvent::Enter(Some(node)) => return Some(WalkEvent::Enter(node)),
                WalkEvent::Leave(Some(node)) => return Some(WalkEvent::Leave(node)),
                WalkEvent::Enter(None) | WalkEvent::Leave(None) => {}
            }
        }
    }
}

impl<L: Language> Iterator for PreorderWithTokens<L> {
    type Item = WalkEvent<SyntaxElement<L>>;

    fn next(&mut self) -> Option<WalkEvent<SyntaxElement<L>>> {
        Some(self.walk.step()?.map(element))
    }
}

impl<L> fmt::Debug for Preorder<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preorder")
    }
}

impl<L> fmt::Debug for PreorderWithTokens<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreorderWithTokens")
    }
}
