//! What is no history: a file that makes everything, or files without an order that make it together.

use model::step::Layout;

use super::History;
use crate::layout::{Draft, Entry, Folder, Wrap};

/// One unit for each file that could stand alone, one for the rest of the folder together.
pub(in crate::layout) fn schemas(folder: &Folder) -> Vec<History> {
    let (dumps, rest): (Vec<&Entry>, Vec<&Entry>) = folder.entries.iter().partition(|entry| is_dump(entry));
    let mut found: Vec<History> = dumps.iter().map(|entry| one(&[entry], layout_of(entry))).collect();
    if !rest.is_empty() {
        found.push(one(&rest, Layout::Schema));
    }
    found
}

/// Scripts in the order in which one of them includes the others: as if they were one.
pub(in crate::layout) fn chain(folder: &Folder) -> History {
    let up = folder.entries.iter().map(|entry| entry.whole(Wrap::Never)).collect();
    let name = folder.entries.last().map_or("", Entry::stem).to_owned();
    History { layout: Layout::Schema, drafts: vec![Draft { name, up, down: Vec::new() }] }
}

/// `schema.sql`, `structure.sql`, `app_structure.sql`: the whole of one database.
fn is_dump(entry: &Entry) -> bool {
    let stem = entry.stem();
    let last = stem.rsplit(['_', '-', '.']).next().unwrap_or(stem);
    matches!(last, "schema" | "structure" | "dump") && !entry.content.is_teardown()
}

fn layout_of(entry: &Entry) -> Layout {
    if entry.stem().ends_with("structure") { Layout::Rails } else { Layout::Schema }
}

fn one(entries: &[&Entry], layout: Layout) -> History {
    let draft = |entry: &&Entry| {
        let whole = vec![entry.whole(Wrap::Never)];
        let (up, down) = if entry.content.is_teardown() { (Vec::new(), whole) } else { (whole, Vec::new()) };
        Draft { name: entry.stem().to_owned(), up, down }
    };
    // What takes everything away is judged against the whole.
    let mut drafts: Vec<Draft> = entries.iter().map(draft).collect();
    drafts.sort_by_key(|draft| draft.up.is_empty());
    History { layout, drafts }
}
