//! Flyway: `V1_2__x.sql` by version, `U1_2__x.sql` undoes it, `R__x.sql` runs after all versions, `B3__x.sql` stands
//! for everything up to version 3. refinery: `V1__x.sql` too, and `U1__x.sql` is a migration out of line.

use std::collections::BTreeSet;

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::version::{Chunk, is_version, natural, numbers};
use crate::layout::{Entry, Folder, Wrap};

/// Flyway looks into the folders below as well; we join those that only sort files, by year or version.
pub(super) fn find_folders(folder: &Folder) -> Option<History> {
    let sorted = folder.entries.iter().all(|entry| is_version(entry.dir()) && name(entry).is_some());
    sorted.then(|| find(folder)).flatten()
}

pub(super) fn find(folder: &Folder) -> Option<History> {
    let versions = |letter: char| -> BTreeSet<Vec<Chunk>> {
        let named = folder.entries.iter().filter_map(name).filter(|name| name.letter == letter);
        named.map(|name| numbers(name.version)).collect()
    };
    let versioned = versions('V');
    let repeatable = folder.entries.iter().filter_map(name).any(|name| name.letter == 'R');
    if versioned.is_empty() && versions('B').is_empty() && !repeatable {
        return None;
    }
    let loose_u = versions('U').iter().any(|version| !versioned.contains(version));
    let layout = if loose_u || is_rust(folder.path) { Layout::Refinery } else { Layout::Flyway };
    let wrap = if layout == Layout::Flyway { Wrap::WhenPossible } else { Wrap::Always };
    history(layout, folder, |entry| {
        let Some(Name { letter, version }) = name(entry) else { return Vec::new() };
        let setting = folder.beside(&format!("{}.conf", entry.name)).unwrap_or("");
        let wrap = if setting.replace(' ', "").contains("executeInTransaction=false") { Wrap::Never } else { wrap };
        let section = Some(entry.whole(wrap));
        let version = numbers(version);
        let (class, up, down) = match letter {
            'U' if layout == Layout::Flyway => (0, None, section),
            // A baseline beside what it stands for would make everything twice.
            'B' if versioned.iter().any(|other| *other <= version) => return Vec::new(),
            'R' => (1, section, None),
            _ => (0, section, None),
        };
        let version = if letter == 'R' { natural(entry.stem()) } else { version };
        vec![Part { order: Order(class, version, String::new()), name: entry.stem().to_owned(), up, down }]
    })
}

#[derive(Clone, Copy)]
struct Name<'a> {
    letter: char,
    version: &'a str,
}

fn name<'a>(entry: &Entry<'a>) -> Option<Name<'a>> {
    let (prefix, _) = entry.stem().split_once("__")?;
    let letter = prefix.chars().next().filter(|letter| "VURB".contains(*letter))?;
    let version = &prefix[1..];
    (if letter == 'R' { version.is_empty() } else { is_version(version) && !version.starts_with(['v', 'V']) })
        .then_some(Name { letter, version })
}

/// Where Rust projects keep their files; Java's are below `src/main`.
fn is_rust(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.any(|part| part == "crates") || (path.split('/').any(|part| part == "src") && !path.contains("src/main"))
}
