//! Which file is what: histories of migrations by the convention they are kept in, schemas, queries, and the rest.
//!
//! Conventions are recognised by shape: the names of the files in a folder and the marks in their text.

mod content;
mod conventions;
mod databases;
mod foreign;
mod includes;
mod marks;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use model::FileId;
use model::place::SourceFile;
use model::step::Layout;

use crate::parallel;
use content::Content;
pub(crate) use content::query_name;
pub(crate) use databases::{Databases, databases};
pub(crate) use foreign::Foreign;

/// Every file, in the role that it plays.
#[derive(Debug, Default)]
pub(crate) struct Arrangement {
    pub(crate) units: Vec<Unit>,
    pub(crate) queries: Vec<FileId>,
    pub(crate) plans: Vec<FileId>,
    pub(crate) stats: Vec<FileId>,
    /// Folders in the SQL of another database.
    pub(crate) foreign: Vec<Foreign>,
}

/// One history of migrations, or the files of one folder that together make a schema.
#[derive(Debug)]
pub(crate) struct Unit {
    /// The folder, or the file when there is one only.
    pub(crate) path: String,
    pub(crate) layout: Layout,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) files: u32,
    pub(crate) tables: Tables,
    /// Why it counts for less than it says.
    pub(crate) note: Option<String>,
}

/// The tables that a unit speaks of, as far as one can tell without reading it.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) made: BTreeSet<String>,
    pub(crate) used: BTreeSet<String>,
}

/// A migration to be read: where its statements stand.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) up: Vec<Section>,
    pub(crate) down: Vec<Section>,
}

/// The part of a file that is one side of a migration.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) file: FileId,
    /// In order, without overlap. What stands between them is not SQL for us.
    pub(crate) ranges: Vec<Range<usize>>,
    pub(crate) wrap: Wrap,
}

/// Whether the tool puts a transaction around the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrap {
    Never,
    Always,
    /// The file is sent as one string: PostgreSQL makes one transaction of it when it holds several statements
    /// (protocol, 55.2.2.1, multiple statements in a simple query).
    WhenSeveral,
    /// Not when a statement cannot run inside one (Flyway looks for those).
    WhenPossible,
}

/// A file below a folder.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    id: FileId,
    path: &'a str,
    /// Below the folder: `V1__a.sql`, `20240101_a/up.sql`.
    name: &'a str,
    text: &'a str,
    content: &'a Content<'a>,
}

/// A folder that may be a history.
struct Folder<'a> {
    path: &'a str,
    entries: Vec<Entry<'a>>,
    /// The files that are no SQL: journals, lock files, settings.
    beside: &'a BTreeMap<&'a str, &'a str>,
}

impl<'a> Entry<'a> {
    fn file_name(&self) -> &'a str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// The file name without `.sql`.
    fn stem(&self) -> &'a str {
        stem(self.file_name())
    }

    /// The first folder of the name; empty for a file that stands in the folder itself.
    fn dir(&self) -> &'a str {
        self.name.split_once('/').map_or("", |(dir, _)| dir)
    }

    /// The whole file as one section.
    fn whole(&self, wrap: Wrap) -> Section {
        let whole = std::iter::once(0..self.text.len()).collect();
        Section { file: self.id, ranges: whole, wrap }
    }
}

impl Folder<'_> {
    /// The text of a file that is no SQL, by its path below the folder.
    fn beside(&self, name: &str) -> Option<&str> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) };
        self.beside.get(path.as_str()).copied()
    }
}

/// Whether a file that is no SQL says how the SQL beside it is applied: worth loading along with it.
pub fn is_setting(path: &str) -> bool {
    const NAMES: [&str; 3] = ["migration_lock.toml", "metadata.toml", "_journal.json"];
    let name = path.rsplit('/').next().unwrap_or(path);
    NAMES.contains(&name) || name.ends_with(".sql.conf")
}

/// Finds the role of every file.
pub(crate) fn arrange(files: &[SourceFile]) -> Arrangement {
    let mut arrangement = Arrangement::default();
    let mut beside = BTreeMap::new();
    let mut sql = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let id = FileId(index as u32);
        match extension(&file.path) {
            "json" => {
                beside.insert(&*file.path, &*file.text);
                match content::json(&file.path, &file.text) {
                    Some(content::Json::QueryPlan) => arrangement.plans.push(id),
                    Some(content::Json::Stats) => arrangement.stats.push(id),
                    None => {}
                }
            }
            "plan" | "explain" => arrangement.plans.push(id),
            "txt" | "xml" | "yaml" | "yml" if content::is_query_plan(&file.text) => arrangement.plans.push(id),
            "toml" | "conf" | "yaml" | "yml" | "md" => {
                beside.insert(&*file.path, &*file.text);
            }
            _ => sql.push((id, &*file.path, &*file.text)),
        }
    }
    sql.sort_by_cached_key(|(_, path, _)| version::natural(path));
    let (sql, foreign) = foreign::split(sql, &beside);
    let contents = parallel::map(&sql, |(_, _, text)| Content::of(text));
    let entries =
        sql.iter().zip(&contents).map(|(&(id, path, text), content)| Entry { id, path, name: path, text, content });

    let units = &mut arrangement.units;
    let (nested, mut flat): (Vec<Entry>, Vec<Entry>) = entries.partition(|entry| entry.path.contains('/'));
    flat.extend(recognise(units, nested, &beside, grandparent, conventions::NESTED));
    let mut loose = recognise(units, flat, &beside, parent, conventions::FLAT);
    loose.sort_by_key(|entry| entry.id);
    for chain in includes::chains(&loose) {
        loose.retain(|entry| chain.iter().all(|other| other.id != entry.id));
        let folder = Folder { path: "", entries: chain, beside: &beside };
        take(units, &folder, conventions::chain(&folder));
    }
    let (queries, schemas): (Vec<Entry>, Vec<Entry>) = loose.iter().partition(|entry| entry.content.is_queries());
    for (path, entries) in group(schemas, parent) {
        let folder = Folder { path, entries, beside: &beside };
        for history in conventions::schemas(&folder) {
            take(units, &folder, history);
        }
    }
    units.sort_by_cached_key(|unit| version::natural(&unit.path));
    arrangement.queries = queries.iter().map(|entry| entry.id).collect();
    arrangement.foreign = foreign;
    arrangement
}

/// Makes a unit of every folder that follows one of the conventions; gives back the files that belong to none.
fn recognise<'a>(
    units: &mut Vec<Unit>,
    entries: Vec<Entry<'a>>,
    beside: &'a BTreeMap<&'a str, &'a str>,
    folder_of: fn(&str) -> &str,
    conventions: &[conventions::Convention],
) -> Vec<Entry<'a>> {
    let mut left = Vec::new();
    for (path, entries) in group(entries, folder_of) {
        let folder = Folder { path, entries, beside };
        match conventions.iter().find_map(|convention| convention(&folder)) {
            Some(history) => left.extend(take(units, &folder, history)),
            None => left.extend(folder.entries),
        }
    }
    left
}

/// A history found in a folder becomes a unit; gives back the files that it did not claim.
fn take<'a>(units: &mut Vec<Unit>, folder: &Folder<'a>, history: conventions::History) -> Vec<Entry<'a>> {
    let sections = history.drafts.iter().flat_map(|draft| draft.up.iter().chain(&draft.down));
    let claimed: BTreeSet<FileId> = sections.map(|section| section.file).collect();
    let by_id: BTreeMap<FileId, &Entry> = folder.entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut tables = Tables::default();
    for section in history.drafts.iter().flat_map(|draft| &draft.up) {
        let Some(entry) = by_id.get(&section.file) else { continue };
        let parts: Vec<&str> = section.ranges.iter().map(|range| &entry.text[range.clone()]).collect();
        match parts.as_slice() {
            [whole] if whole.len() == entry.text.len() => tables.add(entry.content),
            _ => tables.add(&Content::of(&parts.concat())),
        }
    }
    let (mine, left): (Vec<Entry>, Vec<Entry>) = folder.entries.iter().partition(|entry| claimed.contains(&entry.id));
    let path = match mine.as_slice() {
        [one] => one.path,
        // The script that includes the others is the last.
        [.., last] if history.layout == Layout::Schema && folder.path.is_empty() && last.path.contains('/') => {
            last.path
        }
        _ if folder.path.is_empty() => ".",
        _ => folder.path,
    };
    let (layout, drafts, files) = (history.layout, history.drafts, mine.len() as u32);
    units.push(Unit { path: path.to_owned(), layout, drafts, files, tables, note: None });
    left
}

impl Tables {
    fn add(&mut self, content: &Content<'_>) {
        self.made.extend(content.made.iter().cloned());
        self.used.extend(content.used.iter().cloned());
    }
}

/// Entries by folder, their names cut to what stands below it.
fn group<'a>(entries: Vec<Entry<'a>>, folder_of: fn(&str) -> &str) -> BTreeMap<&'a str, Vec<Entry<'a>>> {
    let mut groups: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        let folder = folder_of(entry.path);
        let name = entry.path[folder.len()..].trim_start_matches('/');
        groups.entry(folder).or_default().push(Entry { name, ..entry });
    }
    groups
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn grandparent(path: &str) -> &str {
    parent(parent(path))
}

fn extension(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension)
}

fn stem(name: &str) -> &str {
    const EXTENSIONS: [&str; 5] = [".sql", ".SQL", ".psql", ".pgsql", ".ddl"];
    EXTENSIONS.iter().find_map(|extension| name.strip_suffix(extension)).unwrap_or(name)
}
