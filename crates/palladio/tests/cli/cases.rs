//! The pages in `cases/`: what a project holds, and what Palladio says of it.
//!
//! Blocks marked `input` become files, under the path that stands behind the word; the blocks marked `findings` show
//! what `palladio check` prints in the concise format, with the arguments that stand behind that word.
//! `UPDATE=1 cargo test` rewrites the findings.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::Project;

#[test]
fn pages_say_what_is_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases");
    let pages = pages(&folder);
    assert!(!pages.is_empty(), "there are pages in cases/");
    let mut wrong = Vec::new();
    for path in pages {
        let page = fs::read_to_string(&path).expect("a page is text");
        let printed = print(&page);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &printed).expect("a page can be written");
        } else if page != printed {
            wrong.push(format!("{}\n\n{printed}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "UPDATE=1 cargo test writes these pages:\n\n{}", wrong.join("\n\n"));
}

/// Every page below the folder, in order.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder of cases").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    let below = |path: PathBuf| if path.is_dir() { pages(&path) } else { vec![path] };
    entries.into_iter().flat_map(below).filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

/// The page with its findings as they are now.
fn print(page: &str) -> String {
    let project = Project::empty();
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out += line;
        out += "\n";
        let Some(block) = line.strip_prefix("```").filter(|block| !block.is_empty()) else { continue };
        let body: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let (kind, rest) = block.split_once(' ').unwrap_or((block, ""));
        if kind.ends_with(",input") {
            project.write(if rest.is_empty() { "schema.sql" } else { rest }, &body);
        }
        out += &if kind == "text,findings" { findings(&project, rest) } else { body };
        out += "```\n";
    }
    out
}

fn findings(project: &Project, arguments: &str) -> String {
    let fixed = ["check", "--format", "concise", "--quiet", "--show-problems", "--exit-zero"];
    let arguments: Vec<&str> = fixed.into_iter().chain(arguments.split_whitespace()).collect();
    let run = project.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stderr + &run.stdout
}
