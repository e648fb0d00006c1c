//! The words of an SQL text, for the parser.
//!
//! `squawk-parser` stands on the crate `squawk-lexer`, and the workspace puts this one in its place: the same interface
//! over bytes instead of characters, and names that cannot be keywords are told at once (see [`words`]).

mod cursor;
mod number;
mod quoted;
#[cfg(test)]
mod tests;
mod token;
mod words;

pub use token::{Base, LiteralKind, Token, TokenKind};

use cursor::Cursor;

/// The mark at the beginning of some files.
pub const BOM: &str = "\u{feff}";

/// The tokens of a text. An unquoted word that is no keyword of PostgreSQL is said to be a quoted name: for the parser
/// that is the same, and it does not compare it with its keywords.
pub fn tokenize(text: &str) -> impl Iterator<Item = Token> + '_ {
    all(text, TokenKind::QuotedIdent { terminated: true, uescape: false })
}

/// The tokens of a text, every unquoted word an [`TokenKind::Ident`].
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    all(text, TokenKind::Ident)
}

fn all(text: &str, name: TokenKind) -> impl Iterator<Item = Token> + '_ {
    let (mark, text) = match text.strip_prefix(BOM) {
        Some(text) => (Some(Token { kind: TokenKind::Whitespace, len: BOM.len() as u32 }), text),
        None => (None, text),
    };
    mark.into_iter().chain(Cursor::new(text, name))
}
