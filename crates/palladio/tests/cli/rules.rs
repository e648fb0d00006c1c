//! `docs/rules.md` is the list of rules and the page of each, as the binary prints them.

use crate::project::{Project, committed};

#[test]
fn the_page_of_rules_is_printed() {
    let project = Project::empty();
    let list = project.run(&["rules", "--format", "markdown"]).stdout;
    let pages = project.run(&["rule"]).stdout;
    let pages: String = pages.lines().map(|line| format!("{}\n", lowered(line))).collect();
    let intro = "\
# Rules

A rule is known by its code and its name; `--select`, `--ignore` and `ignore[…]` take either, the start of a code, or
the name of a group. This page is printed from the rules.
";
    committed("docs/rules.md", &format!("{intro}\n{}\n{}\n", list.trim_end(), pages.trim_end()));
}

/// The heading of a rule's page stands below the heading of this one.
fn lowered(line: &str) -> String {
    if line.starts_with("# ") { format!("#{line}") } else { line.to_string() }
}
