//! goose: `00001_x.sql` with `-- +goose Up` and `-- +goose Down`; sql-migrate writes `+migrate` instead.

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::marks::{Mark, Side, comment, sides};
use crate::layout::version::natural;
use crate::layout::{Entry, Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    let opens = |line: &&str| mark(line).is_some_and(|mark| mark.side.is_some());
    let marked = |entry: &&Entry| entry.content.comments.iter().any(opens);
    folder.entries.iter().find(marked)?;
    history(Layout::Goose, folder, |entry| {
        let Some(sides) = sides(entry, Wrap::Always, mark) else { return Vec::new() };
        let order = Order(0, natural(entry.stem()), String::new());
        vec![Part { order, name: entry.stem().to_owned(), up: sides.up, down: sides.down }]
    })
}

/// StatementBegin and StatementEnd only keep a statement together that has semicolons inside, which we can tell.
fn mark(line: &str) -> Option<Mark> {
    let words = comment(line)?;
    let words = words.strip_prefix("+goose").or_else(|| words.strip_prefix("+migrate"))?;
    let mut words = words.split_ascii_whitespace();
    match (words.next()?, words.next()) {
        ("up", option) => Some(Mark { side: Some(Side::Up), no_transaction: option == Some("notransaction") }),
        ("down", option) => Some(Mark { side: Some(Side::Down), no_transaction: option == Some("notransaction") }),
        ("no", Some("transaction")) => Some(Mark { side: None, no_transaction: true }),
        _ => None,
    }
}
