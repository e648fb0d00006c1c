//! A private PostgreSQL, if this machine has one, takes every example.

use check::rules;
use live::testing;

use crate::examples::{self, File};

#[test]
fn a_database_accepts_the_examples() {
    let Some(lab) = testing::lab_with_tools() else { return };
    let mut script = String::new();
    let mut rules_by_line = Vec::new();
    for rule in rules() {
        for example in examples::of(rule).iter().filter(|example| example.language == "sql") {
            script += AFRESH;
            for File { path, text, .. } in example.files() {
                match path.as_str() {
                    path if path.ends_with(".json") => {}
                    path if path.starts_with("queries/") => script += &prepared(&text),
                    _ => script += &text,
                }
            }
            rules_by_line.resize(script.lines().count(), rule.name);
        }
    }
    let (_, messages) = lab.psql(&testing::database(lab), &script).expect("psql runs");
    let errors = messages.lines().filter(|message| message.contains("ERROR:"));
    let (refused, wrong): (Vec<String>, Vec<String>) = errors
        .map(|message| format!("{}: {message}", rule_at(message, &rules_by_line)))
        .partition(|message| REFUSED.iter().any(|(name, _)| message.starts_with(&format!("{name}:"))));
    let expected: usize = REFUSED.iter().map(|(_, examples)| examples).sum();
    assert_eq!(refused.len(), expected, "one error for each bad example of these: {refused:?}");
    assert!(wrong.is_empty(), "{} statements:\n{}", wrong.len(), wrong.join("\n"));
}

/// Ends what an example left open, and takes away what it made.
const AFRESH: &str = "ROLLBACK; RESET ALL; DEALLOCATE ALL;
DO $$ DECLARE made record; BEGIN
  FOR made IN SELECT format('DROP EXTENSION %I CASCADE', extname) AS drop FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication
    UNION ALL SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', nspname) FROM pg_namespace
              WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL SELECT format('DROP OWNED BY %1$I CASCADE; DROP ROLE %1$I', rolname) FROM pg_roles
              WHERE rolname !~ '^pg_' AND rolname <> current_user AND oid <> 10
  LOOP EXECUTE made.drop; END LOOP;
END $$;
CREATE SCHEMA public;
";

/// `psql:script.sql:12: ERROR: …` is about the example that stands at line 12.
fn rule_at(message: &str, rules_by_line: &[&'static str]) -> &'static str {
    let line = message.split(':').nth(2).and_then(|number| number.trim().parse::<usize>().ok());
    line.and_then(|line| rules_by_line.get(line - 1)).copied().unwrap_or("a rule")
}

/// Rules about what the database refuses, with the number of examples that it refuses.
const REFUSED: &[(&str, usize)] = &[
    ("breaks-query", 1),
    ("concurrently-in-transaction", 1),
    ("duplicate-assignment", 2),
    ("enum-value-used-in-same-transaction", 1),
    ("refused-by-server", 1),
    ("unknown-column", 2),
    ("untrusted-language", 2),
];

/// Queries may have parameters: the database reads and checks them without running them.
fn prepared(queries: &str) -> String {
    let statements = queries.split_inclusive(";\n").filter(|statement| !statement.trim().is_empty());
    statements.enumerate().map(|(number, statement)| format!("PREPARE q{number} AS {statement}")).collect()
}
