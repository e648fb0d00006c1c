//! Where words stand in a statement. Rules never see text: they name words, and this finds their place.

use std::collections::VecDeque;

use model::{Place, Sources};

/// The place of these key words and signs in a row, the first time they stand in `within`; comments, strings and quoted
/// names do not count.
pub(crate) fn find_words(sources: &Sources, within: Place, words: &str) -> Option<Place> {
    let text = sources.text(within);
    let wanted: Vec<&str> = words.split(' ').collect();
    // The last tokens, as many as words are wanted.
    let mut window: VecDeque<Token> = VecDeque::with_capacity(wanted.len());
    for token in (Tokens { text, at: 0 }) {
        if window.len() == wanted.len() {
            window.pop_front();
        }
        window.push_back(token);
        if window.len() == wanted.len() && window.iter().zip(&wanted).all(|(token, word)| token.says(text, word)) {
            let (first, last) = (window.front()?, window.back()?);
            return Some(Place::new(within.file, within.start + first.start as u32, within.start + last.end as u32));
        }
    }
    None
}

/// The statement without the semicolon, blanks and comments behind it: what is said there ends here.
pub(crate) fn trimmed(sources: &Sources, statement: Place) -> Place {
    let text = sources.text(statement);
    let last = Tokens { text, at: 0 }.filter(|token| &text[token.start..token.end] != ";").last();
    let end = last.map_or(text.len(), |token| token.end);
    Place { end: statement.start + end as u32, ..statement }
}

/// The statement without the blanks and comments before it.
pub(crate) fn from_first_word(sources: &Sources, statement: Place) -> Place {
    let first = Tokens { text: sources.text(statement), at: 0 }.next();
    Place { start: statement.start + first.map_or(0, |token| token.start as u32), ..statement }
}

/// The empty place behind the statement and its semicolon, and whether there is a semicolon.
pub(crate) fn behind(sources: &Sources, statement: Place) -> (Place, bool) {
    let end = trimmed(sources, statement).end;
    let rest = &sources.file(statement.file).text[end as usize..];
    let next = Tokens { text: rest, at: 0 }.next().filter(|token| &rest[token.start..token.end] == ";");
    let offset = next.as_ref().map_or(end, |token| end + token.end as u32);
    (Place::new(statement.file, offset, offset), next.is_some())
}

/// The lines that a comment fills alone, line breaks included; else the comment with the blanks before it.
pub(crate) fn whole_lines(sources: &Sources, comment: Place) -> Place {
    let text = &*sources.file(comment.file).text;
    let before = &text[..comment.start as usize];
    let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
    let alone_before = before[..before.len() - blanks].is_empty() || before[..before.len() - blanks].ends_with('\n');
    let after = &text[comment.end as usize..];
    let line_end = after.find('\n').map_or(after.len(), |index| index + 1);
    let start = comment.start - blanks as u32;
    if alone_before && after[..line_end].trim().is_empty() {
        Place { start, end: comment.end + line_end as u32, ..comment }
    } else {
        Place { start, ..comment }
    }
}

/// A word, a quoted thing or a sign, by its bytes.
#[derive(Debug)]
struct Token {
    start: usize,
    end: usize,
    word: bool,
}

impl Token {
    fn says(&self, text: &str, word: &str) -> bool {
        let sign = !word.starts_with(|first: char| first.is_alphabetic());
        (self.word || sign) && text[self.start..self.end].eq_ignore_ascii_case(word)
    }
}

/// What the string literal says that follows these words, the first time they stand in `within`.
pub(crate) fn string_behind<'s>(sources: &'s Sources, within: Place, words: &str) -> Option<&'s str> {
    let said = find_words(sources, within, words)?;
    let rest = sources.text(Place { start: said.end, ..within });
    let next = Tokens { text: rest, at: 0 }.next()?;
    rest[next.start..next.end].strip_prefix('\'')?.strip_suffix('\'')
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            let (length, kept) = if first.is_whitespace() {
                (rest.len() - rest.trim_start().len(), false)
            } else if rest.starts_with("--") {
                (rest.find('\n').unwrap_or(rest.len()), false)
            } else if rest.starts_with("/*") {
                (comment_length(rest), false)
            } else if first == '\'' || first == '"' {
                (1 + rest[1..].find(first).map_or(rest.len() - 1, |end| end + 1), true)
            } else if let Some(length) = dollar_length(rest) {
                (length, true)
            } else {
                (word_length(rest).max(first.len_utf8()), true)
            };
            let start = self.at;
            self.at += length;
            if kept {
                return Some(Token { start, end: self.at, word: first.is_alphabetic() || first == '_' });
            }
        }
    }
}

fn word_length(text: &str) -> usize {
    let inside = |char: char| char.is_alphanumeric() || char == '_' || char == '$';
    text.len() - text.trim_start_matches(inside).len()
}

/// Comments nest in PostgreSQL.
fn comment_length(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// `$tag$ … $tag$`
fn dollar_length(text: &str) -> Option<usize> {
    let tag_end = 1 + text.strip_prefix('$')?.find('$')?;
    let tag = &text[..=tag_end];
    let is_tag = tag[1..tag_end].chars().all(|char| char.is_alphanumeric() || char == '_');
    if !is_tag || tag[1..].starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    Some(text[tag.len()..].find(tag).map_or(text.len(), |end| tag.len() + end + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> (Sources, Place) {
        let mut sources = Sources::default();
        let file = sources.add("a.sql", text, Vec::new());
        (sources, Place::new(file, 0, text.len() as u32))
    }

    fn found(text: &str, words: &str) -> Option<(u32, u32)> {
        let (sources, place) = sources(text);
        find_words(&sources, place, words).map(|place| (place.start, place.end))
    }

    #[test]
    fn words_are_found_in_code_only() {
        assert_eq!(found("create  index on t", "CREATE INDEX"), Some((0, 13)));
        assert_eq!(found("/* INDEX /* */ */ 'INDEX' \"INDEX\" $$INDEX$$ INDEX", "INDEX"), Some((44, 49)));
        assert_eq!(found("-- INDEX\nreindex", "INDEX"), None);
        assert_eq!(found("'open INDEX", "INDEX"), None);
        assert_eq!(found("$1 INDEX $2", "INDEX"), Some((3, 8)));
        assert_eq!(found("a <> NULL", "< > NULL"), Some((2, 9)));
    }

    #[test]
    fn a_statement_ends_before_its_semicolon() {
        let (sources, place) = sources("SELECT 1 -- one\n ; SELECT 2");
        let first = Place { end: 8, ..place };
        assert_eq!(trimmed(&sources, Place { end: 18, ..place }).end, 8);
        assert_eq!(behind(&sources, first), (Place { start: 18, end: 18, ..place }, true));
    }

    #[test]
    fn a_comment_takes_its_line_with_it() {
        let text = "a;\n  -- x\nb; -- y\n";
        let (sources, place) = sources(text);
        let lines = |start, end| {
            let place = whole_lines(&sources, Place { start, end, ..place });
            (place.start, place.end)
        };
        assert_eq!(lines(5, 9), (3, 10));
        assert_eq!(lines(13, 17), (12, 17));
    }
}
