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

/// PostgreSQL does each of these in an instant, or to what nobody uses yet.
const HARMLESS: [&str; 14] = [
    "ALTER TABLE b ADD COLUMN a2 bigint REFERENCES a;",
    "ALTER TABLE a ADD CONSTRAINT x_there CHECK (x IS NOT NULL) NOT VALID;",
    "ALTER TABLE a VALIDATE CONSTRAINT x_there;",
    "ALTER TABLE a ALTER x SET NOT NULL; ALTER TABLE a DROP CONSTRAINT x_there;",
    "ALTER TABLE a ALTER x TYPE varchar(100); ALTER TABLE a ALTER x TYPE text; ALTER TABLE a ALTER u TYPE varchar;",
    "ALTER TABLE a ALTER y TYPE numeric(12, 2); ALTER TABLE a ALTER ts TYPE timestamptz(6); ALTER TABLE a ALTER ip TYPE inet;",
    "ALTER TABLE a ADD COLUMN d1 timestamptz NOT NULL DEFAULT now(), ADD COLUMN d2 text DEFAULT 'x', ADD COLUMN d3 int DEFAULT 3 + 4;",
    "CREATE TEMP TABLE t AS SELECT * FROM a; CREATE INDEX ON t (id); UPDATE t SET x = 'y'; DROP TABLE t;",
    "CREATE TABLE n (id bigint PRIMARY KEY, q text); ALTER TABLE n RENAME TO m; ALTER TABLE m DROP COLUMN q; \
     ALTER TABLE m ADD COLUMN z text NOT NULL; UPDATE m SET z = ''; TRUNCATE m; DROP TABLE m;",
    "CREATE TABLE o (id bigint PRIMARY KEY, aid bigint REFERENCES a); CREATE INDEX ON o (aid);",
    "ALTER TABLE a ADD CONSTRAINT k_once UNIQUE USING INDEX a_k;",
    "CREATE TABLE p1 (LIKE p INCLUDING ALL); ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (1) TO (9); \
     CREATE INDEX ON p1 (d);",
    "CREATE MATERIALIZED VIEW v AS SELECT id FROM a; CREATE UNIQUE INDEX ON v (id);",
    "CREATE TABLE a_new (LIKE a INCLUDING ALL); CREATE INDEX ON a_new (u);",
];

#[test]
fn a_harmless_migration_is_called_so() {
    let first = "\
CREATE TABLE a (id bigint PRIMARY KEY, x varchar(50), y numeric(10, 2), ts timestamptz, k bigint, ip cidr, u text);
CREATE TABLE b (id bigint PRIMARY KEY);
CREATE TABLE p (id bigint, d bigint) PARTITION BY RANGE (d);
CREATE UNIQUE INDEX a_k ON a (k);
CREATE INDEX a_y ON a (y);
";
    let mut files = vec![("db/V1__first.sql".to_owned(), first.to_owned())];
    for (number, statements) in HARMLESS.iter().enumerate() {
        let path = format!("db/V{}__harmless.sql", number + 2);
        files.push((path, format!("SET lock_timeout = '2s';\nSET statement_timeout = '1min';\n{statements}\n")));
    }
    let checked = check(&files);
    let problems = checked.reading.problems.iter().map(|problem| problem.message.clone());
    let hazards = checked.findings.iter().filter(|finding| finding.rule.starts_with('M'));
    let said: Vec<String> = hazards.map(|finding| finding.message.clone()).chain(problems).collect();
    assert_eq!(said.join("\n"), "");
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
