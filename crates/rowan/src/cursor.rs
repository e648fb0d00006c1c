//! A place in a tree.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use text_size::TextRange;

use crate::tree::{Element, GreenNode};

/// One element of a tree that is held by all who walk it.
#[derive(Clone)]
pub(crate) struct Cursor {
    pub(crate) tree: Rc<GreenNode>,
    pub(crate) index: u32,
}

impl Cursor {
    #[inline]
    pub(crate) fn element(&self) -> &Element {
        &self.tree.elements[self.index as usize]
    }

    #[inline]
    pub(crate) fn at(&self, index: u32) -> Cursor {
        Cursor { tree: Rc::clone(&self.tree), index }
    }

    pub(crate) fn range(&self) -> TextRange {
        TextRange::new(self.element().start, self.element().end)
    }

    #[inline]
    pub(crate) fn text(&self) -> &str {
        let Element { start, end, .. } = *self.element();
        &self.tree.text[usize::from(start)..usize::from(end)]
    }

    pub(crate) fn parent(&self) -> Option<Cursor> {
        (self.index > 0).then(|| self.at(self.element().parent))
    }

    /// It and all that is in it.
    pub(crate) fn descendants(&self) -> Row {
        Row { tree: Rc::clone(&self.tree), rest: self.index..self.element().next }
    }

    /// What is directly in it.
    #[inline]
    pub(crate) fn children(&self) -> Children {
        Children(Row { tree: Rc::clone(&self.tree), rest: self.index + 1..self.element().next })
    }

    /// The siblings behind it.
    pub(crate) fn following(&self) -> Children {
        let end = if self.index > 0 { self.tree.elements[self.element().parent as usize].next } else { 0 };
        Children(Row { tree: Rc::clone(&self.tree), rest: self.element().next..end })
    }

    /// Down along the first of all children to a token.
    pub(crate) fn first_token(&self) -> Option<Cursor> {
        let mut index = self.index;
        while !self.tree.elements[index as usize].is_token {
            if self.tree.elements[index as usize].next == index + 1 {
                return None;
            }
            index += 1;
        }
        Some(self.at(index))
    }

    /// The last element stands at the end of each node that it ends.
    pub(crate) fn last_token(&self) -> Option<Cursor> {
        let last = self.element().next - 1;
        self.tree.elements[last as usize].is_token.then(|| self.at(last))
    }
}

impl PartialEq for Cursor {
    fn eq(&self, other: &Cursor) -> bool {
        self.index == other.index && Arc::ptr_eq(&self.tree.elements, &other.tree.elements)
    }
}

impl Eq for Cursor {}

impl Hash for Cursor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.tree.elements).cast::<Element>(), self.index).hash(state);
    }
}

/// Elements in their order, with all that is in them.
#[derive(Clone)]
pub(crate) struct Row {
    tree: Rc<GreenNode>,
    rest: Range<u32>,
}

impl Iterator for Row {
    type Item = Cursor;

    fn next(&mut self) -> Option<Cursor> {
        let index = self.rest.next()?;
        Some(Cursor { tree: Rc::clone(&self.tree), index })
    }
}

/// Elements beside each other.
#[derive(Clone)]
pub(crate) struct Children(Row);

impl Children {
    /// The next one of a sort. The others are passed without a look.
    #[inline]
    pub(crate) fn next_where(&mut self, is_sought: impl Fn(&Element) -> bool) -> Option<Cursor> {
        let Row { tree, rest } = &mut self.0;
        while rest.start < rest.end {
            let index = rest.start;
            let element = &tree.elements[index as usize];
            rest.start = element.next;
            if is_sought(element) {
                return Some(Cursor { tree: Rc::clone(tree), index });
            }
        }
        None
    }
}

impl Iterator for Children {
    type Item = Cursor;

    #[inline]
    fn next(&mut self) -> Option<Cursor> {
        self.next_where(|_| true)
    }
}
