//! What clients put around a plan is taken away: frames of psql in all its styles, marks of broken lines, quotes around
//! rows, colours, heads and counts. What is left are the lines that EXPLAIN wrote, each with its place in the file.

use model::{FileId, Place};

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    /// Where the text begins in the file, and where its line ends.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where clean text stands in the file.
#[derive(Debug)]
pub(super) struct Spots {
    pub(super) file: FileId,
    /// By where they start in the clean text: the lines of the file.
    lines: Vec<(usize, usize, usize)>,
}

impl Spots {
    /// The lines as one text.
    pub(super) fn join(file: FileId, lines: &[Line]) -> (String, Spots) {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(lines.len());
        for line in lines {
            starts.push((text.len(), line.start, line.end));
            text += &line.text;
            text.push('\n');
        }
        (text, Spots { file, lines: starts })
    }

    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        let at = |offset: usize| {
            let line = self.lines.partition_point(|(clean, ..)| *clean <= offset).saturating_sub(1);
            let (clean, start, end) = self.lines.get(line).copied().unwrap_or_default();
            (start + offset.saturating_sub(clean)).min(end)
        };
        let start = at(start);
        Place::new(self.file, start as u32, at(end).max(start) as u32)
    }
}

/// The lines of a paste; what is mere decoration is an empty line.
pub(super) fn lines(text: &str, offset: usize) -> Vec<Line> {
    let mut found = Vec::new();
    let mut at = offset;
    for raw in text.split_inclusive('\n') {
        let bare = raw.trim_end_matches(['\n', '\r']);
        let end = at + bare.len();
        let bare = bare.strip_prefix('\u{feff}').unwrap_or(bare);
        let bare_start = end - bare.len();
        let uncoloured = without_colour(bare);
        let kept = uncoloured.as_deref().unwrap_or(bare);
        let inner = unframed(kept);
        let shift = inner.as_ptr() as usize - kept.as_ptr() as usize;
        found.push(Line { text: inner.to_owned(), start: (bare_start + shift).min(end), end });
        at += raw.len();
    }
    unquote(&mut found);
    unwrap(&mut found);
    found.iter_mut().filter(|line| is_decoration(&line.text)).for_each(|line| line.text.clear());
    found
}

/// Without the sequences that colour a terminal.
fn without_colour(text: &str) -> Option<String> {
    if !text.contains('\u{1b}') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            out.push(letter);
        } else if letters.next_if_eq(&'[').is_some() {
            // Parameters, then one letter that says what it was.
            while letters.next_if(|next| !('@'..='~').contains(next)).is_some() {}
            letters.next();
        }
    }
    Some(out)
}

const VERTICAL: [char; 3] = ['|', '│', '║'];

/// Without the lines of a table on both sides.
fn unframed(line: &str) -> &str {
    let right = line.trim_end();
    let bare = right.trim_start();
    if right.is_empty() || is_rule(bare) {
        return bare;
    }
    // One space stands between the frame and what it holds, also on the right: there it may be a part of a broken line.
    let inner = right.strip_suffix(VERTICAL).map_or(line, |inner| inner.strip_suffix(' ').unwrap_or(inner));
    let left = inner.trim_start();
    left.strip_prefix(VERTICAL).unwrap_or(inner)
}

fn is_rule(bare: &str) -> bool {
    let of_lines = |letter: char| matches!(letter, '-' | '=' | '+' | '|' | ' ' | '\u{2500}'..='\u{257f}');
    bare.chars().all(of_lines) && bare.chars().filter(|letter| !matches!(letter, '+' | '|' | ' ')).count() >= 2
}

fn is_decoration(text: &str) -> bool {
    let bare = text.trim();
    let plain = bare.trim_matches(['"', '\'', '|', ' ']);
    let head = plain.eq_ignore_ascii_case("QUERY PLAN") || bare.starts_with("```");
    let count = || {
        // `(12 rows)`, in whatever language.
        let inner = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let words = inner.and_then(|inner| inner.split_once(' '));
        words.is_some_and(|(count, word)| {
            !count.is_empty()
                && count.bytes().all(|byte| byte.is_ascii_digit())
                && word.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '(' | ')'))
        })
    };
    let timing = || bare.starts_with("Time: ") && bare.contains(" ms");
    !bare.is_empty() && (head || is_rule(bare) || count() || timing())
}

/// Rows in quotes, as pgAdmin and CSV have them; a whole document in one pair of quotes.
fn unquote(lines: &mut [Line]) {
    let is_content = |line: &&Line| !line.text.trim().is_empty() && !is_decoration(&line.text);
    let Some(first) = lines.iter().find(is_content).map(|line| line.text.trim().to_owned()) else { return };
    let Some(inner) = first.strip_prefix('"') else { return };
    let whole_row = |text: &str| text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    // A document in a string of JSON has its quotes behind backslashes, and is read by whoever reads JSON.
    if inner.contains("\\\"") || inner.contains("\\n") {
        return;
    }
    if whole_row(&first) {
        for line in lines.iter_mut() {
            let text = line.text.trim_end().trim_start_matches(' ');
            if whole_row(text) {
                line.start += line.text.len() - line.text.trim_start_matches(' ').len() + 1;
                line.text = text[1..text.len() - 1].replace("\"\"", "\"");
            }
        }
        return;
    }
    let mut open = false;
    for line in lines.iter_mut() {
        let mut text = line.text.clone();
        if !open {
            let Some(inner) = line.text.trim_start().strip_prefix('"') else { continue };
            line.start += line.text.len() - inner.len();
            text = inner.to_owned();
            open = true;
        }
        // The quote that ends it is not doubled.
        let trailing = text.trim_end().bytes().rev().take_while(|byte| *byte == b'"').count();
        if trailing % 2 == 1 {
            text.truncate(text.trim_end().len() - 1);
            open = false;
        }
        line.text = text.replace("\"\"", "\"");
    }
}

/// Lines that psql broke are joined again, and the marks of line ends inside a row go away.
fn unwrap(lines: &mut Vec<Line>) {
    let (ascii, unicode) = ('.', '…');
    let mut joined: Vec<Line> = Vec::with_capacity(lines.len());
    let mut open: Option<char> = None;
    let mut taken = std::mem::take(lines).into_iter().peekable();
    while let Some(mut line) = taken.next() {
        let body = line.text.trim_end_matches(' ');
        let next_mark = taken.peek().and_then(|next| next.text.chars().next());
        let breaks = [ascii, unicode].into_iter().find(|mark| body.ends_with(*mark) && next_mark == Some(*mark));
        let starts = open.filter(|mark| line.text.starts_with(*mark));
        let mut text = match breaks {
            Some(mark) => body.strip_suffix(mark).unwrap_or(body).to_owned(),
            None => line.text.clone(),
        };
        if let Some(mark) = starts {
            text = text.strip_prefix(mark).unwrap_or("").to_owned();
        }
        if breaks.is_none() {
            let end = text.trim_end();
            // `+` and `↵` say that the row goes on in the next line.
            if let Some(inner) = end.strip_suffix(['+', '↵']) {
                text = inner.trim_end().to_owned();
            } else {
                text.truncate(end.len());
            }
            if let Some(inner) = text.strip_prefix(':').filter(|inner| inner.starts_with(' ')) {
                // The old style marks the line that goes on.
                text = format!(" {inner}");
            }
        }
        match joined.last_mut().filter(|_| starts.is_some()) {
            Some(last) => last.text += &text,
            None => {
                line.text = text;
                joined.push(line);
            }
        }
        open = breaks;
    }
    *lines = joined;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = lines(text, 0);
        let texts: Vec<&str> = found.iter().map(|line| line.text.as_str()).filter(|text| !text.is_empty()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn frames_go_away() {
        check(
            "   QUERY PLAN\n----------\n Limit\n   ->  Result\n(2 rows)\n\nTime: 1.2 ms\n",
            &[" Limit", "   ->  Result"],
        );
        check("+------------+\n| QUERY PLAN |\n+------------+\n| Limit      |\n+------------+\n", &[" Limit"]);
        check("┌────────────┐\n│ QUERY PLAN │\n├────────────┤\n│ Limit      │\n└────────────┘\n", &[" Limit"]);
        check("QUERY PLAN|\n----------+\nLimit     |\n  ->  Sort|\n", &["Limit", "  ->  Sort"]);
    }

    #[test]
    fn rows_in_quotes() {
        check("\"QUERY PLAN\"\n\"Limit\"\n\"  Filter: (\"\"A\"\" = 1)\"\n", &["Limit", "  Filter: (\"A\" = 1)"]);
        check("QUERY PLAN\n\"[\n  {\"\"Plan\"\": 1}\n]\"\n", &["[", "  {\"Plan\": 1}", "]"]);
    }

    #[test]
    fn broken_lines_are_joined() {
        check(" Seq Scan on or.\n.ders           \n", &[" Seq Scan on orders"]);
        check("│ Seq Scan on or…│\n│…ders           │\n", &[" Seq Scan on orders"]);
        check(" [         +\n   {}      +\n ]\n", &[" [", "   {}", " ]"]);
        check(" [         ↵\n   {}      ↵\n ]\n", &[" [", "   {}", " ]"]);
    }

    #[test]
    fn colours_go_away() {
        check("\u{1b}[1;32mLimit\u{1b}[0m  (cost=1)\n", &["Limit  (cost=1)"]);
    }
}
