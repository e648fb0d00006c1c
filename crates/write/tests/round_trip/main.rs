//! The law of the writer: what is read and written makes the same database as the original, object by object, and
//! reads as the same model.

#![allow(clippy::print_stdout, reason = "scores, and tests that could not run, must be seen")]

mod dump;

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use live::Lab;
use live::testing::{self, original};
use model::object::Object;
use model::{Expr, Query, Span, Sql};
use read::Input;
use write::sql::postgres;

/// The version that the inputs are read for.
const MAJOR: u16 = 15;

fn folder(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inside)
}

#[test]
fn our_own_inputs_make_the_same_database() {
    let Some(lab) = testing::lab_with_tools() else { return };
    let mut failures = Vec::new();
    for (name, inputs) in own_inputs() {
        let score = round_trip(lab, &inputs);
        println!(
            "{name}: {} of {} objects, {} statements refused",
            score.comparison.equal, score.comparison.total, score.refused
        );
        failures.extend(score.complaints().iter().map(|complaint| format!("{name}: {complaint}")));
        assert!(score.comparison.total > 0, "{name} makes nothing");
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn our_own_inputs_read_as_they_were_written() {
    let mut failures = Vec::new();
    for (name, inputs) in own_inputs() {
        let reading = original::read(&inputs, MAJOR);
        let written = postgres::schema(&reading.schema);
        let again = original::read(&[Input::new("schema.sql", &written)], MAJOR);
        let rewritten = postgres::schema(&again.schema);
        assert_eq!(rewritten, written, "{name}: written twice, it is another text");
        for (path, object) in reading.schema.objects() {
            let other = again.schema.object(path).unwrap_or_else(|| panic!("{name}: {path} is gone"));
            let (again, once) = (format!("{:#?}", sorted(other)), format!("{:#?}", sorted(object)));
            let mut lines = once.lines().zip(again.lines()).enumerate();
            let difference = lines.find(|(_, (once, again))| once != again).map(|(line, _)| line);
            let around = |text: &str, line: usize| {
                text.lines().skip(line.saturating_sub(25)).take(30).collect::<Vec<_>>().join("\n")
            };
            if let Some(line) = difference {
                failures.push(format!(
                    "{name}: {path} reads as another object\n{}\n---\n{}",
                    around(&once, line),
                    around(&again, line)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The object without what the order of statements decides: the order of a table's parts, and whether a name in a query
/// was known already when the query was read.
fn sorted(object: &Object) -> Object {
    let mut object = object.clone();
    match &mut object {
        Object::Table(table) => {
            let table = Arc::make_mut(table);
            table.constraints.sort_by(|one, other| one.name.cmp(&other.name));
            table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            for policy in &mut table.policies {
                let conditions = policy.using.iter_mut().chain(&mut policy.check);
                conditions.for_each(|condition| *condition = Expr::Text(Sql::text(condition.to_string())));
            }
            // An index that was made first and attached then is the same index as one that the database made.
            table.indexes.iter_mut().for_each(|index| index.inherited = index.attached_to.is_some());
            table.triggers.sort_by(|one, other| one.name.cmp(&other.name));
        }
        Object::View(view) => {
            let view = Arc::make_mut(view);
            view.query = Query::opaque(view.query.kind, Sql::text(view.query.sql.to_string()), Span::default());
        }
        Object::Routine(routine) => Arc::make_mut(routine).queries.clear(),
        _ => {}
    }
    object
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

const COVERAGE: &str = "\
# How much is understood

For each project: its SQL run on PostgreSQL 15 and dumped, beside what Palladio read of it, written as SQL, run and
dumped. An object is equal when every line about it is. Statements that PostgreSQL itself refuses (an extension that is
not installed) are left out on both sides; so is what a function makes only when a SELECT calls it.

Printed by `PALLADIO_CORPUS=folder UPDATE=1 cargo test -p write corpus`, where the folder holds `postgres/owner+name`
for each project.

";

/// A folder of projects, each with its SQL: `PALLADIO_CORPUS=folder cargo test -p write corpus -- --nocapture`.
#[test]
fn the_corpus_makes_the_same_databases() {
    let Some(corpus) = env::var_os("PALLADIO_CORPUS").map(|corpus| Path::new(&corpus).join("postgres")) else {
        println!("SKIPPED: PALLADIO_CORPUS names no folder of projects");
        return;
    };
    let Some(lab) = testing::lab_with_tools() else { return };
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
        let coverage = original::read(&inputs, MAJOR).coverage;
        let score = round_trip(lab, &inputs);
        println!("== {name}\n{}", score.complaints().join("\n"));
        let Score { comparison: dump::Comparison { equal, total, .. }, refused, .. } = score;
        table += &format!(
            "| {name} | {} of {} | {refused} | {equal} of {total} |\n",
            coverage.understood, coverage.statements
        );
    }
    println!("{table}");
    if env::var_os("UPDATE").is_some() && only.is_empty() {
        std::fs::write(folder("../../docs/coverage.md"), format!("{COVERAGE}{table}"))
            .expect("the page can be written");
    }
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
fn round_trip(lab: &Lab, inputs: &[Input]) -> Score {
    let (a, b) = (testing::database(lab), testing::database(lab));
    let mut client = lab.connect(&a).expect("the database is there");
    let refused = original::run(&mut client, &original::read(inputs, MAJOR));
    drop(client);
    let before = lab.dump(&a).expect("pg_dump runs");
    lab.drop_database(&a).expect("it can be dropped");

    let script = postgres::schema(&original::read(&original::without(inputs, &refused), MAJOR).schema);
    if let Some(folder) = env::var_os("PALLADIO_KEEP") {
        std::fs::write(Path::new(&folder).join("written.sql"), &script).expect("the folder can be written");
    }
    let (_, errors) = lab.psql(&b, &script).expect("psql runs");
    let after = lab.dump(&b).expect("pg_dump runs");
    lab.drop_database(&b).expect("it can be dropped");

    let errors = errors.lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect();
    Score { comparison: dump::compare(&before, &after), errors, refused: refused.len() }
}
