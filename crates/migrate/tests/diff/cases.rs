//! The pages in `cases/diff/`: two schemas, the renames, and the statements that lead from one to the other. Each is
//! run on every server at hand. `UPDATE=1 cargo test` writes the statements.

use std::fs;
use std::path::{Path, PathBuf};

use migrate::diff::{Rename, Settings, diff, named};
use model::Schema;
use model::dialect::Version;
use read::Input;

use crate::servers::{self, Room};

pub(crate) struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    /// The body of the block of that kind.
    pub(crate) fn block(&self, kind: &str) -> Option<&str> {
        let start = self.text.find(&format!("```{kind}\n"))? + kind.len() + 4;
        let end = start + self.text[start..].find("```")?;
        Some(&self.text[start..end])
    }

    pub(crate) fn name(&self) -> String {
        self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub(crate) fn sides(&self) -> (&str, &str) {
        (self.block("sql,before").unwrap_or(""), self.block("sql,after").unwrap_or(""))
    }

    /// Both schemas, and the renames between them.
    pub(crate) fn read(&self, major: u16) -> (Schema, Schema, Vec<Rename>) {
        let (before, after) = self.sides();
        let (before, after) = (schema(before, major), schema(after, major));
        let renames = self.block("text,renames").unwrap_or("").lines();
        let named = |line| named(&before, &after, line).unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        let renames = renames.map(named).collect();
        (before, after, renames)
    }

    /// Whether the block is what is shown; `UPDATE=1` writes it into the page.
    pub(crate) fn shows(&self, kind: &str, shown: &str) -> Option<String> {
        if self.block(kind) == Some(shown) {
            return None;
        }
        if std::env::var_os("UPDATE").is_none() {
            return Some(format!("{}\n{shown}", self.name()));
        }
        let text = match self.block(kind) {
            Some(old) => self.text.replace(&format!("```{kind}\n{old}```"), &format!("```{kind}\n{shown}```")),
            None => format!("{}\n```{kind}\n{shown}```\n", self.text.trim_end()),
        };
        fs::write(&self.path, text).expect("a page can be written");
        None
    }

    /// The first major version that knows what the page is about.
    pub(crate) fn since(&self) -> u16 {
        self.block("text,since").and_then(|since| since.trim().parse().ok()).unwrap_or(14)
    }
}

pub(crate) fn pages() -> Vec<Page> {
    pages_in("cases/diff")
}

pub(crate) fn pages_in(folder: &str) -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder of cases").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| Page { text: fs::read_to_string(&path).expect("a page is text"), path };
    paths.into_iter().map(read).collect()
}

pub(crate) fn schema(sql: &str, major: u16) -> Schema {
    let options = read::Options { version: Version(major, 0), unreleased: None };
    let reading = read::read(vec![Input::new("schema.sql", sql)], &options);
    let problems: Vec<String> = reading.problems.iter().map(|problem| problem.message.clone()).collect();
    assert!(problems.is_empty(), "{problems:?}: {sql}");
    reading.schema
}

fn statements(page: &Page, major: u16) -> Vec<String> {
    let (before, after, renames) = page.read(major);
    let settings = Settings { renames, ..servers::settings(major) };
    let found = diff(&before, &after, &settings);
    let left = found.left.iter().map(|path| format!("-- no way to {path}"));
    found.statements(&before).into_iter().chain(left).collect()
}

/// The version that the pages show.
pub(crate) const SHOWN: u16 = 17;

#[test]
fn pages_show_the_way() {
    let mut wrong = Vec::new();
    for page in pages() {
        let shown = statements(&page, SHOWN.max(page.since())).join("\n");
        let shown = if shown.is_empty() { shown } else { format!("{shown}\n") };
        wrong.extend(page.shows("sql,diff", &shown));
    }
    assert!(wrong.is_empty(), "UPDATE=1 cargo test writes these pages:\n\n{}", wrong.join("\n\n"));
}

#[test]
fn every_server_arrives() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for lab in servers::all() {
        let major = servers::major(lab);
        let mut rooms = [Room::new(lab), Room::new(lab)];
        for page in pages().iter().filter(|page| page.since() <= major) {
            let (before, after) = page.sides();
            let complaints = servers::arrives(&mut rooms, before, &statements(page, major), after);
            run += 1;
            if !complaints.is_empty() {
                wrong.push(format!("{} on {major}:\n  {}", page.name(), complaints.join("\n  ")));
            }
        }
    }
    println!("{run} differences arrived or did not");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
