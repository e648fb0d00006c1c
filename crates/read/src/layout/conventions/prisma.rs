//! Prisma Migrate: `20240101120000_x/migration.sql` below a `migration_lock.toml`; some teams add a `down.sql`.

use model::step::Layout;

use super::{History, Order, Part, history};
use crate::layout::version::{is_numbered, natural};
use crate::layout::{Folder, Wrap};

pub(super) fn find(folder: &Folder) -> Option<History> {
    let is_migration = |name: &str, dir: &str| name == "migration.sql" && is_numbered(dir);
    folder.entries.iter().find(|entry| is_migration(entry.file_name(), entry.dir()))?;
    history(Layout::Prisma, folder, |entry| {
        let section = Some(entry.whole(Wrap::WhenSeveral));
        let (up, down) = match entry.file_name() {
            "migration.sql" => (section, None),
            "down.sql" => (None, section),
            _ => return Vec::new(),
        };
        let (order, name) = (Order(0, natural(entry.dir()), String::new()), entry.dir().to_owned());
        vec![Part { order, name, up, down }]
    })
}
