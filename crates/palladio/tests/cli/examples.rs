//! What comes with the repository: a project with mistakes and one without.

use std::path::Path;
use std::process::{Command, Output};

fn palladio(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_palladio")).args(arguments).current_dir(root).output().expect("the binary starts")
}

#[test]
fn the_shop_has_findings_of_every_subject() {
    let output = palladio(&["check", "examples/shop", "--format", "json", "--show-problems"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "every statement is understood");
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rules = palladio(&["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_slice(&rules.stdout).expect("JSON");
    let found = |rule: &serde_json::Value| {
        let findings = report["findings"].as_array().expect("findings");
        findings.iter().any(|finding| finding["rule"] == rule["rule"])
    };
    for subject in ["schema", "step", "query", "plan", "stats"] {
        let mut of_subject = rules["rules"].as_array().expect("rules").iter().filter(|rule| rule["subject"] == subject);
        assert!(of_subject.any(found), "nothing is found about a {subject}");
    }
}

#[test]
fn the_library_has_none() {
    let output = palladio(&["check", "examples/clean", "--format", "concise", "--quiet", "--show-problems"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
