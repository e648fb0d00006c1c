//! The text of a node, as long as somebody holds it.

use std::fmt;
use std::ops::Deref;

use crate::cursor::Cursor;

/// A slice of the tree's text.
#[derive(Clone)]
pub struct SyntaxText {
    cursor: Cursor,
}

impl SyntaxText {
    pub(crate) fn new(cursor: Cursor) -> SyntaxText {
        SyntaxText { cursor }
    }

    /// All of it is one chunk.
    pub fn for_each_chunk(&self, mut take: impl FnMut(&str)) {
        take(self);
    }
}

impl Deref for SyntaxText {
    type Target = str;

    fn deref(&self) -> &str {
        self.cursor.text()
    }
}

impl fmt::Display for SyntaxText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for SyntaxText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
