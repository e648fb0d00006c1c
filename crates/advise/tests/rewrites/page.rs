//! A page: a schema, queries with what becomes of them, and queries that are kept.

use std::fs;
use std::path::{Path, PathBuf};

use model::Schema;
use model::dialect::Version;
use read::{Input, Options};

pub(crate) struct Page {
    path: PathBuf,
    text: String,
}

/// Every page, by name.
pub(crate) fn all() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/rewrite");
    let files = fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be read").path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    files.sort();
    files.into_iter().map(|path| Page { text: fs::read_to_string(&path).expect("it is text"), path }).collect()
}

/// The schema that a script makes.
pub(crate) fn schema(script: &str) -> Schema {
    let options = Options { version: Version(14, 0), unreleased: None };
    read::read(vec![Input::new("schema.sql", script)], &options).schema
}

impl Page {
    /// The rule of the page.
    pub(crate) fn name(&self) -> String {
        self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The bodies of the blocks of that kind.
    pub(crate) fn blocks(&self, kind: &str) -> Vec<&str> {
        let fence = format!("```sql,{kind}\n");
        let parts = self.text.split(&fence).skip(1);
        parts.map(|part| part.split("```").next().unwrap_or_default().trim_end()).collect()
    }

    /// What is to become of a query, if the page says it.
    pub(crate) fn to(&self, from: &str) -> Option<&str> {
        let behind = self.text.split_once(&format!("```sql,from\n{from}\n```"))?.1.trim_start();
        Some(behind.strip_prefix("```sql,to\n")?.split("\n```").next().unwrap_or_default())
    }

    /// Writes what becomes of a query into the page.
    pub(crate) fn write(&mut self, from: &str, to: &str) {
        let block = format!("```sql,from\n{from}\n```\n");
        let old = self.to(from).map(|old| format!("{block}```sql,to\n{old}\n```\n")).unwrap_or_else(|| block.clone());
        self.text = self.text.replace(&old, &format!("{block}```sql,to\n{to}\n```\n"));
        fs::write(&self.path, &self.text).expect("the page can be written");
    }
}
