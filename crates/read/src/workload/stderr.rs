//! The log of PostgreSQL as lines, behind any `log_line_prefix`.
//!
//! A log does not say what its prefix holds, so the session is found by how it looks: the session id of `%c`, else a
//! number in square brackets, else a number behind `pid=` or alone.

use std::io::{self, BufRead};

use super::gather::Gather;
use super::lines::Lines;
use super::message::{Entry, Severity};

/// Reads the whole log.
pub(super) fn read(reader: impl BufRead, most: usize, gather: &mut Gather) -> io::Result<()> {
    let mut lines = Lines::new(reader, most);
    let mut log = Log { entry: Entry::default(), part: Part::None, most, junk: 0, told: false };
    while lines.next()? {
        log.line(lines.line(), lines.number, lines.cut, gather);
    }
    log.end(gather);
    Ok(())
}

/// Which part of an entry the lines that follow belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    None,
    Message,
    Detail,
    Statement,
    /// HINT, CONTEXT, …
    Other,
}

struct Log {
    entry: Entry,
    part: Part,
    most: usize,
    /// Lines of nothing, one after the other.
    junk: u64,
    /// The entry is too long, and that was said.
    told: bool,
}

impl Log {
    fn line(&mut self, line: &str, number: u64, cut: bool, gather: &mut Gather) {
        let (line, continues) = match line.strip_prefix('\t') {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let mark = if continues { None } else { mark(line) };
        let Some(Mark { prefix, word, text }) = mark else {
            return self.more(line, number, continues, cut, gather);
        };
        self.junk = 0;
        let part = match word {
            "DETAIL" => Some(Part::Detail),
            "STATEMENT" => Some(Part::Statement),
            "HINT" | "CONTEXT" | "QUERY" | "LOCATION" | "BACKTRACE" => Some(Part::Other),
            _ => None,
        };
        match part {
            // It belongs to the message before it. That of another session comes only where lines are mixed up.
            Some(part) => {
                self.part = if self.part == Part::None { Part::None } else { part };
                self.push(text, number, cut, gather);
            }
            None => {
                self.end(gather);
                session(prefix, &mut self.entry.session);
                self.entry.at = time(prefix);
                self.entry.line = number;
                self.entry.severity = Severity::of(word).unwrap_or_default();
                self.part = Part::Message;
                self.push(text, number, cut, gather);
            }
        }
    }

    /// A line that begins no entry is more of the one before: behind a tab, or where a collector took the tab away.
    fn more(&mut self, line: &str, number: u64, continues: bool, cut: bool, gather: &mut Gather) {
        // syslog writes the tab as its number.
        let line = match line.find("#011") {
            Some(at) if line[..at].ends_with("] ") || line[..at].ends_with("]: ") => &line[at + 4..],
            _ => line,
        };
        if self.part == Part::None {
            // The head of a file that was cut, or no log at all.
            if self.junk == 0 && !line.trim().is_empty() && !continues {
                gather.problem(number, "no line of a PostgreSQL log: nothing says how serious it is");
            }
            self.junk += 1;
            return;
        }
        if let Some(text) = self.text() {
            text.push('\n');
        }
        self.push(line, number, cut, gather);
    }

    fn text(&mut self) -> Option<&mut String> {
        match self.part {
            Part::Message => Some(&mut self.entry.message),
            Part::Detail => Some(&mut self.entry.detail),
            Part::Statement => Some(&mut self.entry.statement),
            Part::None | Part::Other => None,
        }
    }

    fn push(&mut self, line: &str, number: u64, cut: bool, gather: &mut Gather) {
        let most = self.most;
        let Some(text) = self.text() else { return };
        let room = text.len() + line.len() <= most;
        if room {
            text.push_str(line);
        }
        if (cut || !room) && !self.told {
            self.told = true;
            // Half a statement would be another one.
            self.entry.severity = Severity::Other;
            gather.problem(number, format!("an entry of more than {} MB is left out", most >> 20));
        }
    }

    fn end(&mut self, gather: &mut Gather) {
        if self.part != Part::None {
            self.entry.tell(gather);
        }
        self.entry.clear();
        (self.part, self.told) = (Part::None, false);
    }
}

/// The word that ends the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    pub(super) prefix: &'a str,
    pub(super) word: &'a str,
    pub(super) text: &'a str,
}

/// How long a prefix is at most.
const PREFIX: usize = 512;

/// `2026-11-21 10:00:00 UTC [12] LOG:  duration: …`
pub(super) fn mark(line: &str) -> Option<Mark<'_>> {
    const WORDS: [&str; 20] = [
        "LOG",
        "DETAIL",
        "STATEMENT",
        "ERROR",
        "WARNING",
        "NOTICE",
        "INFO",
        "FATAL",
        "PANIC",
        "HINT",
        "CONTEXT",
        "QUERY",
        "LOCATION",
        "BACKTRACE",
        "DEBUG",
        "DEBUG1",
        "DEBUG2",
        "DEBUG3",
        "DEBUG4",
        "DEBUG5",
    ];
    let bytes = line.as_bytes();
    let mut from = 0;
    while let Some(colon) = bytes[from..].iter().take(PREFIX).position(|byte| *byte == b':').map(|at| from + at) {
        from = colon + 1;
        if from > PREFIX {
            break;
        }
        // Empty messages lose their spaces on the way.
        if !(bytes[from..].starts_with(b"  ") || from == bytes.len()) {
            continue;
        }
        let start = bytes[..colon].iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let word = &line[start..colon];
        if WORDS.contains(&word) {
            let text = line[from..].strip_prefix("  ").unwrap_or("");
            return Some(Mark { prefix: &line[..start], word, text });
        }
    }
    None
}

/// What tells one session from another, as the prefix writes it.
fn session(prefix: &str, out: &mut String) {
    out.clear();
    let bytes = prefix.as_bytes();
    let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    // `67400a1b.3f2`: when the session began, and its process.
    for dot in (1..bytes.len()).filter(|at| bytes[*at] == b'.') {
        let left = bytes[..dot].iter().rev().take_while(|byte| is_hex(byte)).count();
        let right = bytes[dot + 1..].iter().take_while(|byte| is_hex(byte)).count();
        let (start, end) = (dot - left, dot + 1 + right);
        let alone = |at: Option<&u8>| at.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.');
        let apart = alone(bytes.get(end)) && alone(start.checked_sub(1).and_then(|at| bytes.get(at)));
        if left == 8 && (1..=8).contains(&right) && apart {
            return out.push_str(&prefix[start..end]);
        }
    }
    let number = |start: usize| bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    for bracket in (0..bytes.len()).filter(|at| bytes[*at] == b'[') {
        let digits = number(bracket + 1);
        if (1..=10).contains(&digits) && matches!(bytes.get(bracket + 1 + digits), Some(b']' | b'-' | b':')) {
            return out.push_str(&prefix[bracket + 1..bracket + 1 + digits]);
        }
    }
    for name in ["pid=", "p=", "pid:", "pid "] {
        if let Some(at) = prefix.find(name) {
            let start = at + name.len();
            let digits = number(start);
            if digits > 0 {
                return out.push_str(&prefix[start..start + digits]);
            }
        }
    }
    // A number between spaces; that of a time has other signs beside it.
    let mut words = prefix.split([' ', ',', ';', '|']);
    if let Some(word) =
        words.find(|word| (1..=7).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit()))
    {
        out.push_str(word);
    }
}

/// The time of `%m`, `%t` or `%n`, in milliseconds of a calendar without zones.
pub(super) fn time(prefix: &str) -> Option<i64> {
    let bytes = prefix.as_bytes();
    let two = |at: usize| -> Option<i64> {
        let (tens, ones) = (*bytes.get(at)?, *bytes.get(at + 1)?);
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let is = |at: usize, signs: &[u8]| bytes.get(at).is_some_and(|byte| signs.contains(byte));
    let date = (0..bytes.len().saturating_sub(18)).find(|at| {
        is(at + 4, b"-") && is(at + 7, b"-") && is(at + 10, b" T") && is(at + 13, b":") && is(at + 16, b":")
    });
    if let Some(at) = date {
        let (year, month, day) = (two(at)? * 100 + two(at + 2)?, two(at + 5)?, two(at + 8)?);
        let seconds = (two(at + 11)? * 60 + two(at + 14)?) * 60 + two(at + 17)?;
        let millis = if is(at + 19, b".,") { two(at + 20)? * 10 + two(at + 21)? % 10 } else { 0 };
        return Some((days(year, month, day) * 86_400 + seconds) * 1000 + millis);
    }
    let dot = prefix.find('.')?;
    let start = dot.checked_sub(10)?;
    let (seconds, millis) = (prefix.get(start..dot)?, prefix.get(dot + 1..dot + 4)?);
    Some(seconds.parse::<i64>().ok()? * 1000 + millis.parse::<i64>().ok()?)
}

/// Days since some day, of the calendar that is in use.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_behind_any_prefix() {
        for (prefix, expected) in [
            ("2026-11-21 10:00:00.123 UTC [4711] ", "4711"),
            ("2026-11-21 10:00:00 UTC:10.0.0.1(5432):shop@db:[4711]:", "4711"),
            ("2026-11-21 10:00:00 UTC [4711-7] shop@db ", "4711"),
            ("t=2026-11-21 10:00:00 p=4711 l=7 u=shop ", "4711"),
            ("6740a1b2.1f3 shop ", "6740a1b2.1f3"),
            ("1700000000.123 4711 shop ", "4711"),
            ("Nov 21 10:00:00 host postgres[4711]: [5-1] ", "4711"),
            ("2026-11-21 10:00:00 UTC ", ""),
            ("", ""),
        ] {
            let mut found = "old".to_owned();
            session(prefix, &mut found);
            assert_eq!(found, expected, "{prefix}");
        }
    }

    #[test]
    fn times_have_differences() {
        let ms = |prefix| time(prefix).expect("it has a time");
        assert_eq!(ms("2026-03-01 00:00:00.250 UTC") - ms("2026-02-28 23:59:59 UTC"), 1250);
        assert_eq!(ms("[1700000001.000]") - ms("[1700000000.500]"), 500);
        assert_eq!(time("[4711] shop@db "), None);
    }

    #[test]
    fn the_mark_ends_the_prefix() {
        let found = mark("x: y@z LOG:  duration: 1 ms  statement: SELECT 'ERROR:  '").expect("it is there");
        assert_eq!((found.prefix, found.word), ("x: y@z ", "LOG"));
        assert_eq!(mark("SELECT a LOGS: b"), None);
    }
}
