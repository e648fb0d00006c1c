//! A project of texts in memory: read, judged by every rule, and fixed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use palladio::check::{Checked, Choice, Plan};
use palladio::config;
use palladio::fix::{self, Fixed, Wanted};
use palladio::rules;
use palladio::sources::{self, Source};

/// Path and text.
pub(crate) type File = (String, String);

fn plan() -> Plan {
    let nowhere = Path::new("/project");
    let loaded = config::load(nowhere, nowhere, None, true).expect("there is no file to be wrong");
    let choice = Choice { select: vec!["ALL".to_owned()], pg_version: Some(15), ..Choice::default() };
    Plan::new(nowhere, &loaded, &choice).expect("every rule is a choice")
}

fn sources(files: &[File]) -> Vec<Source> {
    let source = |(path, text): &File| Source::Text { path: path.clone(), bytes: text.clone().into_bytes() };
    files.iter().map(source).collect()
}

pub(crate) fn check(files: &[File]) -> Checked {
    let inputs = sources::load(Path::new("/project"), &sources(files)).expect("texts can be read");
    plan().check(inputs, &rules::all())
}

/// What `fix` makes of the files, and what it says.
pub(crate) fn fix(files: &[File], unsafe_fixes: bool) -> (Vec<File>, Fixed) {
    let wanted = Wanted { unsafe_fixes, named: BTreeSet::new() };
    let fixed = fix::fix(&plan(), &sources(files), &wanted, &rules::all()).expect("texts can be read");
    let mut after: Vec<File> = files.to_vec();
    for changed in &fixed.changed {
        let text = String::from_utf8(changed.after.clone()).expect("text stays text");
        match after.iter_mut().find(|(path, _)| *path == changed.path) {
            Some((_, there)) => *there = text,
            None => after.push((changed.path.clone(), text)),
        }
    }
    after.sort();
    (after, fixed)
}

/// The files of a folder of the repository, below it, in order.
pub(crate) fn folder(path: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    assert!(!files.is_empty(), "{path} has no files");
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path: PathBuf = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|ending| ending == "sql" || ending == "json") {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
}
