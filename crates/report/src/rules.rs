//! The rules as data: what the list of rules, rule pages and SARIF metadata are printed from.

use model::Severity;
use serde::Serialize;

/// A rule, as reports know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    pub code: String,
    pub name: String,
    pub group: String,
    pub severity: Severity,
    pub subject: String,
    pub fix: bool,
    /// The first sentence of the page.
    pub summary: String,
    /// Markdown.
    pub page: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    version: u32,
    rules: Vec<WireRule<'a>>,
}

#[derive(Serialize)]
struct WireRule<'a> {
    rule: &'a str,
    name: &'a str,
    group: &'a str,
    severity: &'static str,
    subject: &'a str,
    fix: bool,
    summary: &'a str,
}

/// The list of rules as JSON.
pub fn json(rules: &[RuleInfo]) -> String {
    let rules = rules.iter().map(|rule| WireRule {
        rule: &rule.code,
        name: &rule.name,
        group: &rule.group,
        severity: rule.severity.name(),
        subject: &rule.subject,
        fix: rule.fix,
        summary: &rule.summary,
    });
    crate::format::pretty(&Wire { version: 1, rules: rules.collect() })
}

/// The list of rules as a table: one line each, and below it what a second line has to say.
pub fn table(rules: &[RuleInfo], width: usize) -> String {
    let code = rules.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut group = "";
    for rule in rules {
        if rule.group != group {
            group = &rule.group;
            out += &format!("{}{group}\n", if out.is_empty() { "" } else { "\n" });
        }
        let fix = if rule.fix { ", has a fix" } else { "" };
        out += &format!("  {:code$}  {}  ({}{fix})\n", rule.code, rule.name, rule.severity.name());
        for line in wrap(&rule.summary, width.saturating_sub(code + 4)) {
            out += &format!("  {:code$}  {line}\n", "");
        }
    }
    out
}

/// The list of rules as a Markdown table.
pub fn markdown(rules: &[RuleInfo]) -> String {
    let mut out = "| rule | name | severity | subject | fix | what it finds |\n|---|---|---|---|---|---|\n".to_owned();
    for rule in rules {
        let fix = if rule.fix { "yes" } else { "" };
        let summary = rule.summary.replace('|', "\\|");
        let RuleInfo { code, name, subject, severity, .. } = rule;
        out += &format!("| {code} | {name} | {} | {subject} | {fix} | {summary} |\n", severity.name());
    }
    out
}

/// A rule's page: its name and facts, then the Markdown that its author wrote.
pub fn page(rule: &RuleInfo) -> String {
    let RuleInfo { code, name, group, severity, subject, fix, page, .. } = rule;
    let fix = if *fix { ", has a fix" } else { "" };
    format!("# {code} {name}\n\n{}, {group}, looks at each {subject}{fix}\n\n{}\n", severity.name(), page.trim())
}

/// The text in lines of at most `width` characters, broken between words.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + length;
            }
            _ => {
                lines.push(word.to_owned());
                used = length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::example;

    #[test]
    fn json_is_versioned() {
        let text = json(&example().2);
        let expected = r#"{
  "version": 1,
  "rules": [
    {
      "rule": "M012",
      "name": "index-blocks-writes",
      "group": "migration",
      "severity": "error",
      "subject": "step",
      "fix": true,
      "summary": "An index built without CONCURRENTLY stops every write; build it concurrently."
    }
  ]
}
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn table_fits() {
        let expected = "\
migration
  M012  index-blocks-writes  (error, has a fix)
        An index built without CONCURRENTLY stops every
        write; build it concurrently.
";
        assert_eq!(table(&example().2, 56), expected);
    }
}
