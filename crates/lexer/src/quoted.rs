//! What stands between quotes. Each answers whether the quote that ends it is there.

use crate::cursor::Cursor;

impl Cursor<'_> {
    /// A string behind its first quote. Two quotes are one that belongs to it.
    pub(crate) fn string(&mut self, backslashes: bool) -> bool {
        loop {
            self.skip_while(|byte| byte != b'\'' && !(backslashes && byte == b'\\'));
            match (self.first(), self.second()) {
                (b'\'', b'\'') => self.at += 2,
                (b'\'', _) => {
                    self.at += 1;
                    return true;
                }
                (b'\\', _) => self.at += self.rest().len().min(2),
                _ => return false,
            }
        }
    }

    /// A quoted name behind its first quote.
    pub(crate) fn quoted(&mut self) -> bool {
        loop {
            self.skip_while(|byte| byte != b'"');
            match (self.first(), self.second()) {
                (b'"', b'"') => self.at += 2,
                (b'"', _) => {
                    self.at += 1;
                    return true;
                }
                _ => return false,
            }
        }
    }

    /// `$$…$$` and `$tag$…$tag$`, behind the first dollar; nothing where none begins here.
    pub(crate) fn dollar_quoted(&mut self) -> Option<bool> {
        let rest = self.rest();
        let tag = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..)).count();
        if rest.get(tag) != Some(&b'$') || rest[0].is_ascii_digit() {
            return None;
        }
        let (tag, body) = rest.split_at(tag);
        let mut from = 1;
        while let Some(dollar) = body[from..].iter().position(|byte| *byte == b'$') {
            from += dollar + 1;
            if body[from..].starts_with(tag) && body.get(from + tag.len()) == Some(&b'$') {
                self.at += tag.len() + from + tag.len() + 1;
                return Some(true);
            }
        }
        self.at += rest.len();
        Some(false)
    }
}
