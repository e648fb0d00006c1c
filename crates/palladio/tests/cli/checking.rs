//! Which findings are told: since a revision, beside a baseline, per path, by severity.

use std::process::Command;

use crate::project::{Project, Run};

const TIMESTAMP: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp);\n";

/// The places and rules of a run in the concise format.
fn places(run: &Run) -> Vec<String> {
    let place = |line: &str| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    run.stdout.lines().map(place).collect()
}

fn check(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[&["check", "--format", "concise", "--select", "T001"], arguments].concat())
}

fn git(project: &Project, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
    let run = Command::new("git").args(identity).args(arguments).current_dir(project.path("")).output();
    let run = run.expect("git starts");
    assert!(run.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn a_finding_fails_the_run_from_its_severity_on() {
    let project = Project::with(&[("schema.sql", TIMESTAMP)]);
    let run = check(&project, &[]);
    assert_eq!(places(&run), ["schema.sql:1:55: warning T001"]);
    assert_eq!(run.code, 1);
    assert_eq!(check(&project, &["--fail-on", "error"]).code, 0);
    assert_eq!(check(&project, &["--fail-on", "never"]).code, 0);
    assert_eq!(check(&project, &["--exit-zero"]).code, 0);
    project.write("palladio.toml", "[severity]\ntimestamp-without-zone = \"note\"\n");
    let run = check(&project, &[]);
    assert_eq!((places(&run), run.code), (vec!["schema.sql:1:55: note T001".to_owned()], 0));
    assert_eq!(check(&project, &["--fail-on", "note"]).code, 1);
}

#[test]
fn rules_can_be_off_in_some_files() {
    let project = Project::with(&[
        ("palladio.toml", "[per-path-ignores]\n\"db/legacy/**\" = [\"T001\"]\n"),
        ("db/legacy/a.sql", TIMESTAMP),
        ("db/b.sql", "CREATE TABLE invoices (id bigint PRIMARY KEY, paid_at timestamp);\n"),
    ]);
    assert_eq!(places(&check(&project, &[])), ["db/b.sql:1:55: warning T001"]);
    assert_eq!(check(&project, &["--isolated"]).stdout.lines().count(), 2);
}

#[test]
fn a_baseline_knows_findings_that_moved() {
    let project = Project::with(&[("schema.sql", TIMESTAMP)]);
    let written = check(&project, &["--baseline", "known.json", "--write-baseline"]);
    assert_eq!(written.code, 0);
    assert_eq!(written.stderr, "Wrote 1 finding to known.json; palladio check --baseline known.json leaves them out\n");
    let moved = format!("-- a comment\n\n{TIMESTAMP}CREATE TABLE visits (id bigint PRIMARY KEY, seen_at timestamp);\n");
    project.write("schema.sql", &moved);
    let run = check(&project, &["--baseline", "known.json"]);
    assert_eq!(places(&run), ["schema.sql:4:53: warning T001"]);
    assert!(run.stderr.contains("1 warning (1 more in the baseline)"), "{}", run.stderr);
    assert_eq!(check(&project, &["--baseline", "gone.json"]).code, 2);
}

#[test]
fn only_what_a_branch_adds() {
    let project = Project::with(&[("a.sql", TIMESTAMP)]);
    git(&project, &["init", "--quiet"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "-m", "first"]);
    assert_eq!(places(&check(&project, &["--since", "HEAD"])), Vec::<String>::new());
    project.write("a.sql", &format!("{TIMESTAMP}\nCREATE TABLE visits (id bigint PRIMARY KEY, seen_at timestamp);\n"));
    project.write("deep/größe.sql", "CREATE TABLE sizes (id bigint PRIMARY KEY, at timestamp);\n");
    let run = check(&project, &["--since", "main"]);
    assert_eq!(places(&run), ["a.sql:3:53: warning T001", "deep/größe.sql:1:47: warning T001"]);
    let run = check(&project, &["--since", "--nonsense"]);
    assert_eq!(run.code, 2);
    let run = check(&project, &["--since=--nonsense"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: git knows no commit called `--nonsense` here\n"), "{}", run.stderr);
}

#[test]
fn the_standard_input_has_a_name() {
    let project = Project::empty();
    let arguments = ["check", "--format", "concise", "--select", "T001", "-", "--stdin-filename", "db/new.sql"];
    let run = project.run_with(&arguments, TIMESTAMP);
    assert_eq!(places(&run), ["db/new.sql:1:55: warning T001"]);
}
