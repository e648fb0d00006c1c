//! Every command that a document names is one that the command line understands.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;
use palladio::cli::Cli;

#[test]
fn commands_in_documents_parse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = 0;
    for file in documents(&root) {
        let text = fs::read_to_string(&file).expect("a document");
        for command in commands(&text) {
            found += 1;
            let parsed = Cli::try_parse_from(command.split_whitespace());
            // A verb by itself is named and not shown: what it asks for is not there.
            let is_a_name = command.split_whitespace().all(|word| word.chars().all(|sign| sign.is_ascii_lowercase()));
            let refused = parsed.err().filter(|error| match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => false,
                ErrorKind::MissingRequiredArgument => !is_a_name,
                _ => true,
            });
            assert!(refused.is_none(), "{}: `{command}`\n{}", file.display(), refused.expect("an error"));
        }
    }
    assert!(found > 5, "the documents name commands");
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["", "docs", "examples/shop", "examples/clean"] {
        let files = fs::read_dir(root.join(folder)).into_iter().flatten().filter_map(Result::ok);
        found.extend(files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    found.sort();
    found
}

/// What stands in code: lines that start with the program, and words in backticks that do. Placeholders are left out.
fn commands(text: &str) -> Vec<String> {
    let starts = ["palladio ", "target/release/palladio ", "cargo run --release -- "];
    let code = text.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n'));
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("$ "));
    let mut found = Vec::new();
    for piece in code.chain(lines) {
        let Some(arguments) = starts.iter().find_map(|start| piece.strip_prefix(start)) else { continue };
        let end = arguments.find([';', '|', '>', '#', '&', '`', '(']).unwrap_or(arguments.len());
        let arguments = arguments[..end].trim();
        let verb = arguments.split(' ').next().unwrap_or("");
        let is_verb =
            verb.starts_with('-') || (!verb.is_empty() && verb.chars().all(|letter| letter.is_ascii_lowercase()));
        if is_verb && !arguments.contains(['…', '[', '<', ',']) {
            found.push(format!("palladio {arguments}"));
        }
    }
    found
}
