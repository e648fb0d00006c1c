//! Files ordered by the number or time that their names start with, whoever applies them.
//!
//! Some tools mark the sides inside the file: tern (`---- create above / drop below ----`), node-pg-migrate
//! (`-- Up Migration`), Play evolutions (`# --- !Ups`).

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::marks::{Mark, Side, sides};
use crate::layout::version::{is_numbered, natural};
use crate::layout::{Entry, Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    let named = ["migrations", "migration", "migrate", "changelog", "changes"];
    let is_named = folder.path.rsplit('/').next().is_some_and(|last| named.contains(&last));
    let numbered = |entry: &&Entry| is_numbered(entry.stem());
    folder.entries.iter().filter(numbered).find(|entry| is_named || !entry.content.is_queries())?;
    // Numbers without a meaning: the queries of a benchmark, with one file that sets them up.
    let queries = folder.entries.iter().filter(numbered).filter(|entry| entry.content.is_queries()).count();
    if !is_named && queries * 2 > folder.entries.len() {
        return None;
    }
    history(Layout::Numbered, folder, |entry| {
        if !is_numbered(entry.stem()) {
            return Vec::new();
        }
        let (up, down) = match sides(entry, Wrap::Never, mark) {
            Some(sides) => (sides.up, sides.down),
            None => (Some(entry.whole(Wrap::Never)), None),
        };
        let (order, name) = (Order(0, natural(entry.stem()), String::new()), entry.stem().to_owned());
        vec![Part { order, name, up, down }]
    })
}

fn mark(line: &str) -> Option<Mark> {
    let side = |side| Some(Mark { side: Some(side), no_transaction: false });
    match line {
        "-- Up Migration" | "# --- !Ups" | "-- !Ups" => side(Side::Up),
        "-- Down Migration" | "# --- !Downs" | "-- !Downs" => side(Side::Down),
        "---- create above / drop below ----" => side(Side::Down),
        _ => None,
    }
}
