//! golang-migrate and those like it: `000001_x.up.sql` with `000001_x.down.sql`. sqlx writes the same pairs, or
//! `20240101120000_x.sql` alone, and leaves out the transaction when the first line is `-- no-transaction`.

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::version::{leading_digits, natural};
use crate::layout::{Entry, Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    let paired = folder.entries.iter().any(|entry| side(entry).is_some_and(|side| side != Side::Alone));
    let sqlx = folder.entries.iter().any(is_marked) || is_sqlx(folder.path);
    let alone = || folder.entries.iter().any(|entry| side(entry).is_some() && entry.content.defines());
    (paired || (sqlx && alone())).then_some(())?;
    let layout = if sqlx { Layout::Sqlx } else { Layout::GolangMigrate };
    history(layout, folder, |entry| {
        let Some(side) = side(entry) else { return Vec::new() };
        let wrap = match layout {
            Layout::Sqlx if is_marked(entry) => Wrap::Never,
            Layout::Sqlx => Wrap::Always,
            _ => Wrap::WhenSeveral,
        };
        let section = Some(entry.whole(wrap));
        let (up, down) = match side {
            Side::Down => (None, section),
            Side::Up => (section, None),
            Side::Alone if sqlx || entry.content.defines() => (section, None),
            Side::Alone => return Vec::new(),
        };
        let name = bare(entry.stem()).to_owned();
        vec![Part { order: Order(0, natural(&name), String::new()), name, up, down }]
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Up,
    Down,
    Alone,
}

fn side(entry: &Entry) -> Option<Side> {
    let (_, rest) = leading_digits(entry.stem())?;
    match rest {
        _ if rest.ends_with(".up") => Some(Side::Up),
        _ if rest.ends_with(".down") => Some(Side::Down),
        _ => rest.starts_with('_').then_some(Side::Alone),
    }
}

/// Without the side, and without the database that some tools put before it: `1_x.postgres.up`.
fn bare(stem: &str) -> &str {
    let stem = stem.strip_suffix(".up").or_else(|| stem.strip_suffix(".down")).unwrap_or(stem);
    [".postgres", ".postgresql", ".pg"].iter().find_map(|name| stem.strip_suffix(name)).unwrap_or(stem)
}

fn is_marked(entry: &Entry) -> bool {
    let first = entry.text.trim_start_matches('\u{feff}').lines().next().unwrap_or("");
    first.trim_end() == "-- no-transaction"
}

/// Nothing in the files tells sqlx from others; the folders of a Rust workspace do.
fn is_sqlx(path: &str) -> bool {
    path.split('/').any(|part| part == "crates" || part == ".sqlx")
}
