//! Workflow commands of GitHub Actions: annotations beside the lines of a pull request.

use std::fmt::Write;

use model::Severity;

use crate::Report;
use crate::item::items;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for item in items(report) {
        let finding = item.finding;
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = item.at.map_or(String::new(), |at| {
            // A column is only allowed where the annotation stays on one line.
            let columns = if at.start.line == at.end.line {
                format!(",col={},endColumn={}", at.start.column, at.end.column)
            } else {
                String::new()
            };
            let (start, end) = (at.start.line, at.end.line);
            format!("file={},line={start},endLine={end}{columns},", property(&at.path))
        });
        let title = property(&format!("{} {}", finding.rule, finding.name));
        // Annotations are of files; what stands in none says where it is by itself.
        let origin = item.origin.map_or(String::new(), |origin| format!("{origin}: "));
        let mut text = format!("{origin}{}", finding.message);
        for why in &finding.why {
            text = format!("{text}\n{why}");
        }
        if let Some(fix) = &item.fix {
            text = format!("{text}\nfix: {}\n{}", fix.title, fix.sql.join("\n"));
        }
        writeln!(out, "::{command} {place}title={title}::{}", data(&text)).expect("a string takes all");
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::item::tests::{finding, reading};
    use crate::{Format, Report, Style, render};

    #[test]
    fn everything_is_escaped() {
        let reading = reading("a,b:c%.sql", "SELECT 1;");
        let mut findings = vec![finding(&reading, "SELECT")];
        findings[0].message = "100 % of it\r\nis wrong: all, of it".to_owned();
        findings[0].why.clear();
        let report = Report { reading: &reading, findings: &findings, rules: &[], from_root: &[] };
        let expected = "::error file=a%2Cb%3Ac%25.sql,line=1,endLine=1,col=1,endColumn=7,\
                        title=M012 index-blocks-writes::100 %25 of it%0D%0Ais wrong: all, of it\n";
        assert_eq!(render(&report, Format::Github, Style::PLAIN), expected);
    }
}
