//! What a token is.

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    /// In bytes.
    pub len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A character that begins nothing.
    Unknown,
    Literal {
        kind: LiteralKind,
    },
    Whitespace,
    Ident,
    Semi,
    Eof,
    Slash,
    LineComment,
    BlockComment {
        terminated: bool,
    },
    Minus,
    Colon,
    Dot,
    DotDot,
    Eq,
    Gt,
    And,
    Lt,
    Bang,
    Plus,
    Tilde,
    Pound,
    Question,
    Or,
    Percent,
    Caret,
    Star,
    Backtick,
    At,
    CloseBracket,
    OpenBracket,
    CloseCurly,
    OpenCurly,
    CloseParen,
    OpenParen,
    Comma,
    /// `$1`; letters behind the number begin at `trailing_junk_start`.
    PositionalParam {
        trailing_junk_start: u32,
    },
    QuotedIdent {
        terminated: bool,
        uescape: bool,
    },
}

/// The base of a whole number, by what it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    Binary = 2,
    Octal = 8,
    Decimal = 10,
    Hexadecimal = 16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiteralKind {
    /// `42`, `0xff`; nothing may follow the base, and letters behind the number begin at `trailing_junk_start`.
    Int {
        base: Base,
        empty_int: bool,
        trailing_junk_start: u32,
    },
    /// `1.5`, `1e9`; where an exponent has no digits, it begins at `empty_exponent_start`.
    Numeric {
        empty_exponent_start: Option<u32>,
        trailing_junk_start: u32,
    },
    Str {
        terminated: bool,
    },
    /// `N'…'`
    NationalStr {
        terminated: bool,
    },
    /// `X'…'`
    ByteStr {
        terminated: bool,
    },
    /// `B'…'`
    BitStr {
        terminated: bool,
    },
    DollarQuotedString {
        terminated: bool,
    },
    /// `U&'…'`
    UnicodeEscStr {
        terminated: bool,
    },
    /// `E'…'`
    EscStr {
        terminated: bool,
    },
}
