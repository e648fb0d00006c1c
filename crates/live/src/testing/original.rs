//! The sources as the database itself understands them: every statement run in order, what it refuses left out.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use model::Reading;
use model::dialect::Version;
use model::place::{Place, SourceFile};
use model::query::QueryKind;
use model::step::Action;
use read::{Input, Options};

use crate::Client;

/// Every file below a path that may hold SQL, in the order of the names.
pub fn load(path: &Path) -> Vec<Input> {
    let mut files = Vec::new();
    collect(path, &mut files);
    files.sort();
    let load = |file: &PathBuf| {
        let name = file.strip_prefix(path).unwrap_or(file).display().to_string();
        let name = if name.is_empty() { file.display().to_string() } else { name };
        let reader = BufReader::new(File::open(file).expect("a listed file can be opened"));
        filled_in(read::load::load(&name, reader).expect("a file can be read"))
    };
    files.iter().map(load).collect()
}

/// The input with a schema where a template leaves its name to the deployment; the database cannot run it otherwise.
pub fn filled_in(input: Input) -> Input {
    if !input.file.path.ends_with(".sql") || !input.file.text.contains("{{") {
        return input;
    }
    let mut text = String::new();
    let mut rest: &str = &input.file.text;
    while let Some((before, template)) = rest.split_once("{{") {
        let Some((_, behind)) = template.split_once("}}") else { break };
        text += before;
        text += "public";
        rest = behind;
    }
    text += rest;
    let path = input.file.path.clone();
    Input::new(&path, &text)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
        if path.is_dir() || ["sql", "toml", "json", "yml", "yaml", "xml"].contains(&extension) {
            collect(&path, files);
        }
    }
}

/// What the inputs say to a server of this major version.
pub fn read(inputs: &[Input], version: u16) -> Reading {
    read::read(inputs.to_vec(), &Options { version: Version(version, 0), unreleased: None })
}

/// Runs what the sources say on the database, and gives what it refused, with its words.
pub fn run(client: &mut Client, reading: &Reading) -> Vec<(Place, String)> {
    let mut refused = Vec::new();
    let mut open = false;
    for (place, action) in statements(reading) {
        let text = reading.sources.text(place).trim();
        // Like psql: what fails in a transaction is undone by itself.
        let guarded = open && !matches!(action, Action::Begin | Action::Commit | Action::Rollback);
        if guarded {
            let _ = client.batch_execute("SAVEPOINT palladio_law");
        }
        let result = client.batch_execute(text);
        if let Err(error) = &result {
            let words = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
            refused.push((place, words));
        }
        if guarded {
            let end = if result.is_ok() { "RELEASE palladio_law" } else { "ROLLBACK TO palladio_law" };
            let _ = client.batch_execute(end);
        }
        match action {
            Action::Begin => open = true,
            Action::Commit | Action::Rollback => open = false,
            _ => {}
        }
    }
    if open {
        let _ = client.batch_execute("COMMIT");
    }
    refused
}

/// The statements that the database is to run, in order.
fn statements(reading: &Reading) -> Vec<(Place, &Action)> {
    let steps = reading.migrations.iter().filter(|migration| !migration.down).flat_map(|migration| &migration.steps);
    let mut found: Vec<(Place, &Action)> = Vec::new();
    for step in steps.filter(|step| speaks_for_itself(&step.action)) {
        // What is inside a DO block runs with it.
        let inside = found.last().is_some_and(|(last, _)| {
            last.file == step.place.file && last.start <= step.place.start && step.place.end <= last.end
        });
        if !inside && !reading.sources.text(step.place).trim_start().starts_with('\\') {
            found.push((step.place, &step.action));
        }
    }
    found
}

/// What a function makes when a statement calls it stands in no source; rows are no part of a schema.
fn speaks_for_itself(action: &Action) -> bool {
    match action {
        Action::Copy { .. } | Action::Call(_) => false,
        Action::Query(query) => query.kind != QueryKind::Select,
        _ => true,
    }
}

/// The texts with these places blank.
pub fn without(inputs: &[Input], places: &[(Place, String)]) -> Vec<Input> {
    let mut inputs = inputs.to_vec();
    for (index, input) in inputs.iter_mut().enumerate() {
        let refused: Vec<&Place> =
            places.iter().map(|(place, _)| place).filter(|place| place.file.0 as usize == index).collect();
        if refused.is_empty() {
            continue;
        }
        let mut text = input.file.text.as_bytes().to_vec();
        for place in refused {
            for byte in &mut text[place.start as usize..place.end as usize] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
        }
        let text = String::from_utf8(text).expect("whole characters are blanked");
        let path = input.file.path.clone();
        input.file = SourceFile::new(&path, text, input.file.skipped.clone());
    }
    inputs
}
