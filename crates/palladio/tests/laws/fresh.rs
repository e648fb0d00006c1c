//! A script for an empty database locks nobody and rewrites nothing.

use std::path::Path;

use palladio::inspect::{Format, inspect};

use crate::examples;
use crate::project::{File, check, folder};

/// The hazards that are seen in the script that makes this schema.
fn hazards(name: &str, files: &[File]) -> Vec<String> {
    let script = inspect(&check(files).reading.schema, Format::Sql);
    let checked = check(&[("schema.sql".to_owned(), script)]);
    let hazards = checked.findings.iter().filter(|finding| finding.rule.starts_with('M'));
    hazards.map(|finding| format!("{name}: {} {}", finding.name, finding.message)).collect()
}

#[test]
fn a_script_for_an_empty_database_has_no_hazard() {
    let own = ["examples/shop", "examples/clean", "crates/write/tests/sql"];
    let mut found: Vec<String> = own.iter().flat_map(|path| hazards(path, &folder(path))).collect();
    for example in examples::bad() {
        found.extend(hazards(example.rule, &example.files));
    }
    for file in folder("crates/write/tests/sql") {
        found.extend(hazards(&file.0.clone(), &[file]));
    }
    assert_eq!(found.join("\n"), "");
}

/// Projects of others, where there are any: each folder of the one that PALLADIO_CORPUS names.
#[test]
fn nor_have_those_of_real_projects() {
    let Some(corpus) = std::env::var_os("PALLADIO_CORPUS") else { return };
    let projects = std::fs::read_dir(Path::new(&corpus)).expect("a folder").flatten();
    for project in projects.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let run = |arguments: &[&str]| {
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_palladio")).args(arguments).output();
            String::from_utf8_lossy(&output.expect("the binary starts").stdout).into_owned()
        };
        let path = project.to_str().expect("a readable path");
        let script = run(&["inspect", path, "--isolated", "--quiet", "--format", "sql"]);
        let checked = check(&[("schema.sql".to_owned(), script)]);
        let hazards = checked.findings.iter().filter(|finding| finding.rule.starts_with('M'));
        assert_eq!(hazards.map(|finding| &*finding.message).collect::<Vec<_>>().join("\n"), "", "{path}");
    }
}
