//! Where migrations are written: behind those of a history, or into a new folder.

use std::collections::{BTreeMap, BTreeSet};

use model::Reading;
use model::step::Layout;

use crate::Failure;
use crate::history::History;

/// A place for migrations, which knows how the next one is called.
#[derive(Clone, Debug)]
pub struct Place {
    history: History,
    /// Nothing was written there yet.
    is_new: bool,
    taken: BTreeSet<String>,
    /// Migrations have files that undo them.
    pub(super) has_downs: bool,
    /// What stands beside the migrations, by path: journals, snapshots, other migrations.
    pub(super) beside: BTreeMap<String, String>,
}

impl Place {
    /// Behind the history that was read last.
    pub fn behind(reading: &Reading) -> Result<Place, Failure> {
        let mut history = History::last(reading).ok_or_else(|| {
            Failure::new("A is no history of migrations: there is nothing to write behind")
                .hint("Write into a new folder: palladio migrate plan A B -o FOLDER --layout TOOL")
        })?;
        let has_downs =
            reading.migrations.iter().any(|migration| migration.has_down && migration.layout == history.layout);
        if history.layout == Layout::Rails {
            history.last = last_of_rails(&history.last, reading);
        }
        let beside = reading
            .sources
            .files
            .iter()
            .filter(|file| file.path.ends_with(".json"))
            .map(|file| (file.path.to_string(), file.text.to_string()));
        Ok(Place { history, is_new: false, taken: BTreeSet::new(), has_downs, beside: beside.collect() })
    }

    /// A folder in which nothing is yet. Names that hold a time begin at the stamp, `20260311120000`.
    pub fn fresh(folder: &str, layout: Layout, stamp: &str) -> Place {
        let folder = folder.trim_end_matches('/');
        let first = first(layout, stamp);
        let last = if folder.is_empty() { first } else { format!("{folder}/{first}") };
        let has_downs = !matches!(layout, Layout::Flyway | Layout::Prisma);
        Place {
            history: History { layout, last },
            is_new: true,
            taken: BTreeSet::new(),
            has_downs,
            beside: BTreeMap::new(),
        }
    }

    /// With the texts of files that are there.
    #[must_use]
    pub fn beside(mut self, files: impl IntoIterator<Item = (String, String)>) -> Place {
        self.beside.extend(files);
        if self.history.layout == Layout::Rails {
            // Ruby is not read: what is there says itself which is the last.
            let ours = |path: &&String| path.ends_with(".rb") && path.starts_with(self.home());
            if let Some(last) =
                self.beside.keys().filter(ours).max().filter(|last| **last > self.history.last || self.is_new)
            {
                self.history.last.clone_from(last);
                self.is_new = false;
            }
        }
        self
    }

    pub fn layout(&self) -> Layout {
        self.history.layout
    }

    /// The folder of the migrations, or of their folders.
    pub fn home(&self) -> &str {
        let folder = self.history.last.rsplit_once('/').map_or("", |(folder, _)| folder);
        match self.history.is_folder() {
            true => folder.rsplit_once('/').map_or("", |(home, _)| home),
            false => folder,
        }
    }

    /// Whether the tool can run one statement outside of any transaction.
    pub(super) fn runs_alone(&self) -> bool {
        !matches!(self.layout(), Layout::Drizzle | Layout::Refinery)
    }

    /// The last migration: its path.
    pub(super) fn last(&self) -> Option<&str> {
        (!self.is_new).then_some(&*self.history.last)
    }

    /// The path of the next one.
    pub(super) fn next(&mut self, called: &str) -> String {
        let taken = self.taken.iter().map(String::as_str).collect();
        let path = match self.layout() {
            // It counts from nothing.
            Layout::Drizzle if self.is_new => Some(self.history.last.replace("none", called)),
            _ => self.history.path(&taken, called),
        };
        let path = path.unwrap_or_else(|| format!("{}/{called}.sql", self.home()));
        self.is_new = false;
        self.history.last.clone_from(&path);
        self.taken.insert(path.clone());
        path
    }

    /// Where the undo of a migration goes: a file of its own.
    pub(super) fn down(&self, path: &str) -> Option<String> {
        if !self.has_downs {
            return None;
        }
        match self.layout() {
            // Those who pay for undo have files of it already.
            Layout::Flyway => {
                let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
                let undo = format!("U{}", name.strip_prefix('V')?);
                Some(if folder.is_empty() { undo } else { format!("{folder}/{undo}") })
            }
            _ => self.history.down(path),
        }
    }
}

/// A dump of the structure names the migrations that made it; they stand in a folder beside it.
fn last_of_rails(dump: &str, reading: &Reading) -> String {
    let text = reading.sources.files.iter().find(|file| &*file.path == dump).map_or("", |file| &file.text);
    let version = |word: &&str| word.len() == 14 && word.bytes().all(|byte| byte.is_ascii_digit());
    let last = text.split('\'').filter(version).max().unwrap_or("20000101000000");
    let folder = dump.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    format!("{folder}migrate/{last}_none.rb")
}

/// What the migration before the first one would be called.
fn first(layout: Layout, stamp: &str) -> String {
    let day = |text: &str| format!("{}-{}-{}-{}", &text[..4], &text[4..6], &text[6..8], &text[8..]);
    match layout {
        Layout::Flyway | Layout::Refinery => "V0__none.sql".to_owned(),
        Layout::GolangMigrate => "000000_none.up.sql".to_owned(),
        Layout::Goose => "00000_none.sql".to_owned(),
        Layout::Sqlx => format!("{stamp}_none.up.sql"),
        Layout::Dbmate => format!("{stamp}_none.sql"),
        Layout::Rails => format!("{stamp}_none.rb"),
        Layout::Diesel => format!("{}_none/up.sql", day(stamp)),
        Layout::Prisma => format!("{stamp}_none/migration.sql"),
        Layout::Liquibase => "000_none.sql".to_owned(),
        Layout::Drizzle | Layout::Numbered | Layout::Schema => "0000_none.sql".to_owned(),
    }
}
