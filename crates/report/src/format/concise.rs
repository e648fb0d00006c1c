//! One line per finding: `path:line:column: severity CODE name message`.

use std::borrow::Cow;
use std::fmt::Write;

use model::Severity;

use crate::item::{in_database, normal_path};
use crate::{Report, Style};

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let mut out = String::new();
    for finding in report.findings {
        // A large dump has thousands of findings: each is written at once, without a text of its own.
        let place = match (finding.place, in_database(report.reading, finding)) {
            (Some(place), _) => {
                let file = report.reading.sources.file(place.file);
                let start = file.position(place.start);
                write!(out, "{}:{}:{}: ", normal_path(&file.path), start.line, start.column)
            }
            (None, Some(origin)) => write!(out, "{origin}: "),
            (None, None) => Ok(()),
        };
        place.expect("a string takes all");
        for word in [&severity(finding.severity, style), finding.rule, finding.name] {
            out.push_str(word);
            out.push(' ');
        }
        let mut lines = finding.message.split('\n');
        out.push_str(lines.next().unwrap_or_default());
        for line in lines {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn severity(severity: Severity, style: Style) -> Cow<'static, str> {
    let name = severity.name();
    if !style.color {
        return name.into();
    }
    let code = match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note => "1;32",
    };
    format!("\x1b[{code}m{name}\x1b[0m").into()
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
