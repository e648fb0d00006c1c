//! drizzle-kit: `0000_x.sql` in the order of `meta/_journal.json`, statements set apart by
//! `--> statement-breakpoint`; newer versions write `20240101120000_x/migration.sql` beside a `snapshot.json`.

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::version::{is_numbered, natural};
use crate::layout::{Entry, Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    let journal = folder.beside("meta/_journal.json");
    if journal.is_none() && !folder.entries.iter().any(has_breakpoints) {
        return None;
    }
    let tags = journal.map(tags).unwrap_or_default();
    history(Layout::Drizzle, folder, |entry| {
        let stem = entry.stem();
        let order = match tags.iter().position(|tag| tag == stem) {
            Some(position) => Order(0, natural(&position.to_string()), String::new()),
            None if is_numbered(stem) => Order(1, natural(stem), String::new()),
            None => return Vec::new(),
        };
        vec![Part { order, name: stem.to_owned(), up: Some(entry.whole(Wrap::Always)), down: None }]
    })
}

pub(super) fn find_folders(folder: &Folder) -> Option<History> {
    let snapshot = |entry: &Entry| folder.beside(&format!("{}/snapshot.json", entry.dir())).is_some();
    let drizzle = |entry: &&Entry| is_migration(entry) && (snapshot(entry) || has_breakpoints(entry));
    if folder.beside("migration_lock.toml").is_some() {
        return None;
    }
    folder.entries.iter().find(drizzle)?;
    history(Layout::Drizzle, folder, |entry| {
        if !is_migration(entry) {
            return Vec::new();
        }
        let (order, name) = (Order(0, natural(entry.dir()), String::new()), entry.dir().to_owned());
        vec![Part { order, name, up: Some(entry.whole(Wrap::Always)), down: None }]
    })
}

fn is_migration(entry: &Entry) -> bool {
    entry.file_name() == "migration.sql" && is_numbered(entry.dir())
}

fn has_breakpoints(entry: &Entry) -> bool {
    entry.text.contains("--> statement-breakpoint")
}

/// The names of the journal in its order; none when it cannot be read.
fn tags(journal: &str) -> Vec<String> {
    let journal: serde_json::Value = serde_json::from_str(journal).unwrap_or_default();
    let entries = journal["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut tags: Vec<(i64, String)> = entries
        .iter()
        .filter_map(|entry| Some((entry["idx"].as_i64().unwrap_or(i64::MAX), entry["tag"].as_str()?.to_owned())))
        .collect();
    tags.sort_by_key(|(index, _)| *index);
    tags.into_iter().map(|(_, tag)| tag).collect()
}
