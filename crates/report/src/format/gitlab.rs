//! The code quality report of GitLab: a list of issues, each with a fingerprint that must be unique.

use model::Severity;
use serde::Serialize;

use crate::Report;
use crate::item::items;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
    content: Content,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let issues: Vec<Issue<'_>> = items(report)
        .map(|item| Issue {
            description: &item.finding.message,
            check_name: format!("{} {}", item.finding.rule, item.finding.name),
            fingerprint: item.fingerprint,
            severity: severity(item.finding.severity),
            location: item.at.map_or(
                // The format has no way to say that a finding stands in no file.
                Location {
                    path: item.origin.map_or(".".to_owned(), |origin| origin.to_string()),
                    lines: Lines { begin: 1, end: 1 },
                },
                |at| Location { path: at.path, lines: Lines { begin: at.start.line, end: at.end.line } },
            ),
            content: Content { body: item.finding.why.join("\n\n") },
        })
        .collect();
    super::pretty(&issues)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note => "info",
    }
}

#[cfg(test)]
mod tests {
    use crate::item::tests::example;
    use crate::{Format, Report, Style, render};

    #[test]
    fn code_quality() {
        let (reading, findings, rules) = example();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let expected = r#"[
  {
    "description": "building this index stops every write to orders",
    "check_name": "M012 index-blocks-writes",
    "fingerprint": "FINGERPRINT",
    "severity": "critical",
    "location": {
      "path": "migrations/2_status.sql",
      "lines": {
        "begin": 2,
        "end": 2
      }
    },
    "content": {
      "body": "orders had 41,200,000 rows in the statistics: minutes, not seconds"
    }
  }
]
"#;
        let expected = expected.replace("FINGERPRINT", &crate::fingerprints(&report)[0]);
        assert_eq!(render(&report, Format::Gitlab, Style::PLAIN), expected);
    }
}
