//! The README shows the binary as it is: each `$ palladio …` in a `console` block is run at the root of the repository,
//! and what it prints stands below it. `UPDATE=1 cargo test` rewrites it.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn transcripts_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("README.md");
    let page = fs::read_to_string(&path).expect("the README is text");
    let printed = print(&root, &page);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &printed).expect("the README can be written");
    } else {
        assert_eq!(page, printed, "UPDATE=1 cargo test writes it");
    }
}

/// The page with what its commands print now.
fn print(root: &Path, page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out += &format!("{line}\n");
        if line != "```console" {
            continue;
        }
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        for command in body.into_iter().filter(|line| line.starts_with("$ ")) {
            out += &format!("{command}\n{}", run(root, command));
        }
        out += "```\n";
    }
    out
}

fn run(root: &Path, command: &str) -> String {
    let arguments = command.strip_prefix("$ palladio ").expect("the README runs palladio");
    let output = Command::new(env!("CARGO_BIN_EXE_palladio"))
        .args(arguments.split_whitespace())
        .current_dir(root)
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary starts");
    // A terminal shows both, the remarks behind what was printed.
    String::from_utf8(output.stdout).expect("text") + &String::from_utf8(output.stderr).expect("text")
}
