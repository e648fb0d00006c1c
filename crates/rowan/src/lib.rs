//! The syntax trees of the parser, laid out flat.
//!
//! The typed trees of `squawk-syntax` stand on the crate `rowan`, whose trees are made to be edited: equal parts are
//! found by their hashes and shared, and every step of a walk allocates. We read each tree once and throw it away. So
//! the workspace puts this crate in its place: the same names, as far as `squawk-syntax` and `read` use them, over one
//! row of elements in the order of the text. A node is an index in it, a walk counts upwards, and the text of a node
//! is a slice.

pub mod ast;

mod cursor;
mod element;
mod green;
mod node;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod walk;

pub use element::{Direction, NodeOrToken, SyntaxKind, WalkEvent};
pub use green::{GreenNodeData, GreenToken, GreenTokenData};
pub use node::{Language, SyntaxElement, SyntaxElementChildren, SyntaxNode, SyntaxNodeChildren, SyntaxToken};
pub use text::SyntaxText;
pub use text_size::{TextLen, TextRange, TextSize};
pub use tree::{GreenNode, GreenNodeBuilder};
pub use walk::{Preorder, PreorderWithTokens};
