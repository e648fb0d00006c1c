//! From a section of a file to a script that can be run, and what all scripts of a file leave behind.

use std::collections::BTreeMap;
use std::ops::Range;

use model::FileId;
use model::place::Sources;
use model::reading::{Former, Suppression};

use crate::ahead::{Ahead, Ready};
use crate::layout::Section;
use crate::session::{Ran, Script};
use crate::{former, suppress};

/// Where the statements of each file stand.
pub(super) struct Scripts<'a, 't> {
    ahead: &'a Ahead<'t>,
    statements: BTreeMap<FileId, Vec<Range<usize>>>,
}

impl<'a, 't> Scripts<'a, 't> {
    pub(super) fn new(ahead: &'a Ahead<'t>) -> Scripts<'a, 't> {
        Scripts { ahead, statements: BTreeMap::new() }
    }

    /// Runs the section's text, with everything that is not SQL blanked.
    pub(super) fn run(&mut self, section: &Section, run: impl FnOnce(Script) -> Ran) -> Ran {
        let Ready { prepared, offset, pieces, is_known } = self.ahead.take(section);
        let next_early = || if is_known { self.ahead.next_early() } else { None };
        let Section { file, wrap, .. } = *section;
        let script = Script { file, offset, source: &prepared, wrap, pieces: &pieces, next_early: &next_early };
        let mut ran = run(script);
        self.statements.entry(section.file).or_default().append(&mut ran.statements);
        ran
    }

    /// The comments that silence rules and those that tell old names, in every file that was run.
    pub(super) fn comments(self, sources: &Sources) -> (Vec<Suppression>, Vec<Former>) {
        let (mut suppressions, mut formers) = (Vec::new(), Vec::new());
        for (file, mut statements) in self.statements {
            statements.sort_by_key(|range| range.start);
            let text = &sources.file(file).text;
            suppressions.extend(suppress::suppressions(file, text, &statements));
            formers.extend(former::formers(file, text, &statements));
        }
        (suppressions, formers)
    }
}
