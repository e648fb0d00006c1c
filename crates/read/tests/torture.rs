//! Input that nobody should have written: a problem with its place, no panic, no overflow, no long wait.

use model::dialect::Version;
use model::{ProblemKind, Reading};
use proptest::prelude::*;
use read::load::load;
use read::{Input, Options, read};

fn reading_of(bytes: &[u8]) -> Reading {
    let input = load("a.sql", bytes).expect("reading from memory cannot fail");
    read(vec![input], &Options { version: Version(17, 0), unreleased: None })
}

/// The kinds and lines of the problems.
fn check(text: &str, expected: &[(ProblemKind, u32)]) {
    let reading = reading_of(text.as_bytes());
    let line = |place| reading.sources.position(place).line;
    let found: Vec<(ProblemKind, u32)> =
        reading.problems.iter().map(|problem| (problem.kind, problem.place.map_or(0, line))).collect();
    assert_eq!(found, expected, "{:?}", reading.problems.first());
}

#[test]
fn nested_deeper_than_any_stack() {
    check(
        &format!("SELECT 1;\nSELECT {}1{};\nSELECT 1;", "(".repeat(20_000), ")".repeat(20_000)),
        &[(ProblemKind::Syntax, 2)],
    );
    check(&format!("CREATE TABLE t (a int DEFAULT {}1", "(".repeat(20_000)), &[(ProblemKind::Syntax, 1)]);
}

#[test]
fn nested_as_deep_as_is_read() {
    check(&format!("SELECT {}1{};", "(".repeat(400), ")".repeat(400)), &[]);
    check(&format!("SELECT {}1;", "1 + ".repeat(10_000)), &[]);
    check(&format!("SELECT {} true;", "a = 1 OR ".repeat(4_000)), &[]);
}

#[test]
fn a_megabyte_in_one_line() {
    let line = format!("INSERT INTO t VALUES (1){};", ", (2, 'x', now())".repeat(60_000));
    assert!(line.len() > 1_000_000);
    check(&line, &[]);
}

#[test]
fn truncated_in_the_middle() {
    check("CREATE TABLE a (b int);\nCREATE FUNCTION f() RETURNS int AS $$ BEGIN", &[(ProblemKind::Syntax, 2)]);
    check("CREATE TABLE a (b text DEFAULT 'x", &[(ProblemKind::Syntax, 1)]);
}

#[test]
fn carriage_returns_count_as_part_of_their_line() {
    let reading = reading_of(b"CREATE TABLE a (b int);\r\nDROP TABLE c;\r\n");
    assert!(reading.schema.tables().next().is_some());
    let place = reading.problems[0].place.expect("a place");
    assert_eq!(reading.sources.position(place).line, 2);
}

#[test]
fn no_text_at_all() {
    let reading = reading_of(b"\x7fELF\0\0\0\x01junk");
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.problems[0].kind, ProblemKind::Unreadable);
    check("", &[]);
    check("\u{feff}", &[]);
    check("-- only a comment", &[]);
}

/// Words that readers look for, so that random texts reach them.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "CREATE",
        "TABLE",
        "t",
        "(",
        ")",
        "a",
        "int",
        ",",
        ";",
        "ALTER",
        "ADD",
        "COLUMN",
        "DROP",
        "INDEX",
        "ON",
        "DO",
        "$$",
        "BEGIN",
        "END",
        "IF",
        "THEN",
        "SELECT",
        "FROM",
        "WHERE",
        "=",
        "'",
        "\"",
        "--",
        "/*",
        "*/",
        "\n",
        "COPY",
        "stdin",
        "\\.",
        "{{",
        "}}",
        "${x}",
        ":v",
        "CHECK",
        "REFERENCES",
        "VIEW",
        "AS",
        "FUNCTION",
        "RETURNS",
        "LANGUAGE",
        "plpgsql",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT",
        "s",
        "SET",
        "search_path",
        "é",
        "-- +goose Up",
        "-- migrate:down",
        "--rollback",
        "\\i",
        "-- palladio: ignore[",
        "POLICY",
        "TRIGGER",
        "TYPE",
        "ENUM",
        "1.5",
        "NULL",
        "NOT",
        "UNIQUE",
        "PARTITION",
        "BY",
        "GRANT",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn random_words(text in words()) {
        reading_of(text.as_bytes());
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        reading_of(&bytes);
    }

    #[test]
    fn random_layouts(files in prop::collection::vec(("[VUR]?[0-9]{0,3}(__|_)[a-b](\\.up|\\.down)?", words()), 0..6)) {
        let inputs = files.iter().map(|(name, text)| Input::new(&format!("m/{name}.sql"), text)).collect();
        read(inputs, &Options { version: Version(17, 0), unreleased: None });
    }
}
