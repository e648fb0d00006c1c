//! Lines that were broken on their way: a line of EXPLAIN has as many opening parentheses and quotes as closing ones.

use super::head;
use crate::queryplan::paste::Line;

/// How many lines one may have been broken into; a filter may hold a text with line breaks of its own.
const MOST: usize = 60;

pub(super) fn rejoin(lines: &[Line]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    let mut at = 0;
    let mut query = false;
    while let Some(line) = lines.get(at) {
        at += 1;
        let text = line.text.trim_start();
        // A query is what it is; no line of it is one of the plan.
        query = (query || text.starts_with("Query Text:")) && head::head(text.trim_end()).is_none();
        if query || text.is_empty() {
            out.push(line.clone());
            continue;
        }
        if let Some(last) = out.last_mut().filter(|last| goes_on(&last.text, text)) {
            last.text.push(' ');
            last.text += text;
            continue;
        }
        let mut whole = line.clone();
        let mut balance = Balance::default();
        balance.read(&line.text);
        let mut taken = 0;
        while !balance.is_even() && taken < MOST {
            let Some(next) = lines.get(at + taken).filter(|next| !next.text.trim().is_empty()) else { break };
            // Inside a string the line break is a part of it.
            whole.text.push(if balance.quote.is_some() { '\n' } else { ' ' });
            let part = if balance.quote.is_some() { next.text.as_str() } else { next.text.trim_start() };
            whole.text += part;
            balance.read(part);
            taken += 1;
        }
        if taken > 0 && balance.is_even() {
            at += taken;
            out.push(whole);
        } else {
            out.push(line.clone());
        }
    }
    out
}

/// Numbers without their node, and an arrow that lost it.
fn goes_on(last: &str, text: &str) -> bool {
    let last = last.trim();
    if last.is_empty() {
        return false;
    }
    let numbers = text.starts_with("(cost=") || text.starts_with("(actual ") || text.starts_with("(never executed)");
    let cut = last == "->"
        || (last.starts_with("->") && [" on", " using", "Scan", "Join"].iter().any(|word| last.ends_with(word)));
    numbers
        || (cut && !text.starts_with("->") && !text.contains(": ") && head::side_plan(text).is_none())
        || (last.ends_with(',') && last.contains(": ") && !text.starts_with("->") && !text.contains(": "))
}

/// What is open at the end of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Balance {
    depth: i32,
    quote: Option<char>,
}

impl Balance {
    fn read(&mut self, text: &str) {
        for letter in text.chars() {
            match (self.quote, letter) {
                (Some(quote), _) if quote == letter => self.quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => self.quote = Some(letter),
                (None, '(') => self.depth += 1,
                (None, ')') => self.depth -= 1,
                (None, _) => {}
            }
        }
    }

    fn is_even(self) -> bool {
        self.depth <= 0 && self.quote.is_none()
    }
}
