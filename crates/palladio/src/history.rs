//! Where the migrations of a project stand, and how the next one is called.

use std::collections::BTreeSet;

use model::Reading;
use model::reading::SourceKind;
use model::step::Layout;

/// The migrations that one file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) layout: Layout,
    /// The file that runs last.
    pub(crate) last: String,
}

impl History {
    /// The history that a file is part of; none for a schema, a query, or what nobody read as a migration.
    pub(crate) fn of(path: &str, reading: &Reading) -> Option<History> {
        let file_of = |place: model::Place| &*reading.sources.file(place.file).path;
        let ups = || reading.migrations.iter().filter(|migration| migration.layout != Layout::Schema);
        let here = ups().find(|migration| file_of(migration.place) == path || holds(migration, path, reading))?;
        let home = home(path, here.layout, reading);
        let mut together = ups().filter(|other| {
            !other.down && other.layout == here.layout && home_of(file_of(other.place), here.layout, reading) == home
        });
        let last = together.next_back().map_or(path, |migration| file_of(migration.place));
        Some(History { layout: here.layout, last: last.to_owned() })
    }

    /// The history that was read last, if any was.
    pub(crate) fn last(reading: &Reading) -> Option<History> {
        let mut ups =
            reading.migrations.iter().filter(|migration| !migration.down && migration.layout != Layout::Schema);
        let path = &reading.sources.file(ups.next_back()?.place.file).path;
        History::of(path, reading)
    }

    /// Where the undo of a migration goes: a file of its own beside it, for the tools that have one.
    pub(crate) fn down(&self, path: &str) -> Option<String> {
        match self.layout {
            Layout::GolangMigrate | Layout::Sqlx => path.strip_suffix(".up.sql").map(|stem| format!("{stem}.down.sql")),
            Layout::Diesel => path.strip_suffix("up.sql").map(|folder| format!("{folder}down.sql")),
            _ => None,
        }
    }

    /// The path of the next migration and the lines around its statements; none where the tool writes more than a
    /// file of SQL for each.
    pub(crate) fn next(&self, taken: &BTreeSet<&str>, around: Around, called: &str) -> Option<Next> {
        let (before, after) = match (self.layout, around) {
            (Layout::Dbmate, Around::Transaction) => ("-- migrate:up\n", "\n-- migrate:down\n"),
            (Layout::Dbmate, Around::Nothing) => ("-- migrate:up transaction:false\n", "\n-- migrate:down\n"),
            (Layout::Goose, Around::Transaction) => ("-- +goose Up\n", "\n-- +goose Down\n"),
            (Layout::Goose, Around::Nothing) => ("-- +goose NO TRANSACTION\n-- +goose Up\n", "\n-- +goose Down\n"),
            (Layout::Sqlx, Around::Nothing) => ("-- no-transaction\n", ""),
            (Layout::Drizzle | Layout::Rails | Layout::Liquibase | Layout::Schema, _) => return None,
            _ => ("", ""),
        };
        self.path(taken, called).map(|path| Next { path, before, after })
    }

    /// Each migration is a folder.
    pub(crate) fn is_folder(&self) -> bool {
        matches!(self.layout, Layout::Diesel | Layout::Prisma)
            || self.layout == Layout::Drizzle && self.last.ends_with("/migration.sql")
    }

    /// The path of the next migration, whatever the tool puts into it.
    pub(crate) fn path(&self, taken: &BTreeSet<&str>, called: &str) -> Option<String> {
        let (folder, name) = self.last.rsplit_once('/').map_or(("", &*self.last), |(folder, name)| (folder, name));
        let (home, version) =
            if self.is_folder() { folder.rsplit_once('/').unwrap_or(("", folder)) } else { (folder, name) };
        let parts = Parts::of(version)?;
        let mut number = parts.version.to_owned();
        loop {
            number = successor(&number);
            let named = parts.with(&number, called);
            let below = if self.is_folder() { format!("{named}/{name}") } else { named };
            let path = if home.is_empty() { below } else { format!("{home}/{below}") };
            if !taken.contains(&*path) {
                return Some(path);
            }
        }
    }
}

/// What a migration runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    /// As the tool does it by itself.
    Transaction,
    /// No transaction: the tool is told so where it has to be.
    Nothing,
}

/// A migration that is yet to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) path: String,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
}

fn holds(migration: &model::Migration, path: &str, reading: &Reading) -> bool {
    migration.steps.iter().any(|step| &*reading.sources.file(step.place.file).path == path)
}

fn home_of<'a>(path: &'a str, layout: Layout, reading: &'a Reading) -> &'a str {
    home(path, layout, reading)
}

/// The folder of the migrations that a file is one of: the source that was found, else the folder above the file.
fn home<'a>(path: &'a str, layout: Layout, reading: &'a Reading) -> &'a str {
    let found = reading.found.iter().filter(|found| found.kind == SourceKind::Migrations(layout));
    let inside = found.filter(|found| path.strip_prefix(&*found.path).is_some_and(|rest| rest.starts_with('/')));
    let nearest = inside.max_by_key(|found| found.path.len()).map(|found| &*found.path);
    nearest.unwrap_or_else(|| path.rsplit_once('/').map_or("", |(folder, _)| folder))
}

/// `V12__add_orders.up.sql`: a letter, a version, a separator, a name, and what follows the name.
struct Parts<'a> {
    letter: &'a str,
    version: &'a str,
    separator: &'a str,
    rest: &'a str,
}

impl Parts<'_> {
    fn of(name: &str) -> Option<Parts<'_>> {
        let letter = name.find(|letter: char| letter.is_ascii_digit())?;
        if letter > 1 {
            return None;
        }
        let (letter, tail) = name.split_at(letter);
        let bytes = tail.as_bytes();
        let mut end = 0;
        while end < bytes.len() {
            let joined = matches!(bytes[end], b'.' | b'_' | b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            if !bytes[end].is_ascii_digit() && !joined {
                break;
            }
            end += 1;
        }
        let (version, tail) = tail.split_at(end);
        let separator = tail.find(|letter: char| !matches!(letter, '_' | '-' | '.')).unwrap_or(tail.len());
        let (separator, tail) = tail.split_at(separator);
        let rest = tail.find('.').map_or("", |dot| &tail[dot..]);
        Some(Parts { letter, version, separator, rest })
    }

    /// `called` is words between underscores.
    fn with(&self, version: &str, called: &str) -> String {
        let Parts { letter, separator, rest, .. } = self;
        let name = if separator.contains('-') { called.replace('_', "-") } else { called.to_owned() };
        // A bare `12.sql` has its ending where others have a name.
        let (separator, rest) =
            if separator.starts_with('.') && rest.is_empty() { ("_", ".sql") } else { (*separator, *rest) };
        let separator = if separator.is_empty() { "_" } else { separator };
        format!("{letter}{version}{separator}{name}{rest}")
    }
}

/// The version one higher in its last number, as wide as before.
fn successor(version: &str) -> String {
    let at = version.rfind(|letter: char| !letter.is_ascii_digit()).map_or(0, |at| at + 1);
    let (head, number) = version.split_at(at);
    let mut digits: Vec<u8> = number.bytes().collect();
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return format!("{head}{}", String::from_utf8_lossy(&digits));
        }
        *digit = b'0';
    }
    format!("{head}1{}", String::from_utf8_lossy(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_migration_is_named_like_the_last() {
        for (layout, last, next) in [
            (Layout::Flyway, "sql/V1_2__add.sql", "sql/V1_3__palladio_fixes.sql"),
            (Layout::GolangMigrate, "db/000009_a.up.sql", "db/000010_palladio_fixes.up.sql"),
            (Layout::Dbmate, "20260311120000_a.sql", "20260311120001_palladio_fixes.sql"),
            (Layout::Goose, "m/00099_a.sql", "m/00100_palladio_fixes.sql"),
            (Layout::Sqlx, "m/9_a.sql", "m/10_palladio_fixes.sql"),
            (Layout::Diesel, "m/2026-03-11-000000_a/up.sql", "m/2026-03-11-000001_palladio_fixes/up.sql"),
            (
                Layout::Prisma,
                "p/migrations/20260311_a/migration.sql",
                "p/migrations/20260312_palladio_fixes/migration.sql",
            ),
            (Layout::Numbered, "001-a.sql", "002-palladio-fixes.sql"),
            (Layout::Numbered, "m/12.sql", "m/13_palladio_fixes.sql"),
        ] {
            let history = History { layout, last: last.to_owned() };
            assert_eq!(history.next(&BTreeSet::new(), Around::Transaction, "palladio_fixes").expect(last).path, next);
        }
    }

    #[test]
    fn a_taken_name_is_passed_over() {
        let history = History { layout: Layout::Sqlx, last: "9_a.sql".to_owned() };
        let taken = BTreeSet::from(["10_palladio_fixes.sql"]);
        assert_eq!(
            history.next(&taken, Around::Transaction, "palladio_fixes").expect("a name").path,
            "11_palladio_fixes.sql"
        );
    }
}
