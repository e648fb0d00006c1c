//! What is not SQL is blanked before the text is split: psql commands, COPY data, templates, placeholders.
//!
//! The result has the length of the original and its line breaks, so that every offset still means the same place.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

mod parameter;
mod psql;
mod scan;
mod template;

/// A text that is SQL as far as its parts could be told apart.
#[derive(Clone, Debug)]
pub(crate) struct Prepared<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Where templates stood, in order: what a statement says there is known only when it is deployed.
    pub(crate) templates: Vec<Range<usize>>,
}

impl Prepared<'_> {
    pub(crate) fn into_owned(self) -> Prepared<'static> {
        Prepared { text: Cow::Owned(self.text.into_owned()), templates: self.templates }
    }

    /// Whether a template stood in this part of the text.
    pub(crate) fn is_templated(&self, part: Range<usize>) -> bool {
        let first = self.templates.partition_point(|template| template.end <= part.start);
        self.templates.get(first).is_some_and(|template| template.start < part.end)
    }
}

/// Blanks or replaces what is not SQL.
pub(crate) fn prepare(text: &str) -> Prepared<'_> {
    let mut edits = Edits::default();
    scan::scan(text, &mut edits);
    edits.apply(text)
}

/// One statement as PostgreSQL itself takes it: placeholders of clients are `$1`, `$2`, however long that makes it.
///
/// A statement that numbers its parameters itself stays as it is.
pub fn numbered(statement: &str) -> Cow<'_, str> {
    let mut edits = Edits::default();
    scan::scan(statement, &mut edits);
    edits.apply_as(statement, Fit::Whole).text
}

/// Replacements of equal length, in the order of the text.
#[derive(Default)]
struct Edits {
    edits: Vec<(Range<usize>, With)>,
    templates: Vec<Range<usize>>,
}

enum With {
    /// Spaces; line breaks stay.
    Blanks,
    /// This text, and spaces behind it.
    Text(String),
    /// The parameter of this number.
    Parameter(usize),
}

/// Whether the text keeps its length.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Kept,
    Whole,
}

impl Edits {
    fn blank(&mut self, range: Range<usize>) {
        self.edits.push((range, With::Blanks));
    }

    /// `text` must be ASCII and not longer than the range.
    fn replace(&mut self, range: Range<usize>, text: String) {
        self.edits.push((range, With::Text(text)));
    }

    fn number(&mut self, range: Range<usize>, number: usize) {
        self.edits.push((range, With::Parameter(number)));
    }

    fn apply(self, text: &str) -> Prepared<'_> {
        self.apply_as(text, Fit::Kept)
    }

    fn apply_as(self, text: &str, fit: Fit) -> Prepared<'_> {
        if self.edits.is_empty() {
            return Prepared { text: Cow::Borrowed(text), templates: self.templates };
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (range, with) in self.edits {
            out.push_str(&text[done..range.start]);
            match with {
                With::Parameter(number) if fit == Fit::Whole => {
                    let _ = write!(out, "${number}");
                }
                // The blanks come first: a statement that ends with a parameter ends where it did.
                With::Parameter(number) => {
                    let word = parameter::fitting(number, range.len());
                    let _ = write!(out, "{word:>width$}", width = range.len());
                }
                With::Blanks => blanks(&text[range.clone()], &mut out),
                With::Text(word) => {
                    out.push_str(&word);
                    out.extend(std::iter::repeat_n(' ', range.len().saturating_sub(word.len())));
                }
            }
            done = range.end;
        }
        out.push_str(&text[done..]);
        Prepared { text: Cow::Owned(out), templates: self.templates }
    }
}

fn blanks(text: &str, out: &mut String) {
    out.extend(text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }));
}

#[cfg(test)]
mod tests;
