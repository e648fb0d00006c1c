//! What auto_explain writes to a log: `duration: 12.3 ms  plan:` and the plan, in a log of lines, of CSV or of JSON.

use super::json;
use super::paste::{self, Line, Spots};
use super::tree::Value;

/// A plan in a log.
pub(super) struct Entry {
    pub(super) lines: Vec<Line>,
    pub(super) duration_ms: Option<f64>,
}

const MARK: &str = "duration: ";

/// Every plan of a log; none when the text is no log.
pub(super) fn entries(text: &str, spots: &Spots) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(mark) = text[at..].find(MARK).map(|offset| at + offset) {
        let rest = &text[mark + MARK.len()..];
        at = mark + MARK.len();
        let line_end = rest.find('\n').unwrap_or(rest.len());
        let Some((number, behind)) = rest[..line_end].split_once(" ms") else { continue };
        let Some(plan) = behind.trim_start().strip_prefix("plan:") else { continue };
        let Ok(duration) = number.parse::<f64>() else { continue };
        let line_start = text[..mark].rfind('\n').map_or(0, |newline| newline + 1);
        let before = &text[line_start..mark];
        let body = mark + MARK.len() + (line_end - plan.len());
        let (lines, end) = if before.ends_with(": \"") || before.ends_with(":\"") {
            of_json(text, mark - 1, spots)
        } else if before.ends_with('"') {
            of_csv(text, body)
        } else {
            of_lines(text, body)
        };
        at = end.max(at);
        found.push(Entry { lines, duration_ms: Some(duration) });
    }
    found
}

/// A string of JSON: the whole message stands at the place of its line.
fn of_json(text: &str, quote: usize, spots: &Spots) -> (Vec<Line>, usize) {
    let parsed = json::parse(text, quote, spots);
    let Value::Text(message) = parsed.value else { return (Vec::new(), parsed.end) };
    let body = message.split_once("plan:").map_or("", |(_, body)| body);
    let mut lines = paste::lines(body, 0);
    for line in &mut lines {
        (line.start, line.end) = (quote + 1, parsed.end.saturating_sub(1).max(quote + 1));
    }
    (lines, parsed.end)
}

/// A field in quotes, those inside it doubled.
fn of_csv(text: &str, body: usize) -> (Vec<Line>, usize) {
    let bytes = text.as_bytes();
    let mut end = body;
    while end < bytes.len() {
        if bytes[end] == b'"' {
            if bytes.get(end + 1) != Some(&b'"') {
                break;
            }
            end += 1;
        }
        end += 1;
    }
    let end = end.min(text.len());
    let mut lines = plain(&text[body..end], body);
    lines.iter_mut().for_each(|line| line.text = line.text.replace("\"\"", "\""));
    (lines, end)
}

/// Lines behind a tab; where collectors took the tab away, up to the next entry of the log.
fn of_lines(text: &str, body: usize) -> (Vec<Line>, usize) {
    let mut end = body;
    for line in text[body..].split_inclusive('\n') {
        let is_next = end > body && !line.starts_with(['\t', ' ']) && is_entry(line);
        if is_next {
            break;
        }
        end += line.len();
    }
    (plain(&text[body..end], body), end)
}

/// `2026-11-21 10:00:00 UTC [12] LOG:  …`
fn is_entry(line: &str) -> bool {
    const LEVELS: [&str; 10] = [
        "LOG:  ",
        "ERROR:  ",
        "WARNING:  ",
        "NOTICE:  ",
        "DETAIL:  ",
        "HINT:  ",
        "STATEMENT:  ",
        "CONTEXT:  ",
        "FATAL:  ",
        "INFO:  ",
    ];
    LEVELS.iter().any(|level| line.contains(level))
}

fn plain(text: &str, offset: usize) -> Vec<Line> {
    let mut lines = paste::lines(text, offset);
    for line in &mut lines {
        if let Some(inner) = line.text.strip_prefix('\t') {
            line.start += 1;
            line.text = inner.to_owned();
        }
    }
    lines
}
