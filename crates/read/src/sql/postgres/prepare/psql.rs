//! psql: meta-commands and the data behind `COPY … FROM stdin`.

use super::Edits;
use super::scan::{self, line_end};

/// What psql knows beside the statement.
#[derive(Default)]
pub(super) struct State {
    /// No line of the rest is `\.`: there is no data to skip.
    no_terminator: bool,
}

/// Commands that send what was typed so far, like a semicolon.
const SENDING: [&str; 8] = ["g", "gx", "gexec", "gset", "gdesc", "gmore", "crosstabview", "watch"];

/// A backslash outside quotes: the command and its arguments are blanked to the end of the line.
pub(super) fn command(text: &str, at: usize, state: &mut scan::State, edits: &mut Edits) -> usize {
    let bytes = text.as_bytes();
    if bytes.get(at + 1) == Some(&b';') {
        edits.blank(at..at + 1);
        return at + 1;
    }
    let end = line_end(bytes, at);
    let name_end = scan::word_end(bytes, at + 1).min(end);
    if SENDING.contains(&&text[at + 1..name_end]) && state.statement.is_some() {
        edits.replace(at..end, ";".to_string());
        state.statement = None;
    } else {
        edits.blank(at..end);
    }
    end
}

/// Behind the semicolon, and behind the data when the statement was `COPY … FROM stdin`.
pub(super) fn statement_end(text: &str, at: usize, state: &mut scan::State, edits: &mut Edits) -> usize {
    let statement = state.statement.map_or("", |start| &text[start..at]);
    if state.psql.no_terminator || !is_copy_from_stdin(statement) {
        return at + 1;
    }
    let data = line_end(text.as_bytes(), at);
    let mut line = data;
    while let Some(found) = text[line..].find("\\.") {
        let mark = line + found;
        let starts_line = text[..mark].ends_with('\n');
        let rest = &text[mark + 2..];
        if starts_line && (rest.is_empty() || rest.starts_with(['\n', '\r'])) {
            edits.blank(data..mark + 2);
            return mark + 2;
        }
        line = mark + 2;
    }
    state.psql.no_terminator = true;
    at + 1
}

fn is_copy_from_stdin(statement: &str) -> bool {
    let is_copy = statement.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy"));
    if !is_copy {
        return false;
    }
    let mut words = statement.split_ascii_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("from"));
    words.nth(1).is_some_and(|word| word.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("stdin")))
}
