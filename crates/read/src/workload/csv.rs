//! Records of CSV as PostgreSQL writes them, one at a time: `csvlog`, and exports of `pg_stat_statements`.

use std::io::{self, BufRead};

use super::lines::Lines;

#[derive(Debug)]
pub(super) struct Records<R> {
    lines: Lines<R>,
    most: usize,
    /// The record, its lines joined.
    text: String,
    /// Where a record begins whatever came before: what was cut off must not swallow what follows.
    begins: fn(&str) -> bool,
    /// The next record's first line, when it was read too early.
    ahead: bool,
    pub(super) number: u64,
    pub(super) state: State,
}

/// What became of the record that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Whole,
    /// It has no end.
    Open,
    TooLong,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(reader: R, most: usize, begins: fn(&str) -> bool) -> Records<R> {
        let lines = Lines::new(reader, most);
        Records { lines, most, text: String::new(), begins, ahead: false, number: 0, state: State::Whole }
    }

    /// Reads on; false at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.state = State::Whole;
        if !std::mem::take(&mut self.ahead) && !self.lines.next()? {
            return Ok(false);
        }
        self.number = self.lines.number;
        let Some(mut quotes) = self.push() else { return Ok(true) };
        while quotes % 2 == 1 {
            if !self.lines.next()? {
                self.state = State::Open;
                break;
            }
            if (self.begins)(self.lines.line()) {
                self.state = State::Open;
                self.ahead = true;
                break;
            }
            if self.state == State::Whole {
                self.text.push('\n');
            }
            let Some(more) = self.push() else { break };
            quotes += more;
        }
        Ok(true)
    }

    /// Adds the line, and says how many quotes are in it; nothing of one that was cut, which ends the record.
    fn push(&mut self) -> Option<usize> {
        let line = self.lines.line();
        if self.lines.cut || self.text.len() + line.len() > self.most {
            self.state = State::TooLong;
            self.text.clear();
        }
        if self.state == State::Whole {
            self.text.push_str(line);
        }
        (!self.lines.cut).then(|| line.bytes().filter(|byte| *byte == b'"').count())
    }

    /// The record as it is.
    pub(super) fn whole(&self) -> &str {
        &self.text
    }

    /// The fields of the record.
    pub(super) fn fields<'a>(&'a self, separator: char, into: &mut Fields<'a>) {
        into.all.clear();
        let text = self.text.as_str();
        let mut rest = Some(text);
        while let Some(text) = rest {
            if into.all.len() >= MOST {
                return;
            }
            let (field, after) = match text.strip_prefix('"') {
                Some(quoted) => {
                    let end = closing(quoted);
                    let after = quoted.get(end + 1..).unwrap_or("");
                    let stop = after.find(separator);
                    (Field::Quoted(&quoted[..end]), stop.map(|at| &after[at + separator.len_utf8()..]))
                }
                None => match text.split_once(separator) {
                    Some((field, after)) => (Field::Bare(field), Some(after)),
                    None => (Field::Bare(text), None),
                },
            };
            into.all.push(field);
            rest = after;
        }
    }
}

/// More fields than anybody writes.
const MOST: usize = 256;

/// Where the quote stands that closes the field.
fn closing(quoted: &str) -> usize {
    let bytes = quoted.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            if bytes.get(at + 1) != Some(&b'"') {
                return at;
            }
            at += 1;
        }
        at += 1;
    }
    bytes.len()
}

#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    all: Vec<Field<'a>>,
}

#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Bare(&'a str),
    /// Quotes inside are doubled still.
    Quoted(&'a str),
}

impl Fields<'_> {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Writes the field's text.
    pub(super) fn copy(&self, at: usize, into: &mut String) {
        into.clear();
        match self.all.get(at) {
            None => {}
            Some(Field::Bare(text)) => into.push_str(text),
            Some(Field::Quoted(text)) => {
                for (number, part) in text.split("\"\"").enumerate() {
                    if number > 0 {
                        into.push('"');
                    }
                    into.push_str(part);
                }
            }
        }
    }

    pub(super) fn raw(&self, at: usize) -> &str {
        match self.all.get(at) {
            Some(Field::Bare(text) | Field::Quoted(text)) => text,
            None => "",
        }
    }
}
