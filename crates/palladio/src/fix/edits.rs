//! Edits of the text, made at their places. A fix is made whole or, where it meets another one, in the next pass.

use std::collections::BTreeMap;

use model::{Edit, FileId, Finding};

use super::document::{Lines, Splice};
use super::{Documents, Scope};
use crate::history::History;

/// Makes what can be made at once; which findings that was.
pub(super) fn make(findings: &[&Finding], scope: &Scope<'_>, documents: &mut Documents) -> Vec<usize> {
    let mut taken: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    let mut made = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) else { continue };
        if fix.edits.iter().all(|edit| may_edit(edit, scope)) && fits(&fix.edits, &taken) {
            for edit in &fix.edits {
                let edits = taken.entry(edit.place.file).or_default();
                if let Err(at) = edits.binary_search(edit) {
                    edits.insert(at, edit.clone());
                }
            }
            made.push(index);
        }
    }
    let mut failed: Vec<FileId> = Vec::new();
    for (file, edits) in &taken {
        if splice(*file, edits, scope, documents).is_none() {
            failed.push(*file);
        }
    }
    let in_failed =
        |finding: &Finding| finding.fix.iter().flat_map(|fix| &fix.edits).any(|edit| failed.contains(&edit.place.file));
    made.retain(|index| !in_failed(findings[*index]));
    made
}

/// Not in a migration that may have run somewhere: only in the last one, or where the user said so.
fn may_edit(edit: &Edit, scope: &Scope<'_>) -> bool {
    let path = &*scope.reading.sources.file(edit.place.file).path;
    match History::of(path, scope.reading) {
        None => true,
        Some(history) => history.last == path || scope.is_open(path),
    }
}

/// Nothing of it overlaps what is taken; the same edit, wanted twice, is one.
fn fits(edits: &[Edit], taken: &BTreeMap<FileId, Vec<Edit>>) -> bool {
    edits.iter().all(|edit| {
        let Some(others) = taken.get(&edit.place.file) else { return true };
        let at = others.partition_point(|other| other < edit);
        let beside = others[at.saturating_sub(1)..].iter().take(3);
        beside.into_iter().all(|other| other == edit || apart(edit, other))
    })
}

fn apart(left: &Edit, right: &Edit) -> bool {
    let (left, right) = (left.place, right.place);
    let same_point = left.start == right.start && (left.start == left.end || right.start == right.end);
    !same_point && (left.end <= right.start || right.end <= left.start)
}

pub(super) fn splice(file: FileId, edits: &[Edit], scope: &Scope<'_>, documents: &mut Documents) -> Option<()> {
    let source = scope.reading.sources.file(file);
    let document = documents.by_path.get_mut(&*source.path)?;
    let lines = Lines::of(&document.after);
    let splices: Option<Vec<Splice>> = edits
        .iter()
        .map(|edit| {
            let range = lines.range(source, edit.place.start, edit.place.end)?;
            Some(Splice { start: range.start, end: range.end, text: edit.text.clone() })
        })
        .collect();
    document.splice(&splices?);
    Some(())
}
