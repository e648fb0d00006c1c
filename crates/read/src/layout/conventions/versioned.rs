//! A folder for each version, each with its scripts: `v1.0/schema.sql`, `v1.1/add_index.sql`.

use std::collections::BTreeSet;

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::version::{is_version, numbers};
use crate::layout::{Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    let dirs: BTreeSet<&str> = folder.entries.iter().map(|entry| entry.dir()).filter(|dir| is_version(dir)).collect();
    let said = ["versioned", "versions", "migrations", "upgrades", "updates"];
    let last = folder.path.rsplit('/').next().unwrap_or("");
    if dirs.is_empty() || (dirs.len() == 1 && !said.contains(&last)) {
        return None;
    }
    history(Layout::Numbered, folder, |entry| {
        let dir = entry.dir();
        if !is_version(dir) || entry.content.is_queries() {
            return Vec::new();
        }
        let undo = ["down", "rollback", "undo", "revert"];
        let is_undo = entry.stem().to_ascii_lowercase().split(['.', '_', '-']).any(|word| undo.contains(&word));
        let section = Some(entry.whole(Wrap::Never));
        let (up, down) = if is_undo { (None, section) } else { (section, None) };
        let version = numbers(dir.trim_start_matches(['v', 'V']));
        vec![Part { order: Order(0, version, String::new()), name: dir.to_owned(), up, down }]
    })
}
