//! `fix`: does what findings say would mend them, in memory and as often as needed, and says which files become what.
//!
//! An edit is made at its place. Changes of the schema are made in the text where that is simple, else as statements:
//! below a schema, or as a new migration behind a history. A migration that may have run somewhere is not rewritten.

mod changes;
mod diff;
mod document;
mod edits;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use model::{Finding, Reading};
use read::Input;
use report::{Report, RuleInfo};

use crate::Failure;
use crate::check::{Checked, Plan};
use crate::files::{self, absolute};
use crate::sources::Source;
pub(crate) use document::Document;

/// Which fixes to make.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub unsafe_fixes: bool,
    /// The files that the user named: they may be rewritten even where they are migrations.
    pub named: BTreeSet<String>,
}

/// What came of it; nothing was written yet.
#[derive(Debug)]
pub struct Fixed {
    /// What is left to say.
    pub checked: Checked,
    /// The findings that are gone.
    pub fixed: usize,
    /// The findings whose fix was wanted and could not be made.
    pub held: usize,
    pub changed: Vec<Changed>,
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub path: String,
    /// Nothing for a new file.
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

/// All texts of a run, by path, in the order in which they were found.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    pub(crate) order: Vec<String>,
    pub(crate) by_path: BTreeMap<String, Document>,
}

/// A fix can make way for another one: an index that is built concurrently must leave its transaction.
const PASSES: usize = 10;

/// Makes the fixes in memory.
pub fn fix(plan: &Plan, sources: &[Source], wanted: &Wanted, rules: &[RuleInfo]) -> Result<Fixed, Failure> {
    let mut plan = plan.clone();
    let mut documents = Documents::load(&plan.folder, sources)?;
    let mut checked = plan.check(documents.inputs(), rules);
    let before = prints(&plan, &checked, rules);
    let mut done = BTreeSet::new();
    for _ in 0..PASSES {
        let prints = prints(&plan, &checked, rules);
        let open: Vec<(&Finding, &String)> = checked
            .findings
            .iter()
            .zip(&prints)
            .filter(|(finding, print)| is_wanted(finding, wanted) && !done.contains(*print))
            .collect();
        let scope = Scope { plan: &plan, wanted, reading: &checked.reading };
        let findings: Vec<&Finding> = open.iter().map(|(finding, _)| *finding).collect();
        let mut made = edits::make(&findings, &scope, &mut documents);
        if made.is_empty() {
            made = changes::make(&findings, &scope, &mut documents);
        }
        if made.is_empty() {
            break;
        }
        done.extend(made.into_iter().map(|index| open[index].1.clone()));
        if let Some(since) = &mut plan.since {
            let new = documents.by_path.iter().filter(|(_, document)| document.before.is_none());
            new.for_each(|(path, _)| since.add(absolute(&plan.folder, Path::new(path))));
        }
        checked = plan.check(documents.inputs(), rules);
    }
    let after: BTreeSet<String> = prints(&plan, &checked, rules).into_iter().collect();
    let fixed = before.iter().filter(|print| !after.contains(*print)).count();
    let held = checked.findings.iter().filter(|finding| is_wanted(finding, wanted)).count();
    Ok(Fixed { checked, fixed, held, changed: documents.changed() })
}

/// Writes the files that change.
pub fn write(folder: &Path, changed: &[Changed]) -> Result<(), Failure> {
    for file in changed {
        files::write(&folder.join(&file.path), &file.after)
            .map_err(|cause| Failure::new(format!("{} cannot be written: {cause}", file.path)))?;
    }
    Ok(())
}

/// What would change, as a unified diff.
pub fn diff(changed: &[Changed]) -> String {
    changed.iter().map(diff::unified).collect()
}

/// What decides where a fix may be written.
pub(crate) struct Scope<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) wanted: &'a Wanted,
    pub(crate) reading: &'a Reading,
}

impl Scope<'_> {
    /// The user said that this file is still being written.
    pub(crate) fn is_open(&self, path: &str) -> bool {
        let since = self.plan.since.as_ref();
        self.wanted.named.contains(path)
            || since.is_some_and(|since| since.contains(&absolute(&self.plan.folder, Path::new(path))))
    }
}

fn is_wanted(finding: &Finding, wanted: &Wanted) -> bool {
    finding.fix.as_ref().is_some_and(|fix| fix.is_of_files() && (fix.safe || wanted.unsafe_fixes))
}

fn prints(plan: &Plan, checked: &Checked, rules: &[RuleInfo]) -> Vec<String> {
    let from_root = plan.from_root(&checked.reading);
    let report = Report { reading: &checked.reading, findings: &checked.findings, rules, from_root: &from_root };
    report::fingerprints(&report)
}

impl Documents {
    fn load(folder: &Path, sources: &[Source]) -> Result<Documents, Failure> {
        let mut by_path = BTreeMap::new();
        for source in sources {
            let bytes = match source {
                Source::Text { bytes, .. } => bytes.clone(),
                Source::File { path, named } => match std::fs::read(folder.join(path)) {
                    Err(_) if !named => continue,
                    read => read.map_err(|cause| Failure::new(format!("{path} cannot be read: {cause}")))?,
                },
            };
            by_path.insert(source.path().to_owned(), Document::old(bytes));
        }
        let order = sources.iter().map(|source| source.path().to_owned());
        Ok(Documents { order: order.filter(|path| by_path.contains_key(path)).collect(), by_path })
    }

    /// The texts as they are now.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let input = |path: &String| {
            let bytes = &self.by_path[path].after;
            read::load::load(path, Cursor::new(&bytes[..])).expect("reading from memory cannot fail")
        };
        self.order.iter().map(input).collect()
    }

    pub(crate) fn add(&mut self, path: String, text: String) {
        self.order.push(path.clone());
        self.by_path.insert(path, Document::new(text));
    }

    fn changed(self) -> Vec<Changed> {
        let changed =
            self.by_path.into_iter().filter(|(_, document)| document.before.as_ref() != Some(&document.after));
        changed
            .map(|(path, document)| Changed {
                path,
                before: document.before.map(Arc::unwrap_or_clone),
                after: Arc::unwrap_or_clone(document.after),
            })
            .collect()
    }
}
