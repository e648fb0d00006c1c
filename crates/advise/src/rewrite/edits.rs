//! Edits of a text: places with what comes there.

use model::{Placed, Span};

/// Edits of the text of one query, made at once.
#[derive(Clone, Debug)]
pub(crate) struct Edits<'a> {
    placed: &'a Placed,
    edits: Vec<(Span, String)>,
}

impl<'a> Edits<'a> {
    pub(crate) fn of(placed: &'a Placed) -> Edits<'a> {
        Edits { placed, edits: Vec::new() }
    }

    pub(crate) fn replace(mut self, span: Span, text: impl Into<String>) -> Edits<'a> {
        self.edits.push((span, text.into()));
        self
    }

    pub(crate) fn insert(self, at: u32, text: impl Into<String>) -> Edits<'a> {
        self.replace(Span { start: at, end: at }, text)
    }

    /// Takes a part away, with the space in front of it.
    pub(crate) fn remove(self, span: Span) -> Edits<'a> {
        let before = &self.placed.text[..span.start as usize];
        let start = before.trim_end().len() as u32;
        // A comment in front ends with its line.
        let last = before.lines().last().unwrap_or_default();
        let start = if last.contains("--") { span.start } else { start };
        self.replace(Span { start, end: span.end }, "")
    }

    /// The new text; none where two edits lie in each other.
    pub(crate) fn text(mut self) -> Option<String> {
        self.edits.sort_by_key(|(span, _)| (span.start, span.end));
        let text = &self.placed.text;
        let (mut out, mut at) = (String::new(), 0);
        for (span, new) in &self.edits {
            out += text.get(at..span.start as usize)?;
            out += new;
            at = span.end as usize;
        }
        out += text.get(at..)?;
        Some(out)
    }
}
