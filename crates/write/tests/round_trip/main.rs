//! The law of the writer: what is read and written makes the same database as the original, object by object, and
//! reads as the same model.

mod dump;
mod original;
mod server;

use std::env;
use std::path::{Path, PathBuf};

use read::Input;
use server::Server;
use write::sql::postgres;

fn folder(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inside)
}

#[test]
fn our_own_inputs_make_the_same_database() {
    let Some(server) = Server::start() else { return };
    let mut failures = Vec::new();
    for (name, inputs) in own_inputs() {
        let score = round_trip(&server, &inputs);
        println!(
            "{name}: {} of {} objects, {} statements refused",
            score.comparison.equal, score.comparison.total, score.refused
        );
        failures.extend(score.complaints().into_iter().map(|complaint| format!("{name}: {complaint}")));
        assert!(score.comparison.total > 0, "{name} makes nothing");
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn our_own_inputs_read_as_they_were_written() {
    for (name, inputs) in own_inputs() {
        let reading = original::read(&inputs);
        let written = postgres::schema(&reading.schema);
        let again = original::read(&[Input::new("schema.sql", &written)]);
        let rewritten = postgres::schema(&again.schema);
        assert_eq!(rewritten, written, "{name}: written twice, it is another text");
        for (path, object) in reading.schema.objects() {
            assert_eq!(again.schema.object(path), Some(object), "{name}: {path} reads as another object\n{written}");
        }
    }
}

fn own_inputs() -> Vec<(String, Vec<Input>)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder("tests/sql"))
        .expect("the inputs are there")
        .chain(std::fs::read_dir(folder("../../examples")).expect("the examples are there"))
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    paths.sort();
    let name = |path: &Path| path.file_name().expect("a listed file has a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), original::load(path))).collect()
}

/// A folder of projects, each with its SQL: `PALLADIO_CORPUS=folder cargo test -p write corpus -- --nocapture`.
#[test]
fn the_corpus_makes_the_same_databases() {
    let Some(corpus) = env::var_os("PALLADIO_CORPUS").map(|corpus| Path::new(&corpus).join("postgres")) else {
        println!("SKIPPED: PALLADIO_CORPUS names no folder of projects");
        return;
    };
    let Some(server) = Server::start() else { return };
    let mut projects: Vec<PathBuf> =
        std::fs::read_dir(&corpus).expect("the corpus is a folder").flatten().map(|entry| entry.path()).collect();
    projects.sort();
    let only = env::var("PALLADIO_PROJECT").unwrap_or_default();
    let mut table = String::from(
        "| project | statements understood | refused by PostgreSQL | objects equal |\n|---|---|---|---|\n",
    );
    for project in projects.iter().filter(|project| project.to_string_lossy().contains(&only)) {
        let name = project.file_name().expect("a project has a name").to_string_lossy().replace('+', "/");
        let inputs = original::load(project);
        let coverage = original::read(&inputs).coverage;
        let score = round_trip(&server, &inputs);
        println!("== {name}\n{}", score.complaints().join("\n"));
        let Score { comparison: dump::Comparison { equal, total, .. }, refused, .. } = score;
        table += &format!(
            "| {name} | {} of {} | {refused} | {equal} of {total} |\n",
            coverage.understood, coverage.statements
        );
    }
    println!("{table}");
}

struct Score {
    comparison: dump::Comparison,
    /// What the database said against the written script.
    errors: Vec<String>,
    refused: usize,
}

impl Score {
    fn complaints(&self) -> Vec<String> {
        self.errors.iter().chain(&self.comparison.differences).cloned().collect()
    }
}

/// Original → database → dump beside original → model → script → database → dump.
fn round_trip(server: &Server, inputs: &[Input]) -> Score {
    let (a, b) = ("original", "written");
    server.create_database(a);
    let (accepted, refused) = original::run(server, a, inputs);
    let before = server.dump(a);
    server.drop_database(a);

    let script = postgres::schema(&original::read(&accepted).schema);
    if let Some(folder) = env::var_os("PALLADIO_KEEP") {
        std::fs::write(Path::new(&folder).join("written.sql"), &script).expect("the folder can be written");
    }
    server.create_database(b);
    let (_, errors) = server.run(b, &script);
    let after = server.dump(b);
    server.drop_database(b);

    let errors = errors.lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect();
    Score { comparison: dump::compare(&before, &after), errors, refused }
}
