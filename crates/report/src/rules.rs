//! The rules as data: what the list of rules, rule pages and SARIF metadata are printed from.

use model::Severity;
use serde::Serialize;

/// A rule, as reports know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    pub code: &'static str,
    pub name: &'static str,
    pub group: &'static str,
    pub severity: Severity,
    pub subject: &'static str,
    pub fix: bool,
    /// The first sentence of the page.
    pub summary: &'static str,
    /// Markdown.
    pub page: &'static str,
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
        rule: rule.code,
        name: rule.name,
        group: rule.group,
        severity: rule.severity.name(),
        subject: rule.subject,
        fix: rule.fix,
        summary: rule.summary,
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
            group = rule.group;
            out += &format!("{}{group}\n", if out.is_empty() { "" } else { "\n" });
        }
        let fix = if rule.fix { ", has a fix" } else { "" };
        out += &format!("  {:code$}  {}  ({}{fix})\n", rule.code, rule.name, rule.severity.name());
        for line in wrap(rule.summary, width.saturating_sub(code + 4)) {
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

/// A rule's page for a terminal: its name and facts, then what its author wrote, prose wrapped and code indented.
pub fn page(rule: &RuleInfo, width: usize) -> String {
    let looks_at = match rule.subject {
        "schema" => "looks at the schema",
        "history" => "looks at the migrations together",
        "step" => "looks at each statement of a migration",
        "query" => "looks at each query",
        "plan" => "looks at each query plan",
        "stats" => "looks at the statistics",
        _ => "looks at everything",
    };
    let mut facts = vec![rule.severity.name(), rule.group, looks_at];
    if rule.fix {
        facts.push("has a fix");
    }
    format!("{} {}\n{}\n\n{}", rule.code, rule.name, facts.join(", "), plain(rule.page, width))
}

/// Markdown of paragraphs and fenced code, as plain text.
fn plain(markdown: &str, width: usize) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in markdown.lines().chain([""]) {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            out += &wrapped(&mut paragraph, width);
            fenced = !fenced;
            out += match kind.split_once(',').map(|(_, kind)| kind) {
                Some("bad") => "bad:\n",
                Some("good") => "good:\n",
                _ => "",
            };
            out += if fenced { "" } else { "\n" };
        } else if fenced {
            out += &format!("    {line}\n");
        } else if line.trim().is_empty() {
            out += &wrapped(&mut paragraph, width);
        } else if line.trim_start().starts_with(['-', '|', '#']) {
            out += wrapped(&mut paragraph, width).trim_end_matches('\n');
            out += &format!("{}\n", line.trim_end());
        } else {
            paragraph += &format!("{} ", line.replace("**", ""));
        }
    }
    out.trim_end().to_owned() + "\n"
}

/// The paragraph in lines, with an empty one behind it; nothing when there is none.
fn wrapped(paragraph: &mut String, width: usize) -> String {
    let lines = wrap(&std::mem::take(paragraph), width);
    if lines.is_empty() { String::new() } else { lines.join("\n") + "\n\n" }
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
    fn a_page_is_readable_without_a_renderer() {
        let mut rule = example().2.remove(0);
        rule.page = "An index built without CONCURRENTLY stops every write; build it concurrently.\n\nWhy is a\nlong story.\n\n```sql,bad\nCREATE INDEX i ON t (a);\n```\n```sql,good\nSELECT 1;\n```\n\n\
                      **How to fix.** Do.\n";
        let expected = "\
M012 index-blocks-writes
error, migration, looks at each statement of a migration, has a fix

An index built without CONCURRENTLY stops every write; build it concurrently.

Why is a long story.

bad:
    CREATE INDEX i ON t (a);

good:
    SELECT 1;

How to fix. Do.
";
        assert_eq!(page(&rule, 80), expected);
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
