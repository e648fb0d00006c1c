//! One pass over the text that knows what is quoted, what is a comment and what is neither.

use std::ops::Range;

use super::{Edits, parameter, psql, template};

/// What the pass remembers of the statement it is in.
#[derive(Default)]
pub(super) struct State {
    /// Where the last word or sign before this place ends; words and signs decide what a placeholder can be.
    pub(super) before: Range<usize>,
    /// Where the statement starts, once it has a word.
    pub(super) statement: Option<usize>,
    pub(super) brackets: usize,
    pub(super) parameters: parameter::Numbers,
    pub(super) psql: psql::State,
}

/// How deep dollar quotes are looked into for templates.
const DEEPEST_BODY: usize = 3;

pub(super) fn scan(text: &str, edits: &mut Edits) {
    let start = text.strip_prefix('\u{feff}').map_or(0, |rest| text.len() - rest.len());
    if start > 0 {
        edits.blank(0..start);
    }
    region(text, start..text.len(), 0, &mut State::default(), edits);
}

/// A part of the text: the whole of it, or the inside of a dollar quote, where psql replaces nothing.
fn region(text: &str, part: Range<usize>, level: usize, state: &mut State, edits: &mut Edits) {
    let bytes = &text.as_bytes()[..part.end];
    let mut at = part.start;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'-' if next == b'-' => {
                at = line_end(bytes, at);
                continue;
            }
            b'/' if next == b'*' => {
                at = comment_end(bytes, at);
                continue;
            }
            b'{' | b'<' | b'$' | b'"' if let Some(end) = template::template(text, at, part.end, edits) => {
                at = end;
            }
            b'\'' => {
                let escapes =
                    start > 0 && matches!(bytes[start - 1], b'e' | b'E') && state.before == (start - 1..start);
                at = quote_end(bytes, at, escapes);
            }
            b'"' => at = quote_end(bytes, at, false),
            b'$' => at = dollar(text, at..part.end, level, state, edits),
            b'\\' if level == 0 => {
                at = psql::command(text, at, state, edits);
                continue;
            }
            b':' | b'@' | b'%' | b'?' if level == 0 => at = parameter::parameter(text, at, state, edits),
            b';' => {
                at = if level == 0 { psql::statement_end(text, at, state, edits) } else { at + 1 };
                state.statement = None;
                state.brackets = 0;
                state.before = start..start + 1;
                continue;
            }
            b'[' => {
                state.brackets += 1;
                at += 1;
            }
            b']' => {
                state.brackets = state.brackets.saturating_sub(1);
                at += 1;
            }
            b's' if level == 0
                && let Some(end) = parameter::of_sqlc(text, at, state, edits) =>
            {
                at = end
            }
            _ if is_word(byte) => at = word_end(bytes, at),
            0x0b | 0x0c => {
                at += 1;
                continue;
            }
            0..0x20 | 0x7f => {
                edits.blank(at..at + 1);
                at += 1;
                continue;
            }
            _ => at += 1,
        }
        state.statement.get_or_insert(start);
        state.before = start..at;
    }
}

/// A dollar quote is looked into for templates: what stands in a function body is read as well.
fn dollar(text: &str, part: Range<usize>, level: usize, state: &mut State, edits: &mut Edits) -> usize {
    let bytes = &text.as_bytes()[..part.end];
    let rest = &bytes[part.start + 1..];
    let tag = rest.iter().take_while(|byte| is_word(**byte) && **byte != b'$').count();
    let is_tag = rest.get(tag) == Some(&b'$') && !rest.first().is_some_and(u8::is_ascii_digit);
    // `a$b$` is a name.
    let inside_word = state.before.end == part.start && part.start > 0 && is_word(bytes[part.start - 1]);
    if !is_tag || inside_word {
        return part.start + 1 + tag;
    }
    let open = part.start + tag + 2;
    let delimiter = &text[part.start..open];
    let Some(length) = text[open..part.end].find(delimiter) else { return part.end };
    let body = open..open + length;
    if level < DEEPEST_BODY && template::is_in(&text[body.clone()]) {
        region(text, body.clone(), level + 1, &mut State::default(), edits);
    }
    body.end + delimiter.len()
}

pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

pub(super) fn word_end(bytes: &[u8], at: usize) -> usize {
    const INSIDE: [bool; 256] = {
        let mut inside = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            inside[byte] = is_word(byte as u8) || byte as u8 == b'$';
            byte += 1;
        }
        inside
    };
    let inside = |byte: &u8| INSIDE[usize::from(*byte)];
    at + bytes[at..].iter().position(|byte| !inside(byte)).unwrap_or(bytes.len() - at)
}

pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len() - at)
}

/// Behind the quote that starts at `at`; a doubled quote does not end it.
fn quote_end(bytes: &[u8], at: usize, escapes: bool) -> usize {
    let quote = bytes[at];
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'\\' if escapes => 2,
            _ if byte == quote && bytes.get(at + 1) == Some(&quote) => 2,
            _ if byte == quote => return at + 1,
            _ => 1,
        };
    }
    bytes.len()
}

/// Behind a comment, with the comments inside it.
fn comment_end(bytes: &[u8], at: usize) -> usize {
    let (mut at, mut depth) = (at + 2, 1);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (at, depth) = (at + 2, depth + 1),
            b"*/" if depth == 1 => return at + 2,
            b"*/" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    bytes.len()
}
