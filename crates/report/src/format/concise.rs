//! One line per finding: `path:line:column: severity CODE name message`.

use std::fmt::Write;

use model::Severity;

use crate::item::{at, in_database};
use crate::{Report, Style};

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let mut out = String::new();
    for finding in report.findings {
        let in_database = || in_database(report.reading, finding).map(|origin| format!("{origin}: "));
        let place = match finding.place {
            Some(place) => {
                let at = at(report.reading, place);
                format!("{}:{}:{}: ", at.path, at.start.line, at.start.column)
            }
            None => in_database().unwrap_or_default(),
        };
        let severity = severity(finding.severity, style);
        let message = finding.message.replace('\n', " ");
        writeln!(out, "{place}{severity} {} {} {message}", finding.rule, finding.name).expect("a string takes all");
    }
    out
}

fn severity(severity: Severity, style: Style) -> String {
    let name = severity.name();
    if !style.color {
        return name.to_owned();
    }
    let code = match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note => "1;32",
    };
    format!("\x1b[{code}m{name}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use crate::item::tests::example;
    use crate::{Format, Report, Style, render};

    #[test]
    fn one_line_each() {
        let (reading, findings, rules) = example();
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        let expected = "migrations/2_status.sql:2:1: error M012 index-blocks-writes \
                        building this index stops every write to orders\n";
        assert_eq!(render(&report, Format::Concise, Style::PLAIN), expected);
    }
}
