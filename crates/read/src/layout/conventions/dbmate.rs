//! dbmate: `20240101120000_x.sql` with `-- migrate:up [transaction:false]` and `-- migrate:down`.

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::marks::{Mark, Side, comment, sides};
use crate::layout::version::natural;
use crate::layout::{Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    folder.entries.iter().find(|entry| entry.content.comments.iter().any(|line| mark(line).is_some()))?;
    history(Layout::Dbmate, folder, |entry| {
        let Some(sides) = sides(entry, Wrap::Always, mark) else { return Vec::new() };
        let order = Order(0, natural(entry.stem()), String::new());
        vec![Part { order, name: entry.stem().to_owned(), up: sides.up, down: sides.down }]
    })
}

fn mark(line: &str) -> Option<Mark> {
    let words = comment(line)?;
    let (side, options) = match words.strip_prefix("migrate:up") {
        Some(options) => (Side::Up, options),
        None => (Side::Down, words.strip_prefix("migrate:down")?),
    };
    Some(Mark { side: Some(side), no_transaction: options.contains("transaction:false") })
}
