//! Numbers, and what is glued to them.

use crate::cursor::Cursor;
use crate::token::{Base, LiteralKind};

impl Cursor<'_> {
    /// A number behind its first digit.
    pub(crate) fn number(&mut self, first: u8) -> LiteralKind {
        if first == b'0' {
            let base = match self.first() {
                b'b' | b'B' => Base::Binary,
                b'o' | b'O' => Base::Octal,
                b'x' | b'X' => Base::Hexadecimal,
                _ => Base::Decimal,
            };
            if base != Base::Decimal {
                return self.with_base(base);
            }
        }
        self.digits(|byte| byte.is_ascii_digit());
        match (self.first(), self.second()) {
            // `1..10` is two numbers.
            (b'.', second) if second != b'.' => {
                self.at += 1;
                self.fraction()
            }
            (b'e' | b'E', _) => self.exponent(),
            _ => self.int(Base::Decimal, false),
        }
    }

    /// The rest of a number behind its point.
    pub(crate) fn fraction(&mut self) -> LiteralKind {
        if self.first().is_ascii_digit() {
            self.digits(|byte| byte.is_ascii_digit());
        }
        self.exponent()
    }

    fn with_base(&mut self, base: Base) -> LiteralKind {
        self.at += 1;
        let has_digits = match base {
            Base::Hexadecimal => self.digits(|byte| byte.is_ascii_hexdigit()),
            // A digit that is too large is an error in the number and no end of it.
            _ => self.digits(|byte| byte.is_ascii_digit()),
        };
        self.int(base, !has_digits)
    }

    fn int(&mut self, base: Base, empty: bool) -> LiteralKind {
        let trailing_junk_start = self.length();
        self.skip_word();
        LiteralKind::Int { base, empty_int: empty && self.length() == trailing_junk_start, trailing_junk_start }
    }

    /// An exponent, where one stands.
    fn exponent(&mut self) -> LiteralKind {
        let start = self.length();
        let mut empty_exponent_start = None;
        if matches!(self.first(), b'e' | b'E') {
            self.at += 1;
            let digit = match self.first() {
                b'-' | b'+' => self.second(),
                first => first,
            };
            if digit.is_ascii_digit() {
                self.at += usize::from(!self.first().is_ascii_digit());
                self.digits(|byte| byte.is_ascii_digit());
            } else {
                empty_exponent_start = Some(start);
            }
        }
        let trailing_junk_start = self.length();
        self.skip_word();
        LiteralKind::Numeric { empty_exponent_start, trailing_junk_start }
    }

    /// Digits, with single `_` between them; whether there are any.
    fn digits(&mut self, is_digit: fn(u8) -> bool) -> bool {
        let mut any = false;
        loop {
            match self.first() {
                b'_' if is_digit(self.second()) => self.at += 1,
                byte if is_digit(byte) => {
                    any = true;
                    self.at += 1;
                }
                _ => return any,
            }
        }
    }
}
