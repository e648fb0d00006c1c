//! SARIF 2.1.0 (OASIS standard): one run, rules with their pages, regions that count Unicode characters from 1.

use std::collections::BTreeMap;

use model::place::Position;
use model::{Edit, Place, Problem, Reading};
use serde::Serialize;

use crate::Report;
use crate::item::{At, Item, Origin, at, by_code, items};
use crate::rules::RuleInfo;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The root of the sources; who reads the log knows where that is.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation<'a>; 1],
    original_uri_base_ids: BTreeMap<&'static str, Root>,
    column_kind: &'static str,
    results: Vec<ResultEntry<'a>>,
}

#[derive(Serialize)]
struct Root {
    description: Text<&'static str>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    name: &'a str,
    short_description: Text<&'a str>,
    help: Help<'a>,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Text<T> {
    text: T,
}

#[derive(Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: &'a str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: [&'a str; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Text<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    properties: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<PhysicalLocation>,
    /// What stands in no file: an object of a running database.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Text<&'a str>,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<&'a str>,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let indexes = by_code(report.rules);
    let results = items(report).map(|item| {
        let index = indexes.get(item.finding.rule).map(|(index, _)| *index);
        result(item, index, report.reading)
    });
    let root = Root { description: Text { text: "the folder in which palladio was started" } };
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "palladio",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: report.rules.iter().map(rule).collect(),
            },
        },
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: report
                .reading
                .problems
                .iter()
                .map(|problem| notification(problem, report.reading))
                .collect(),
        }],
        original_uri_base_ids: BTreeMap::from([(ROOT, root)]),
        column_kind: "unicodeCodePoints",
        results: results.collect(),
    };
    super::pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

fn rule(rule: &RuleInfo) -> Rule<'_> {
    Rule {
        id: rule.code,
        name: rule.name,
        short_description: Text { text: rule.summary },
        help: Help { text: rule.page, markdown: rule.page },
        default_configuration: Configuration { level: rule.severity.name() },
        properties: Properties { tags: [rule.group, rule.subject] },
    }
}

fn result<'a>(item: Item<'a>, rule_index: Option<usize>, reading: &Reading) -> ResultEntry<'a> {
    let finding = item.finding;
    let message = std::iter::once(&finding.message).chain(&finding.why).map(String::as_str).collect::<Vec<_>>();
    let fixes = finding.fix.iter().filter(|fix| !fix.edits.is_empty()).map(|fix| Fix {
        description: Text { text: &fix.title },
        artifact_changes: artifact_changes(&fix.edits, reading),
    });
    ResultEntry {
        rule_id: finding.rule,
        rule_index,
        level: finding.severity.name(),
        message: Text { text: message.join("\n") },
        locations: item.at.iter().map(location).chain(item.origin.iter().map(logical_location)).collect(),
        partial_fingerprints: BTreeMap::from([("palladio/v1", item.fingerprint)]),
        fixes: fixes.collect(),
        properties: BTreeMap::from([("proof", finding.proof.name())]),
    }
}

fn notification<'a>(problem: &'a Problem, reading: &Reading) -> Notification<'a> {
    let at = problem.place.map(|place| at(reading, place));
    Notification {
        level: "warning",
        message: Text { text: &problem.message },
        locations: at.iter().map(location).collect(),
    }
}

fn location(at: &At) -> Location {
    let place = PhysicalLocation { artifact_location: artifact(&at.path), region: region(at.start, at.end) };
    Location { physical_location: Some(place), logical_locations: Vec::new() }
}

fn logical_location(origin: &Origin) -> Location {
    let object = LogicalLocation { fully_qualified_name: origin.to_string() };
    Location { physical_location: None, logical_locations: vec![object] }
}

fn artifact_changes<'a>(edits: &'a [Edit], reading: &Reading) -> Vec<ArtifactChange<'a>> {
    let mut by_file: BTreeMap<model::FileId, Vec<Replacement<'a>>> = BTreeMap::new();
    for edit in edits {
        let Place { file, start, end } = edit.place;
        let source = reading.sources.file(file);
        let deleted_region = region(source.position(start), source.position(end));
        by_file
            .entry(file)
            .or_default()
            .push(Replacement { deleted_region, inserted_content: Text { text: &edit.text } });
    }
    let path = |file| artifact(crate::item::normal_path(&reading.sources.file(file).path));
    let change = |(file, replacements)| ArtifactChange { artifact_location: path(file), replacements };
    by_file.into_iter().map(change).collect()
}

fn region(start: Position, end: Position) -> Region {
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// A relative path is a relative URI below the root; an absolute one a file URI.
fn artifact(path: &str) -> ArtifactLocation {
    let uri = encoded(path);
    if path.starts_with('/') {
        ArtifactLocation { uri: format!("file://{uri}"), uri_base_id: None }
    } else {
        ArtifactLocation { uri, uri_base_id: Some(ROOT) }
    }
}

/// Percent-encoding of what RFC 3986 does not allow in a path.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::item::tests::example;
    use crate::{Format, Report, Style, render};

    #[test]
    fn one_result() {
        let (mut reading, findings, rules) = example();
        reading.sources.files[0].path = "größe/a b.sql".into();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let text = render(&report, Format::Sarif, Style::PLAIN);
        let log: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "M012");
        let mut result = run["results"][0].clone();
        result["partialFingerprints"] = serde_json::Value::Null;
        let location = serde_json::json!({ "uri": "gr%C3%B6%C3%9Fe/a%20b.sql", "uriBaseId": "%SRCROOT%" });
        let expected = serde_json::json!({
            "ruleId": "M012",
            "ruleIndex": 0,
            "level": "error",
            "message": { "text": "building this index stops every write to orders\norders had 41,200,000 rows in the \
                                  statistics: minutes, not seconds" },
            "locations": [{ "physicalLocation": {
                "artifactLocation": location,
                "region": { "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 13 },
            } }],
            "partialFingerprints": null,
            "fixes": [{
                "description": { "text": "build it without the lock" },
                "artifactChanges": [{
                    "artifactLocation": location,
                    "replacements": [{
                        "deletedRegion": { "startLine": 2, "startColumn": 13, "endLine": 2, "endColumn": 13 },
                        "insertedContent": { "text": " CONCURRENTLY" },
                    }],
                }],
            }],
            "properties": { "proof": "known" },
        });
        assert_eq!(result, expected);
    }
}
