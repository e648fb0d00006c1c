//! A file in memory: its bytes, and how places of its text are found in them.
//!
//! The text of a reading is not the file byte for byte: the rows of dumps are left out, and another encoding became
//! UTF-8. Lines are the same in both, so a place is found by its line and its byte there, and only where both agree.

use std::ops::Range;
use std::sync::Arc;

use model::place::SourceFile;

/// A copy of one that did not change costs nothing: dumps are large.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Nothing for a new file.
    pub(crate) before: Option<Arc<Vec<u8>>>,
    pub(crate) after: Arc<Vec<u8>>,
}

/// Bytes of the file, and what comes in their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Splice {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) text: String,
}

impl Document {
    pub(crate) fn old(bytes: Vec<u8>) -> Document {
        let bytes = Arc::new(bytes);
        Document { before: Some(Arc::clone(&bytes)), after: bytes }
    }

    pub(crate) fn new(text: String) -> Document {
        Document { before: None, after: Arc::new(text.into_bytes()) }
    }

    /// Makes the splices, which are in order and do not overlap. Line breaks become those of the file.
    pub(crate) fn splice(&mut self, splices: &[Splice]) {
        let mut after = Vec::with_capacity(self.after.len());
        let mut done = 0;
        for splice in splices {
            after.extend_from_slice(&self.after[done..splice.start]);
            after.extend_from_slice(self.with_line_breaks(&splice.text).as_bytes());
            done = splice.end;
        }
        after.extend_from_slice(&self.after[done..]);
        self.after = Arc::new(after);
    }

    /// Text can be put behind it as it is.
    pub(crate) fn is_utf8(&self) -> bool {
        std::str::from_utf8(&self.after).is_ok()
    }

    /// Puts text behind everything, on lines of its own.
    pub(crate) fn append(&mut self, text: &str) {
        let end = self.after.len();
        let gap = match &self.after[..] {
            [] => "",
            [.., b'\n'] => "\n",
            _ => "\n\n",
        };
        self.splice(&[Splice { start: end, end, text: format!("{gap}{text}") }]);
    }

    fn with_line_breaks(&self, text: &str) -> String {
        let first = self.after.iter().position(|byte| *byte == b'\n');
        let windows = first.is_some_and(|at| at > 0 && self.after[at - 1] == b'\r');
        if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text.to_owned() }
    }
}

/// Where the lines of a document start, to find many places.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
}

impl Lines<'_> {
    pub(crate) fn of(bytes: &[u8]) -> Lines<'_> {
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Lines { bytes, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// A range of the text that was read, as a range of the bytes; nothing where they differ.
    pub(crate) fn range(&self, file: &SourceFile, start: u32, end: u32) -> Option<Range<usize>> {
        let range = self.offset(file, start)?..self.offset(file, end)?;
        (range.start <= range.end).then_some(range)
    }

    fn offset(&self, file: &SourceFile, offset: u32) -> Option<usize> {
        let line = file.line_at(offset);
        let number = file.position(offset).line as usize - 1;
        let start = *self.starts.get(number)?;
        let bytes = &self.bytes[start..self.starts.get(number + 1).copied().unwrap_or(self.bytes.len())];
        let text = file.text.get(line.clone())?.as_bytes();
        let same = bytes.get(..text.len())? == text;
        // A place may stand behind the line break that `line_at` leaves out.
        let column = offset as usize - line.start;
        (same && column <= bytes.len()).then_some(start + column)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn marks_rows_and_line_breaks_stay() {
        let bytes = b"\xef\xbb\xbfSELECT 1;\r\nCOPY t (a) FROM stdin;\r\n1\r\n2\r\n\\.\r\nSELECT \xc3\xa9;\r\n";
        let mut document = Document::old(bytes.to_vec());
        let input = read::load::load("a.sql", Cursor::new(bytes)).expect("memory");
        let at = |word: &str| {
            let start = input.file.text.find(word).expect(word) as u32;
            Lines::of(bytes).range(&input.file, start, start + word.len() as u32).expect(word)
        };
        let splice = |range: Range<usize>, text: &str| Splice { start: range.start, end: range.end, text: text.into() };
        document.splice(&[splice(at("1"), "7"), splice(at("é"), "8,\n9")]);
        document.append("-- end\n");
        let expected =
            b"\xef\xbb\xbfSELECT 7;\r\nCOPY t (a) FROM stdin;\r\n1\r\n2\r\n\\.\r\nSELECT 8,\r\n9;\r\n\r\n-- end\r\n";
        assert_eq!(String::from_utf8_lossy(&document.after), String::from_utf8_lossy(expected));
    }
}
