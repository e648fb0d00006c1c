//! From a section of a file to a script that can be run, and what all scripts of a file leave behind.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use model::FileId;
use model::place::Sources;
use model::reading::Suppression;

use crate::layout::Section;
use crate::session::{Ran, Script};
use crate::{sql::postgres, suppress};

/// Where the statements of each file stand.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    statements: BTreeMap<FileId, Vec<Range<usize>>>,
}

impl Scripts {
    /// Runs the section's text, with everything that is not SQL blanked.
    pub(super) fn run(&mut self, sources: &Sources, section: &Section, run: impl FnOnce(Script) -> Ran) -> Ran {
        let (text, offset) = text_of(&sources.file(section.file).text, &section.ranges);
        let prepared = postgres::prepare(&text);
        let script = Script { file: section.file, offset, source: &prepared, wrap: section.wrap };
        let mut ran = run(script);
        self.statements.entry(section.file).or_default().append(&mut ran.statements);
        ran
    }

    /// The comments that silence rules, in every file that was run.
    pub(super) fn suppressions(self, sources: &Sources) -> Vec<Suppression> {
        let mut found = Vec::new();
        for (file, mut statements) in self.statements {
            statements.sort_by_key(|range| range.start);
            found.extend(suppress::suppressions(file, &sources.file(file).text, &statements));
        }
        found
    }
}

/// The text of the ranges and where it starts. What lies between several of them becomes blank.
fn text_of<'a>(text: &'a str, ranges: &[Range<usize>]) -> (Cow<'a, str>, usize) {
    let [first, rest @ ..] = ranges else { return (Cow::Borrowed(""), 0) };
    let mut out = Cow::Borrowed(&text[first.clone()]);
    for range in rest {
        let out = out.to_mut();
        let gap = first.start + out.len()..range.start;
        out.extend(text.as_bytes()[gap].iter().map(|byte| if *byte == b'\n' { '\n' } else { ' ' }));
        out.push_str(&text[range.clone()]);
    }
    (out, first.start)
}
