//! The sources as the database itself understands them: every statement run in order, what it refuses left out.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use model::Reading;
use model::dialect::Version;
use model::place::Place;
use model::query::QueryKind;
use model::step::Action;
use read::{Input, Options};

use scratch::Server;

/// Every file below a path that may hold SQL, in the order of the names.
pub(crate) fn load(path: &Path) -> Vec<Input> {
    let mut files = Vec::new();
    collect(path, &mut files);
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.strip_prefix(path).unwrap_or(file).display().to_string();
            let name = if name.is_empty() { file.display().to_string() } else { name };
            let reader = BufReader::new(File::open(file).expect("a listed file can be opened"));
            filled_in(read::load::load(&name, reader).expect("a file can be read"))
        })
        .collect()
}

/// The input with a schema where a template leaves its name to the deployment; the database cannot run it otherwise.
fn filled_in(input: Input) -> Input {
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

fn collect(path: &Path, files: &mut Vec<std::path::PathBuf>) {
    if path.is_file() {
        files.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        let known = path.extension().is_some_and(|extension| {
            extension == "sql"
                || extension == "toml"
                || extension == "json"
                || extension == "yml"
                || extension == "yaml"
                || extension == "xml"
        });
        if path.is_dir() || known {
            collect(&path, files);
        }
    }
}

pub(crate) fn read(inputs: &[Input]) -> Reading {
    read::read(inputs.to_vec(), &Options { version: Version(15, 0), unreleased: None })
}

/// Runs what the sources say on the database, and gives the sources without the statements that it refused.
pub(crate) fn run(server: &Server, database: &str, inputs: &[Input]) -> (Vec<Input>, usize) {
    let reading = read(inputs);
    let statements = statements(&reading);
    let mut script = String::new();
    for (number, place) in statements.iter().enumerate() {
        script += reading.sources.text(*place).trim().trim_end_matches(';');
        script += &format!("\n;\n\\echo @{number}@ :ERROR\n");
    }
    let (output, _) = server.run(database, &script);
    let refused: Vec<Place> = output
        .lines()
        .filter_map(|line| {
            // Rows that a SELECT prints may end without a line break before the mark.
            let (_, mark) = line.split_once('@')?;
            let (number, error) = mark.split_once("@ ")?;
            (error == "true").then(|| statements.get(number.parse::<usize>().ok()?)).flatten().copied()
        })
        .collect();
    (without(inputs, &refused), refused.len())
}

/// The places of the statements that the database is to run, in order.
fn statements(reading: &Reading) -> Vec<Place> {
    let steps = reading.migrations.iter().filter(|migration| !migration.down).flat_map(|migration| &migration.steps);
    let mut places: Vec<Place> = Vec::new();
    for step in steps.filter(|step| speaks_for_itself(&step.action)) {
        // What is inside a DO block runs with it.
        let inside = places.last().is_some_and(|last| {
            last.file == step.place.file && last.start <= step.place.start && step.place.end <= last.end
        });
        let text = reading.sources.text(step.place);
        if !inside && !text.trim_start().starts_with('\\') {
            places.push(step.place);
        }
    }
    places
}

/// What a function makes when a statement calls it stands in no source; rows are left out of a dump anyway.
fn speaks_for_itself(action: &Action) -> bool {
    match action {
        Action::Copy { .. } | Action::Call(_) => false,
        Action::Query(query) => query.kind != QueryKind::Select,
        _ => true,
    }
}

/// The texts with these places blank.
fn without(inputs: &[Input], places: &[Place]) -> Vec<Input> {
    let mut inputs = inputs.to_vec();
    for (index, input) in inputs.iter_mut().enumerate() {
        let refused: Vec<&Place> = places.iter().filter(|place| place.file.0 as usize == index).collect();
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
        input.file = model::place::SourceFile::new(&path, text, input.file.skipped.clone());
    }
    inputs
}
