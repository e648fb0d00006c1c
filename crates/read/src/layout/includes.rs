//! psql scripts that include others: `\i tables/users.sql`, `\ir ../types.sql`. They say the order themselves.

use std::collections::BTreeSet;

use super::{Entry, parent};

/// The files that a script runs, in order, itself at the end; for each script that no other includes.
pub(super) fn chains<'a>(entries: &[Entry<'a>]) -> Vec<Vec<Entry<'a>>> {
    let includes = |entry: &Entry<'a>| -> Vec<Entry<'a>> {
        included(entry.text).filter_map(|path| resolve(entries, entry.path, path)).collect()
    };
    let masters: Vec<&Entry> = entries.iter().filter(|entry| !includes(entry).is_empty()).collect();
    let inner: BTreeSet<_> = masters.iter().flat_map(|entry| includes(entry)).map(|entry| entry.id).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for master in masters.into_iter().filter(|entry| !inner.contains(&entry.id)) {
        let mut chain = Vec::new();
        // Each file once, also where scripts include each other in a circle.
        let mut waiting = vec![(*master, false)];
        while let Some((entry, done)) = waiting.pop() {
            if done {
                chain.push(entry);
            } else if seen.insert(entry.id) {
                waiting.push((entry, true));
                waiting.extend(includes(&entry).into_iter().rev().map(|entry| (entry, false)));
            }
        }
        found.push(chain);
    }
    found
}

/// The paths after `\i`, `\ir` and their long forms.
fn included(text: &str) -> impl Iterator<Item = &str> {
    const COMMANDS: [&str; 4] = ["\\i", "\\ir", "\\include", "\\include_relative"];
    text.lines().filter_map(|line| {
        let (command, path) = line.trim().split_once([' ', '\t'])?;
        COMMANDS.contains(&command).then(|| path.trim().trim_matches(['\'', '"']))
    })
}

/// The file that is meant: beside the script, or where psql was started, which nobody tells.
fn resolve<'a>(entries: &[Entry<'a>], script: &str, path: &str) -> Option<Entry<'a>> {
    let mut folder = parent(script);
    let mut rest = path;
    loop {
        if let Some(below) = rest.strip_prefix("./") {
            rest = below;
        } else if let Some(above) = rest.strip_prefix("../") {
            rest = above;
            folder = parent(folder);
        } else {
            break;
        }
    }
    let beside = if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") };
    let ends = |entry: &&Entry| entry.path.strip_suffix(rest).is_some_and(|before| before.ends_with('/'));
    let exact = entries.iter().find(|entry| entry.path == beside);
    exact.or_else(|| entries.iter().find(|entry| entry.path == rest)).or_else(|| entries.iter().find(ends)).copied()
}
