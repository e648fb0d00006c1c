//! Liquibase formatted SQL: `--changeset author:id attribute:value`, with the undo in `--rollback` comments.
//!
//! The order of files is the order of their names: the change log that may say otherwise is not SQL.

use std::ops::Range;

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::marks::comment;
use crate::layout::version::natural;
use crate::layout::{Entry, Folder, Section, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    folder.entries.iter().find(|entry| is_formatted(entry.text))?;
    history(Layout::Liquibase, folder, |entry| if is_formatted(entry.text) { changesets(entry) } else { Vec::new() })
}

fn is_formatted(text: &str) -> bool {
    let first = text.trim_start_matches('\u{feff}').lines().find(|line| !line.trim().is_empty());
    first.and_then(|line| comment(line.trim())).is_some_and(|words| words.starts_with("liquibase formatted sql"))
}

fn changesets(entry: &Entry) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // What stands before the first changeset belongs to none.
    let mut current: Option<Changeset> = None;
    let mut in_block = false;
    let mut offset = 0;
    for line in entry.text.split_inclusive('\n') {
        let range = offset..offset + line.len();
        offset = range.end;
        let trimmed = line.trim();
        if let Some(header) = directive(trimmed, "changeset") {
            parts.extend(current.take().and_then(|changeset| changeset.part(entry, parts.len())));
            current = Some(Changeset::new(header));
            continue;
        }
        let Some(changeset) = &mut current else { continue };
        if in_block {
            let end = line.find("*/");
            changeset.down.push(range.start..range.start + end.unwrap_or(line.len()));
            in_block = end.is_none();
        } else if let Some(sql) = directive(trimmed, "rollback") {
            if !is_no_sql(sql) {
                let start = range.start + line.find(sql).unwrap_or(0);
                changeset.down.push(start..range.end);
            }
        } else if opens_rollback(trimmed) {
            in_block = !trimmed.contains("*/");
        } else {
            changeset.keep(range);
        }
    }
    parts.extend(current.and_then(|changeset| changeset.part(entry, parts.len())));
    parts
}

struct Changeset {
    name: String,
    wrap: Wrap,
    /// It is for another database.
    foreign: bool,
    up: Vec<Range<usize>>,
    down: Vec<Range<usize>>,
}

impl Changeset {
    fn new(header: &str) -> Changeset {
        let name = header.split_ascii_whitespace().next().unwrap_or(header).to_owned();
        let attribute = |name: &str| {
            let at = header.to_ascii_lowercase().find(&format!("{name}:"))? + name.len() + 1;
            Some(header[at..].trim_matches('"').split([' ', '\t', '"']).next().unwrap_or("").to_ascii_lowercase())
        };
        let wrap = match attribute("runintransaction").as_deref() {
            Some("false") => Wrap::Never,
            _ => Wrap::Always,
        };
        let foreign = attribute("dbms").is_some_and(|names| !names.contains("postgres") && !names.contains("all"));
        Changeset { name, wrap, foreign, up: Vec::new(), down: Vec::new() }
    }

    /// Neighbouring lines are one range.
    fn keep(&mut self, line: Range<usize>) {
        match self.up.last_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            _ => self.up.push(line),
        }
    }

    fn part(self, entry: &Entry, position: usize) -> Option<Part> {
        let section = |ranges: Vec<Range<usize>>| {
            (!ranges.is_empty()).then_some(Section { file: entry.id, ranges, wrap: self.wrap })
        };
        // Two changesets of one file keep the order in which they stand.
        let order = Order(0, natural(entry.name), format!("{position:08}"));
        let (up, down) = (section(self.up), section(self.down));
        (!self.foreign).then_some(Part { order, name: self.name, up, down })
    }
}

/// What follows `--<word>` in a comment line.
fn directive<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("--")?.trim_start();
    let (start, rest) = rest.split_at_checked(word.len())?;
    let after = rest.starts_with(|letter: char| letter.is_whitespace() || letter == ':') || rest.is_empty();
    (start.eq_ignore_ascii_case(word) && after).then(|| rest.trim_start_matches(':').trim())
}

/// `/* liquibase rollback`: the lines up to the end of the comment are the undo.
fn opens_rollback(line: &str) -> bool {
    let words = line.strip_prefix("/*").map(|words| words.trim_start().to_ascii_lowercase());
    words.is_some_and(|words| words.starts_with("liquibase rollback"))
}

/// `--rollback empty`, `not required`, or a reference to another changeset.
fn is_no_sql(rollback: &str) -> bool {
    let words = rollback.to_ascii_lowercase();
    words.is_empty() || words == "empty" || words.starts_with("not required") || words.starts_with("changeset")
}
