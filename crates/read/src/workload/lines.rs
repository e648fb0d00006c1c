//! The lines of a file of any size: one is held at a time, and of a longer one than is bearable its beginning.

use std::io::{self, BufRead};

#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    most: usize,
    bytes: Vec<u8>,
    text: String,
    /// Of the line that was read last, from 1.
    pub(super) number: u64,
    /// The line was longer, and its end is lost.
    pub(super) cut: bool,
    /// The file breaks off within the line.
    pub(super) ends_open: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R, most: usize) -> Lines<R> {
        Lines { reader, most, bytes: Vec::new(), text: String::new(), number: 0, cut: false, ends_open: false }
    }

    /// Reads on; false at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        (self.cut, self.ends_open) = (false, true);
        let mut some = false;
        loop {
            let there = match self.reader.fill_buf() {
                Ok(there) => there,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(cause),
            };
            if there.is_empty() {
                break;
            }
            some = true;
            let end = there.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(there.len(), |end| end + 1);
            let room = self.most.saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(&there[..end.unwrap_or(taken).min(room)]);
            self.cut |= end.unwrap_or(taken) > room;
            self.reader.consume(taken);
            if end.is_some() {
                self.ends_open = false;
                break;
            }
        }
        if !some {
            return Ok(false);
        }
        self.number += 1;
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        self.text.clear();
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => self.text.push_str(text),
            Err(_) => self.text.push_str(&String::from_utf8_lossy(&self.bytes)),
        }
        Ok(true)
    }

    /// The line without its end. What is no UTF-8 stands as U+FFFD.
    pub(super) fn line(&self) -> &str {
        match self.number {
            1 => self.text.trim_start_matches('\u{feff}'),
            _ => &self.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        let mut lines = Lines::new(&b"\xef\xbb\xbfab\r\n12345678\n\xff\nend"[..], 6);
        let mut found = Vec::new();
        while lines.next().expect("reading from memory cannot fail") {
            found.push((lines.number, lines.line().to_owned(), lines.cut, lines.ends_open));
        }
        let expected = [
            (1, "ab", false, false),
            (2, "123456", true, false),
            (3, "\u{fffd}", false, false),
            (4, "end", false, true),
        ];
        assert_eq!(found, expected.map(|(number, line, cut, open)| (number, line.to_owned(), cut, open)));
    }
}
