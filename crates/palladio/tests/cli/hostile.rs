//! What nobody should hand in: the answer is a report, and the file stays whole.

use std::fs;

use crate::project::Project;

const VERBS: [&[&str]; 5] = [
    &["check", "--show-problems", "deep.sql"],
    &["fix", "--diff", "--unsafe-fixes", "deep.sql"],
    &["inspect", "--format", "sql", "deep.sql"],
    &["inspect", "--format", "json", "deep.sql"],
    &["inspect", "--format", "markdown", "deep.sql"],
];

#[test]
fn deep_expressions_overflow_no_stack() {
    let chain = |operator: &str, operand: &str| {
        let chain = vec![operand; 9_000].join(operator);
        format!(
            "CREATE TABLE t (a bigint PRIMARY KEY, b text CHECK ({chain}));\nCREATE VIEW v AS SELECT {chain} FROM t;\n"
        )
    };
    let nested = |open: &str, close: &str| {
        let nested = open.repeat(20_000) + "a" + &close.repeat(20_000);
        format!("CREATE TABLE t (a bigint PRIMARY KEY, CHECK ({nested}));\nSELECT {nested} FROM t;\n")
    };
    let texts = [
        chain(" AND ", "a > 1"),
        chain(" OR ", "a > 1"),
        chain(" || ", "b"),
        nested("(", ")"),
        nested("ARRAY[", "]"),
        nested("CASE WHEN a THEN ", " END"),
        nested("lower(", ")"),
        nested("NOT ", ""),
    ];
    let project = Project::empty();
    for text in &texts {
        project.write("deep.sql", text);
        for verb in VERBS {
            let code = project.run(verb).code;
            assert!(code == 0 || code == 1, "{verb:?} ends with {code}: {}…", &text[..80]);
        }
    }
}

#[test]
fn what_is_not_utf8_is_left_as_it_is() {
    let text = "CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp, café text);\n";
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(letter).expect("Latin-1")).collect();
    let project = Project::empty();
    for bytes in [utf16, latin] {
        fs::write(project.path("schema.sql"), &bytes).expect("a file");
        let run = project.run(&["fix", "--unsafe-fixes", "--select", "T001"]);
        assert!(run.stdout.contains("Fixed nothing; 1 fix has no safe place"), "{}", run.stdout);
        assert_eq!(fs::read(project.path("schema.sql")).expect("a file"), bytes);
    }
}

#[test]
fn rows_that_were_not_read_stay_in_the_file() {
    let rows = "1\tfirst\n2\tcaf\u{e9}\n".repeat(300);
    let dump = format!(
        "CREATE TABLE t (id bigint PRIMARY KEY, at timestamp);\nCOPY t (id, at) FROM stdin;\n{rows}\\.\nSELECT 1;\n"
    );
    let project = Project::with(&[("dump.sql", &dump)]);
    let run = project.run(&["fix", "--unsafe-fixes", "--select", "T001"]);
    assert!(run.stdout.contains("Fixed 1 finding"), "{}", run.stdout);
    assert_eq!(project.read("dump.sql"), dump.replace("timestamp", "timestamptz"));
}

#[test]
fn without_git_there_is_no_since() {
    let project = Project::with(&[("a.sql", "SELECT 1;\n")]);
    let run = project.run(&["check", "--since", "main"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: --since needs a git repository, and here is none\n"), "{}", run.stderr);
}

/// A superuser may read everything, so that there is nothing to see as one.
#[cfg(unix)]
#[test]
fn a_folder_that_is_closed_is_a_failure() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::with(&[("closed/a.sql", "SELECT 1;\n")]);
    let allow = |mode| fs::set_permissions(project.path("closed"), fs::Permissions::from_mode(mode)).expect("a mode");
    allow(0o000);
    if fs::read_dir(project.path("closed")).is_err() {
        let run = project.run(&["check", "closed"]);
        assert_eq!((run.code, &*run.stderr), (2, "error: closed: permission denied\n"));
    }
    allow(0o755);
}
