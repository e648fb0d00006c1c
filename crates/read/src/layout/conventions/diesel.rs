//! diesel: a folder for each migration with `up.sql`, `down.sql` and perhaps `metadata.toml`.

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::version::natural;
use crate::layout::{Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    history(Layout::Diesel, folder, |entry| {
        let dir = entry.dir();
        let metadata = folder.beside(&format!("{dir}/metadata.toml")).unwrap_or("");
        let bare = |line: &str| line.replace(' ', "").starts_with("run_in_transaction=false");
        let wrap = if metadata.lines().any(bare) { Wrap::Never } else { Wrap::Always };
        let (up, down) = match entry.file_name() {
            "up.sql" => (Some(entry.whole(wrap)), None),
            "down.sql" => (None, Some(entry.whole(wrap))),
            _ => return Vec::new(),
        };
        if dir.is_empty() {
            return Vec::new();
        }
        vec![Part { order: Order(0, natural(dir), String::new()), name: dir.to_owned(), up, down }]
    })
}
