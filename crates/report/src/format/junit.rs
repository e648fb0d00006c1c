//! JUnit XML: a suite per file, a failing case per error or warning, a passing one per note.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::Severity;

use crate::Report;
use crate::item::{Item, items};

pub(super) fn render(report: &Report<'_>) -> String {
    let mut suites: BTreeMap<String, Vec<Item<'_>>> = BTreeMap::new();
    for item in items(report) {
        let in_database = || item.origin.as_ref().map_or("database".to_owned(), |origin| origin.database.clone());
        let path = item.at.as_ref().map_or_else(in_database, |at| at.path.clone());
        suites.entry(path).or_default().push(item);
    }
    let fails = |item: &&Item<'_>| item.finding.severity > Severity::Note;
    let failures: usize = suites.values().map(|items| items.iter().filter(fails).count()).sum();
    let tests = report.findings.len().max(1);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out += &format!("<testsuites name=\"palladio check\" tests=\"{tests}\" failures=\"{failures}\">\n");
    if suites.is_empty() {
        out += "  <testsuite name=\"palladio check\" tests=\"1\" failures=\"0\">\n";
        out += "    <testcase name=\"no findings\" classname=\"palladio\"/>\n  </testsuite>\n";
    }
    for (path, items) in &suites {
        let failures = items.iter().filter(fails).count();
        let name = escaped(path);
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\">", items.len())
            .expect("a string takes all");
        for item in items {
            out += &case(item, &name);
        }
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn case(item: &Item<'_>, path: &str) -> String {
    let finding = item.finding;
    let (line, column) = item.at.as_ref().map_or((1, 1), |at| (at.start.line, at.start.column));
    let object = item.origin.as_ref().and_then(|origin| origin.object.as_deref()).map(escaped);
    let place = object.unwrap_or_else(|| format!("{line}:{column}"));
    let rule = escaped(&format!("{} {}", finding.rule, finding.name));
    let message = escaped(&finding.message);
    let mut text = format!("{path}:{place}\n{message}\n{}", escaped(&finding.why.join("\n")));
    if let Some(fix) = &item.fix {
        text += &escaped(&format!("\nfix: {}\n{}", fix.title, fix.sql.join("\n")));
    }
    let body = match finding.severity {
        Severity::Note => format!("<system-out>{text}</system-out>"),
        severity => format!("<failure type=\"{}\" message=\"{message}\">{text}</failure>", severity.name()),
    };
    let name = format!("{rule} at {place}");
    format!(
        "    <testcase name=\"{name}\" classname=\"{rule}\" file=\"{path}\" line=\"{line}\">\n      \
         {body}\n    </testcase>\n"
    )
}

/// XML 1.0 has no way to write most control characters at all; they become the replacement character.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(character),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::item::tests::example;
    use crate::{Format, Report, Style, render};

    #[test]
    fn a_failure_per_finding() {
        let (reading, mut findings, rules) = example();
        findings[0].message = "a < b & \"c\"\u{1}".to_owned();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"palladio check\" tests=\"1\" failures=\"1\">
  <testsuite name=\"migrations/2_status.sql\" tests=\"1\" failures=\"1\">
    <testcase name=\"M012 index-blocks-writes at 2:1\" classname=\"M012 index-blocks-writes\" \
file=\"migrations/2_status.sql\" line=\"2\">
      <failure type=\"error\" message=\"a &lt; b &amp; &quot;c&quot;\u{fffd}\">migrations/2_status.sql:2:1
a &lt; b &amp; &quot;c&quot;\u{fffd}
orders had 41,200,000 rows in the statistics: minutes, not seconds
fix: build it without the lock
CREATE INDEX CONCURRENTLY i ON orders (status);</failure>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(render(&report, Format::Junit, Style::PLAIN), expected);
    }
}
