//! `docs/migrations.md`: what the tests print there, part by part. `UPDATE=1 cargo test` writes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const HEAD: &str = "\
# From one schema to another: what is shown

Every part of this page is printed by a test of `crates/migrate/tests/diff`, which says its command.
";

/// The parts in their order.
const PARTS: [&str; 3] = ["kinds", "renames", "histories"];

/// Writes the part, or says that it is not what stands there.
pub(crate) fn part(name: &str, text: &str) -> Result<(), String> {
    // Several tests write at once.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().expect("nobody panics here");
    let path = page();
    let old = fs::read_to_string(&path).unwrap_or_default();
    let text = text.trim();
    if inside(&old, name) == Some(text) {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_none() {
        return Err(format!("UPDATE=1 cargo test writes docs/migrations.md:\n{text}"));
    }
    let mut page = HEAD.to_owned();
    for part in PARTS {
        let body = if part == name { Some(text) } else { inside(&old, part) };
        if let Some(body) = body {
            page += &format!("\n{}\n{body}\n{}\n", mark("begin", part), mark("end", part));
        }
    }
    fs::write(path, page).map_err(|error| error.to_string())
}

/// The rows of the table that stand in a part now, by their first column.
pub(crate) fn rows(name: &str) -> BTreeMap<String, String> {
    let old = fs::read_to_string(page()).unwrap_or_default();
    let lines = inside(&old, name).unwrap_or("").lines().filter(|line| line.starts_with("| ")).skip(1);
    let first = |line: &str| line.split('|').nth(1).map_or_else(String::new, |word| word.trim().to_owned());
    lines.map(|line| (first(line), line.to_owned())).collect()
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/migrations.md")
}

fn mark(word: &str, part: &str) -> String {
    format!("<!-- {word} {part} -->")
}

fn inside<'a>(page: &'a str, part: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&mark("begin", part))?;
    rest.split_once(&mark("end", part)).map(|(body, _)| body.trim())
}
