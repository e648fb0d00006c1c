//! JSON, version 1: one document, or one object per line. Positions are 1-based, columns count characters, the end is
//! the first position behind the finding.

use model::reading::SourceKind;
use serde::Serialize;

use crate::Report;
use crate::item::{Item, items, qualified};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
    coverage: Coverage,
    sources: Vec<Source<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    name: &'a str,
    severity: &'static str,
    /// For what stands in no file the address of the database; the four numbers are null then.
    path: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    /// What it is about, with its schema: `public.orders.total`.
    object: Option<String>,
    message: &'a str,
    why: &'a [String],
    fix: Option<Fix>,
    proof: &'static str,
}

#[derive(Serialize)]
struct Fix {
    safe: bool,
    sql: Vec<String>,
}

#[derive(Serialize)]
struct Coverage {
    statements: u32,
    understood: u32,
}

#[derive(Serialize)]
struct Source<'a> {
    path: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    layout: Option<&'static str>,
    files: u32,
}

pub(super) fn document(report: &Report<'_>) -> String {
    let coverage = report.reading.coverage;
    let sources = report.reading.found.iter().map(|found| {
        let (kind, layout) = kind(found.kind);
        Source { path: &found.path, kind, layout, files: found.files }
    });
    super::pretty(&Document {
        version: 1,
        findings: items(report).map(finding).collect(),
        coverage: Coverage { statements: coverage.statements, understood: coverage.understood },
        sources: sources.collect(),
    })
}

pub(super) fn lines(report: &Report<'_>) -> String {
    let mut out = String::new();
    for item in items(report) {
        out += &serde_json::to_string(&finding(item)).expect("wire structs have string keys only");
        out.push('\n');
    }
    out
}

fn finding(item: Item<'_>) -> Finding<'_> {
    let Item { finding, at, origin, fix, .. } = item;
    Finding {
        rule: finding.rule,
        name: finding.name,
        severity: finding.severity.name(),
        line: at.as_ref().map(|at| at.start.line),
        column: at.as_ref().map(|at| at.start.column),
        end_line: at.as_ref().map(|at| at.end.line),
        end_column: at.as_ref().map(|at| at.end.column),
        path: at.map(|at| at.path).or(origin.map(|origin| origin.database)),
        object: finding.subject.as_ref().map(qualified),
        message: &finding.message,
        why: &finding.why,
        fix: fix.map(|fix| Fix { safe: fix.safe, sql: fix.sql }),
        proof: finding.proof.name(),
    }
}

fn kind(kind: SourceKind) -> (&'static str, Option<&'static str>) {
    match kind {
        SourceKind::Schema => ("schema", None),
        SourceKind::Migrations(layout) => ("migrations", Some(layout.name())),
        SourceKind::Queries => ("queries", None),
        SourceKind::QueryPlan => ("query plan", None),
        SourceKind::Stats => ("statistics", None),
    }
}

#[cfg(test)]
mod tests {
    use crate::item::tests::example;
    use crate::{Format, Report, Style, render};

    #[test]
    fn version_one() {
        let (reading, findings, rules) = example();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let expected = r#"{
  "version": 1,
  "findings": [
    {
      "rule": "M012",
      "name": "index-blocks-writes",
      "severity": "error",
      "path": "migrations/2_status.sql",
      "line": 2,
      "column": 1,
      "end_line": 2,
      "end_column": 13,
      "object": null,
      "message": "building this index stops every write to orders",
      "why": [
        "orders had 41,200,000 rows in the statistics: minutes, not seconds"
      ],
      "fix": {
        "safe": true,
        "sql": [
          "CREATE INDEX CONCURRENTLY i ON orders (status);"
        ]
      },
      "proof": "known"
    }
  ],
  "coverage": {
    "statements": 3,
    "understood": 3
  },
  "sources": [
    {
      "path": "migrations",
      "kind": "migrations",
      "layout": "numbered files",
      "files": 1
    }
  ]
}
"#;
        assert_eq!(render(&report, Format::Json, Style::PLAIN), expected);
    }

    #[test]
    fn a_line_is_an_object() {
        let (reading, findings, rules) = example();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let text = render(&report, Format::Jsonl, Style::PLAIN);
        assert_eq!(text.lines().count(), 1);
        let value: serde_json::Value = serde_json::from_str(text.trim()).expect("JSON");
        assert_eq!(value["rule"], "M012");
    }
}
