//! `fix` keeps its word: what could be fixed is gone, nothing new is there, and a second run has nothing to do.

use std::collections::BTreeMap;

use model::Finding;
use palladio::check::Checked;

use crate::examples;
use crate::project::{File, check, fix, folder};

/// How often each rule finds the same thing. Numbers count something and may change.
fn said<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> BTreeMap<(&'static str, String), usize> {
    let mut said = BTreeMap::new();
    for finding in findings {
        let message = finding.message.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        *said.entry((finding.name, message)).or_insert(0) += 1;
    }
    said
}

fn promised(checked: &Checked, unsafe_fixes: bool) -> usize {
    let can =
        |finding: &&Finding| finding.fix.as_ref().is_some_and(|fix| (fix.safe || unsafe_fixes) && fix.is_of_files());
    checked.findings.iter().filter(can).count()
}

/// Where `fix` breaks its word.
fn broken(files: &[File], unsafe_fixes: bool) -> Vec<String> {
    let before = check(files);
    let (after, fixed) = fix(files, unsafe_fixes);
    let checked = check(&after);
    let mut broken = Vec::new();
    if said(&fixed.checked.findings) != said(&checked.findings) {
        broken.push("it reports other findings than the files have".to_owned());
    }
    let known = said(&before.findings);
    // Whoever asks for unsafe fixes is told what the new migration does to a database in use.
    let path = |finding: &&Finding| {
        finding.place.map_or("", |place| &*checked.reading.sources.file(place.file).path).to_owned()
    };
    let is_told =
        |finding: &&Finding| unsafe_fixes && finding.rule.starts_with('M') && path(finding).contains("palladio_fixes");
    for (finding, count) in said(checked.findings.iter().filter(|finding| !is_told(finding))) {
        if count > known.get(&finding).copied().unwrap_or(0) {
            broken.push(format!("new: {} {}", finding.0, finding.1));
        }
    }
    let left = promised(&checked, unsafe_fixes);
    if left != fixed.held {
        broken.push(format!("{left} fixes are left, and it says {}", fixed.held));
    }
    for problem in &checked.reading.problems {
        if !before.reading.problems.iter().any(|known| known.message == problem.message) {
            broken.push(format!("problem: {}", problem.message));
        }
    }
    let (again, _) = fix(&after, unsafe_fixes);
    if again != after {
        broken.push("a second run goes on".to_owned());
    }
    if !broken.is_empty() {
        let text = |(path, text): &File| format!("-- {path}\n{text}");
        broken.push(after.iter().map(text).collect());
    }
    broken
}

#[test]
fn the_shop_is_fixed_for_good() {
    for unsafe_fixes in [false, true] {
        let broken = broken(&folder("examples/shop"), unsafe_fixes);
        assert!(broken.is_empty(), "unsafe fixes: {unsafe_fixes}\n{}", broken.join("\n"));
    }
}

#[test]
fn every_bad_example_is_fixed_for_good() {
    let mut wrong = Vec::new();
    for example in examples::bad() {
        for unsafe_fixes in [false, true] {
            let broken = broken(&example.files, unsafe_fixes);
            if !broken.is_empty() {
                wrong.push(format!("{} (unsafe fixes: {unsafe_fixes})\n{}", example.rule, broken.join("\n")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n\n"));
}
