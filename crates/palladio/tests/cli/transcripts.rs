//! What a person types, and everything that comes back.

use crate::project::{Project, committed};

#[test]
fn no_arguments_is_help_and_a_failure() {
    let run = Project::empty().run(&[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("Usage: palladio"), "{}", run.stderr);
}

#[test]
fn nothing_to_read() {
    Project::empty().check(
        "check",
        2,
        "",
        "\
error: no SQL in .
  Looked for *.sql, query plans and statistics, past .gitignore and node_modules
  Name what to read: palladio check FILE
",
    );
}

#[test]
fn a_missing_file_is_no_finding() {
    let run = Project::empty().run(&["check", "gone.sql"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: no such file or folder: gone.sql\n"), "{}", run.stderr);
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    let run = Project::empty().run(&["check", "postgres://me:secret@127.0.0.1:1/db"]);
    assert_eq!(run.code, 2);
    assert!(!run.stderr.contains("secret"), "{}", run.stderr);
    assert!(run.stderr.contains("no connection to postgres://me@127.0.0.1:1/db"), "{}", run.stderr);
}

#[test]
fn an_unknown_key_is_shown_at_its_place() {
    Project::with(&[("palladio.toml", "pg-verson = 16\n"), ("a.sql", "SELECT 1;\n")]).check(
        "check",
        2,
        "",
        "\
error: no key is called `pg-verson`
 --> palladio.toml:1:1
  |
1 | pg-verson = 16
  | ^^^^^^^^^
  |
  = help: did you mean `pg-version`?
",
    );
}

#[test]
fn origins_of_the_configuration() {
    let project = Project::with(&[("palladio.toml", "# ours\npg-version = 16\nfail-on = \"error\"\n")]);
    project.check(
        "config --show-origin",
        0,
        "\
sources = [\".\"]                           # default
exclude = []                              # default
pg-version = 16                           # palladio.toml:2
target = \"postgresql\"                     # default
select = []                               # default
extend-select = []                        # default
ignore = []                               # default
fail-on = \"error\"                         # palladio.toml:3
# baseline is not set                     # default
# stats is not set                        # default
min-days = 30                             # default
severity = {}                             # default
per-path-ignores = {}                     # default
naming = {}                               # default
databases = {}                            # default
",
        "",
    );
}

#[test]
fn init_writes_what_config_reads() {
    let project = Project::with(&[("compose.yaml", "services:\n  db:\n    image: postgres:16\n")]);
    let run = project.run(&["init"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(run.stdout.starts_with("PostgreSQL 16, says compose.yaml\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("Wrote palladio.toml; next: palladio check\n"), "{}", run.stdout);
    assert!(project.run(&["config"]).stdout.contains("pg-version = 16\n"));
    assert_eq!(project.run(&["init"]).code, 2);
}

#[test]
fn completions_and_the_man_page_come_from_the_same_definition() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = project.run(&["completions", shell]);
        assert_eq!(run.code, 0, "{shell}: {}", run.stderr);
        assert!(run.stdout.contains("fail-on"), "{shell}");
    }
    assert!(project.run(&["man"]).stdout.contains(".TH palladio 1"));
    assert!(project.run(&["man", "check"]).stdout.contains("fail\\-on"));
}

#[test]
fn rules_as_json() {
    let run = Project::empty().run(&["rules", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(value["version"], 1);
}

#[test]
fn every_format_for_machines_is_well_formed() {
    let project = Project::with(&[("db/schema.sql", "CREATE TABLE orders (placed_at timestamp);\n")]);
    for format in ["json", "sarif", "gitlab"] {
        let run = project.run(&["check", "--format", format]);
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&run.stdout);
        assert!(parsed.is_ok(), "{format}: {}", run.stdout);
    }
    let run = project.run(&["check", "--format", "sarif", "-o", "out/palladio.sarif"]);
    assert_eq!(run.stdout, "");
    assert!(project.read("out/palladio.sarif").contains("\"version\": \"2.1.0\""));
}

#[test]
fn the_schema_of_the_configuration_is_committed() {
    committed("palladio.schema.json", &palladio::config::schema());
}

#[test]
fn the_page_about_the_configuration_is_committed() {
    committed("docs/configuration.md", &palladio::config::markdown());
}

#[cfg(unix)]
#[test]
fn a_cycle_of_links_ends() {
    let project = Project::with(&[("db/a.sql", "SELECT 1;\n")]);
    std::os::unix::fs::symlink(project.path("db"), project.path("db/again")).expect("a link");
    let run = project.run(&["check", "--format", "json"]);
    assert!(run.code < 2, "{}", run.stderr);
}

#[test]
fn the_configuration_nearest_to_the_sources_counts() {
    let project = Project::with(&[
        ("palladio.toml", "pg-version = 14\n"),
        ("services/db/palladio.toml", "pg-version = nonsense\n"),
        ("services/db/a.sql", "SELECT 1;\n"),
        ("b.sql", "SELECT 1;\n"),
    ]);
    let inner = project.run(&["check", "services"]);
    assert_eq!(inner.code, 0, "the folder of the file is below the source: {}", inner.stderr);
    let inner = project.run(&["check", "services/db/a.sql"]);
    assert_eq!(inner.code, 2);
    assert!(inner.stderr.contains("--> services/db/palladio.toml:1:14"), "{}", inner.stderr);
    let both = project.run(&["check", "services/db/a.sql", "b.sql"]);
    assert_eq!(both.code, 0, "{}", both.stderr);
    assert_eq!(project.run(&["check", "services/db", "--isolated"]).code, 0);
}

#[test]
fn globs_and_exclusions() {
    let project = Project::with(&[
        ("palladio.toml", "exclude = [\"db/old\"]\n"),
        ("db/a.sql", "SELECT 1;\n"),
        ("db/old/b.sql", "SELECT 1;\n"),
        ("db/deep/c.sql", "SELECT 1;\n"),
        ("node_modules/x/d.sql", "SELECT 1;\n"),
        (".gitignore", "db/deep\n"),
    ]);
    let files = |arguments: &[&str]| {
        let run = project.run(&[&["check", "--format", "concise"], arguments].concat());
        run.stderr.lines().next().unwrap_or("").split(':').next().unwrap_or("").to_owned()
    };
    assert_eq!(files(&[]), "Read 1 file");
    assert_eq!(files(&["db/old/b.sql", "db"]), "Read 2 files");
    assert_eq!(files(&["db/*.sql"]), "Read 1 file");
    assert_eq!(files(&["--isolated"]), "Read 2 files");
}
#[test]
fn an_unknown_rule_is_a_failure() {
    let run = Project::with(&[("a.sql", "SELECT 1;\n")]).run(&["check", "--select", "nonsense"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: no rule is called `nonsense`\n"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let project = Project::with(&[("a.sql", "SELECT 1;\n")]);
    let run = project.run(&["check", "--format", "json", "-o", "/dev/stderr"]);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("{\n  \"version\": 1"), "{}", run.stderr);
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    use std::process::{Command, Stdio};
    let mut command = Command::new(env!("CARGO_BIN_EXE_palladio"));
    let mut child =
        command.arg("rule").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}
