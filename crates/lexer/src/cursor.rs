//! One token after the other.

use crate::token::{LiteralKind, Token, TokenKind};
use crate::words::Print;

/// A place in a text, and what a word that is no keyword is said to be.
pub(crate) struct Cursor<'t> {
    bytes: &'t [u8],
    /// Where the token began.
    start: usize,
    pub(crate) at: usize,
    name: TokenKind,
}

/// A byte that may stand in a word behind its first one: letters, digits, `_`, `$` and all beyond ASCII.
const IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'$' | 0x80..);
        byte += 1;
    }
    table
};

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str, name: TokenKind) -> Cursor<'t> {
        Cursor { bytes: text.as_bytes(), start: 0, at: 0, name }
    }

    /// The next byte; 0 behind the end, which begins nothing and ends nothing.
    pub(crate) fn first(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    pub(crate) fn second(&self) -> u8 {
        self.bytes.get(self.at + 1).copied().unwrap_or(0)
    }

    pub(crate) fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    /// What the token has so far.
    pub(crate) fn length(&self) -> u32 {
        (self.at - self.start) as u32
    }

    pub(crate) fn skip_while(&mut self, is: impl Fn(u8) -> bool) {
        self.at += self.rest().iter().take_while(|byte| is(**byte)).count();
    }

    /// A word, if one stands here: what is glued to a number.
    pub(crate) fn skip_word(&mut self) {
        if begins_word(self.first()) {
            self.skip_while(|byte| IN_WORD[usize::from(byte)]);
        }
    }

    /// The rest of a word that began with this byte.
    fn word(&mut self, first: u8) -> TokenKind {
        let mut print = Print::EMPTY.and(first);
        let mut at = self.at;
        while let Some(byte) = self.bytes.get(at)
            && IN_WORD[usize::from(*byte)]
        {
            print = print.and(*byte);
            at += 1;
        }
        self.at = at;
        if print.may_be_keyword() { TokenKind::Ident } else { self.name }
    }

    fn line_comment(&mut self) -> TokenKind {
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
        TokenKind::LineComment
    }

    /// Comments may hold others.
    fn block_comment(&mut self) -> TokenKind {
        let mut depth = 1;
        self.at += 1;
        while depth > 0 {
            self.skip_while(|byte| byte != b'/' && byte != b'*');
            match (self.first(), self.second()) {
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth -= 1,
                (0, _) => return TokenKind::BlockComment { terminated: false },
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
        }
        TokenKind::BlockComment { terminated: true }
    }

    /// A string behind a letter that says how to read it, or a word that begins with this letter.
    fn prefixed(&mut self, first: u8, backslashes: bool, kind: fn(bool) -> LiteralKind) -> TokenKind {
        if self.first() != b'\'' {
            return self.word(first);
        }
        self.at += 1;
        TokenKind::Literal { kind: kind(self.string(backslashes)) }
    }

    fn unicode(&mut self, first: u8) -> TokenKind {
        match (self.first(), self.second()) {
            (b'&', b'\'') => {
                self.at += 2;
                TokenKind::Literal { kind: LiteralKind::UnicodeEscStr { terminated: self.string(false) } }
            }
            (b'&', b'"') => {
                self.at += 2;
                TokenKind::QuotedIdent { terminated: self.quoted(), uescape: true }
            }
            _ => self.word(first),
        }
    }

    fn dollar(&mut self) -> TokenKind {
        if let Some(terminated) = self.dollar_quoted() {
            return TokenKind::Literal { kind: LiteralKind::DollarQuotedString { terminated } };
        }
        self.skip_while(|byte| byte.is_ascii_digit());
        let trailing_junk_start = self.length();
        self.skip_word();
        TokenKind::PositionalParam { trailing_junk_start }
    }

    fn kind(&mut self, first: u8) -> TokenKind {
        match first {
            _ if is_space(first) => {
                self.skip_while(is_space);
                TokenKind::Whitespace
            }
            b'e' | b'E' => self.prefixed(first, true, |terminated| LiteralKind::EscStr { terminated }),
            b'b' | b'B' => self.prefixed(first, false, |terminated| LiteralKind::BitStr { terminated }),
            b'x' | b'X' => self.prefixed(first, false, |terminated| LiteralKind::ByteStr { terminated }),
            b'n' | b'N' => self.prefixed(first, false, |terminated| LiteralKind::NationalStr { terminated }),
            b'u' | b'U' => self.unicode(first),
            _ if begins_word(first) => self.word(first),
            b'0'..=b'9' => TokenKind::Literal { kind: self.number(first) },
            b'\'' => TokenKind::Literal { kind: LiteralKind::Str { terminated: self.string(false) } },
            b'"' => TokenKind::QuotedIdent { terminated: self.quoted(), uescape: false },
            b'$' => self.dollar(),
            b'-' if self.first() == b'-' => self.line_comment(),
            b'/' if self.first() == b'*' => self.block_comment(),
            b'.' if self.first() == b'.' => {
                self.at += 1;
                TokenKind::DotDot
            }
            b'.' if self.first().is_ascii_digit() => TokenKind::Literal { kind: self.fraction() },
            b';' => TokenKind::Semi,
            b',' => TokenKind::Comma,
            b'.' => TokenKind::Dot,
            b'(' => TokenKind::OpenParen,
            b')' => TokenKind::CloseParen,
            b'[' => TokenKind::OpenBracket,
            b']' => TokenKind::CloseBracket,
            b'{' => TokenKind::OpenCurly,
            b'}' => TokenKind::CloseCurly,
            b'-' => TokenKind::Minus,
            b'/' => TokenKind::Slash,
            b'@' => TokenKind::At,
            b'#' => TokenKind::Pound,
            b'~' => TokenKind::Tilde,
            b'?' => TokenKind::Question,
            b':' => TokenKind::Colon,
            b'`' => TokenKind::Backtick,
            b'=' => TokenKind::Eq,
            b'!' => TokenKind::Bang,
            b'<' => TokenKind::Lt,
            b'>' => TokenKind::Gt,
            b'&' => TokenKind::And,
            b'|' => TokenKind::Or,
            b'+' => TokenKind::Plus,
            b'*' => TokenKind::Star,
            b'^' => TokenKind::Caret,
            b'%' => TokenKind::Percent,
            _ => TokenKind::Unknown,
        }
    }
}

impl Iterator for Cursor<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let first = *self.bytes.get(self.at)?;
        self.start = self.at;
        self.at += 1;
        let kind = self.kind(first);
        Some(Token { kind, len: self.length() })
    }
}
