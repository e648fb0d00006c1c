//! Placeholders of clients and of psql: `:name`, `:'name'`, `@name`, `%(name)s`, `?`.
//!
//! Where a value can stand they become `$n`; elsewhere (`FROM :table`) a name.

use std::collections::BTreeMap;

use super::Edits;
use super::scan::{State, is_word, word_end};

/// The number of each name, and the last number given.
#[derive(Default)]
pub(super) struct Numbers {
    by_name: BTreeMap<String, usize>,
    last: usize,
}

impl Numbers {
    fn of(&mut self, name: &str) -> usize {
        match self.by_name.get(name) {
            Some(number) => *number,
            None => {
                self.last += 1;
                self.by_name.insert(name.to_string(), self.last);
                self.last
            }
        }
    }
}

/// The sign at `at`, replaced when it begins a placeholder. Says where the text goes on.
pub(super) fn parameter(text: &str, at: usize, state: &mut State, edits: &mut Edits) -> usize {
    let bytes = text.as_bytes();
    let next = bytes.get(at + 1).copied().unwrap_or(0);
    let starts_word = next.is_ascii_alphabetic() || next == b'_';
    match bytes[at] {
        // A cast, `:=`, or the colon of a slice.
        b':' if matches!(next, b':' | b'=') => at + 2,
        b':' if in_slice(bytes, at, state) || touches_word(bytes, at) => at + 1,
        b':' if matches!(next, b'\'' | b'"') => {
            edits.blank(at..at + 1);
            at + 1
        }
        b':' | b'@' if starts_word && !touches_operator(bytes, at) && !touches_word(bytes, at) => {
            let end = word_end(bytes, at + 1);
            let followed_by_dot = bytes.get(end) == Some(&b'.');
            if !followed_by_dot && takes_value(text, state) {
                number(text, at..end, state, edits);
            } else {
                edits.replace(at..end, format!("_{}", &text[at + 1..end]).replace(|c: char| !c.is_ascii(), "_"));
            }
            end
        }
        b'%' if next == b'(' && !touches_word(bytes, at) => {
            let name = word_end(bytes, at + 2);
            let is_named = name > at + 2 && bytes.get(name) == Some(&b')') && bytes.get(name + 1) == Some(&b's');
            if is_named {
                number(text, at..name + 2, state, edits);
            }
            if is_named { name + 2 } else { at + 1 }
        }
        b'%' if next == b's' && word_end(bytes, at + 1) == at + 2 && takes_value(text, state) => {
            state.parameters.last += 1;
            edits.number(at..at + 2, state.parameters.last);
            at + 2
        }
        b'?' if !touches_operator(bytes, at) && !matches!(next, b'|' | b'&' | b'?') && takes_value(text, state) => {
            state.parameters.last += 1;
            edits.number(at..at + 1, state.parameters.last);
            at + 1
        }
        _ => at + 1,
    }
}

/// `sqlc.arg(name)` and `sqlc.narg('name')` are parameters, `sqlc.embed(t)` is all columns of `t`. Says where it ends.
pub(super) fn of_sqlc(text: &str, at: usize, state: &mut State, edits: &mut Edits) -> Option<usize> {
    let call = text[at..].strip_prefix("sqlc.")?;
    let (function, rest) = call.split_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    let name = inside.trim().trim_matches('\'');
    if name.is_empty() || !name.bytes().all(is_word) || touches_word(text.as_bytes(), at) {
        return None;
    }
    let end = at + "sqlc.".len() + function.len() + 1 + inside.len() + 1;
    match function {
        "arg" | "narg" => {
            let number = state.parameters.of(&format!("@{name}"));
            edits.number(at..end, number);
        }
        "embed" if name.is_ascii() => edits.replace(at..end, format!("{name}.*")),
        _ => return None,
    }
    Some(end)
}

fn number(text: &str, range: std::ops::Range<usize>, state: &mut State, edits: &mut Edits) {
    let number = state.parameters.of(&text[range.clone()]);
    edits.number(range, number);
}

/// `$n`, if it is not longer than what it stands for; `$0`, or a bare `$`, says that it is some parameter.
pub(super) fn fitting(number: usize, length: usize) -> String {
    let full = format!("${number}");
    match length {
        _ if full.len() <= length => full,
        1 => "$".to_owned(),
        _ => "$0".to_owned(),
    }
}

/// Whether a value can stand here: behind an operator, an opening parenthesis, a comma, or a word that asks for one.
fn takes_value(text: &str, state: &State) -> bool {
    const ASKING: [&str; 33] = [
        "all",
        "and",
        "any",
        "as",
        "between",
        "by",
        "case",
        "distinct",
        "else",
        "escape",
        "execute",
        "filter",
        "having",
        "ilike",
        "in",
        "interval",
        "is",
        "like",
        "limit",
        "not",
        "offset",
        "on",
        "or",
        "return",
        "returning",
        "select",
        "similar",
        "some",
        "then",
        "to",
        "values",
        "when",
        "where",
    ];
    let before = &text[state.before.clone()];
    match before.bytes().last() {
        Some(
            b'=' | b'<' | b'>' | b'(' | b',' | b'+' | b'-' | b'*' | b'/' | b'|' | b'&' | b'[' | b'~' | b'%' | b'@',
        ) => true,
        Some(last) if is_word(last) => {
            let is_number = before.bytes().all(|byte| byte.is_ascii_digit());
            !is_number && ASKING.iter().any(|word| before.eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}

fn touches_operator(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'<' | b'@' | b'#' | b'&' | b'|' | b'!' | b'~' | b':' | b'?' | b'^' | b'`')
}

fn touches_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (is_word(bytes[at - 1]) || matches!(bytes[at - 1], b'\'' | b'"' | b')' | b']'))
}

/// `a[1:n]`: a colon behind a value inside brackets.
fn in_slice(bytes: &[u8], at: usize, state: &State) -> bool {
    let last = state.before.end.checked_sub(1).map(|last| bytes[last]);
    let behind_value = last.is_some_and(|last| is_word(last) || matches!(last, b')' | b']' | b'\'' | b'"' | b'['));
    state.brackets > 0 && behind_value && at >= state.before.end
}
