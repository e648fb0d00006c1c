//! The end of a run: what was read, how much of it was understood, what was found, and what to type next.

use std::collections::BTreeMap;

use model::query::Origin;
use model::reading::SourceKind;
use model::{Finding, Reading, Severity};

use crate::Report;
use crate::count::{counted, number};

/// What happened to findings that are not in the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Findings that `--fix` mended, and the files that it wrote.
    pub fixed: usize,
    pub written: usize,
    /// Findings that the baseline knows.
    pub known: usize,
    /// Problems were listed already.
    pub problems_shown: bool,
}

pub fn summary(report: &Report<'_>, outcome: Outcome) -> String {
    let Report { reading, findings, .. } = report;
    let mut lines = vec![read(reading)];
    lines.extend(reading.found.iter().filter_map(|found| Some(format!("{}: {}", found.path, found.note.as_ref()?))));
    lines.push(understood(reading, outcome.problems_shown));
    if outcome.fixed > 0 {
        let fixed = counted(outcome.fixed, "finding");
        lines.push(format!("Fixed {fixed} in {}", counted(outcome.written, "file")));
    }
    lines.push(found(findings, outcome));
    lines.extend(worst(findings));
    lines.join("\n") + "\n"
}

/// `3 errors, 11 warnings, 26 notes`, without those that are none.
pub(crate) fn by_severity(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (severity, count(severity)));
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    counts.map(|(severity, count)| counted(count, severity.name())).collect::<Vec<_>>().join(", ")
}

fn read(reading: &Reading) -> String {
    let files = counted(reading.sources.files.len(), "file");
    let mut kinds: Vec<String> = Vec::new();
    let mut plain: BTreeMap<SourceKind, (usize, String)> = BTreeMap::new();
    for found in &reading.found {
        match found.kind {
            SourceKind::Migrations(layout) => {
                kinds.push(format!(
                    "{} of {} ({})",
                    found.path,
                    counted(found.files as usize, "migration"),
                    layout.name()
                ));
            }
            kind => {
                let entry = plain.entry(kind).or_insert_with(|| (0, found.path.clone()));
                entry.0 += found.files as usize;
            }
        }
    }
    for (kind, (files, path)) in plain {
        kinds.push(match kind {
            SourceKind::Queries => {
                let queries = reading.queries.iter().filter(|query| query.origin == Origin::File).count();
                counted(queries, "query")
            }
            _ if files == 1 => path,
            SourceKind::Schema | SourceKind::Migrations(_) => counted(files, "schema file"),
            SourceKind::QueryPlan => counted(files, "query plan"),
            SourceKind::Stats => counted(files, "statistics file"),
        });
    }
    if kinds.is_empty() { format!("Read {files}") } else { format!("Read {files}: {}", kinds.join(", ")) }
}

fn understood(reading: &Reading, problems_shown: bool) -> String {
    let coverage = reading.coverage;
    let problems = match reading.problems.len() {
        0 => String::new(),
        _ if problems_shown => String::new(),
        count => {
            let verb = if count == 1 { "is" } else { "are" };
            format!("; {} {verb} listed with --show-problems", counted(count, "problem"))
        }
    };
    if coverage.understood == coverage.statements {
        let all = match coverage.statements {
            0 => "Found no statement".to_owned(),
            1 => "Understood the one statement".to_owned(),
            count => format!("Understood all {} statements", number(count as usize)),
        };
        return all + &problems;
    }
    let statements = counted(coverage.statements as usize, "statement");
    format!("Understood {} of {statements}{problems}", number(coverage.understood as usize))
}

fn found(findings: &[Finding], outcome: Outcome) -> String {
    let known = match outcome.known {
        0 => String::new(),
        count => format!(" ({} more in the baseline)", number(count)),
    };
    if findings.is_empty() {
        return format!("No findings{known}");
    }
    let fixes =
        |safe| findings.iter().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safe == safe)).count();
    let mut can = Vec::new();
    if fixes(true) > 0 {
        can.push(format!("{} can be fixed with --fix", number(fixes(true))));
    }
    if fixes(false) > 0 {
        let more = if can.is_empty() { "can be fixed" } else { "more" };
        can.push(format!("{} {more} with --unsafe-fixes", number(fixes(false))));
    }
    let can = if can.is_empty() { String::new() } else { format!("; {}", can.join(", ")) };
    format!("{}{known}{can}", by_severity(findings))
}

/// Where to start, when there are many rules to look at.
fn worst(findings: &[Finding]) -> Option<String> {
    const MANY: usize = 10;
    let mut rules: BTreeMap<&str, (Severity, usize)> = BTreeMap::new();
    for finding in findings {
        let entry = rules.entry(finding.rule).or_insert((finding.severity, 0));
        *entry = (entry.0.max(finding.severity), entry.1 + 1);
    }
    if findings.len() <= MANY || rules.len() <= 3 {
        return None;
    }
    let mut rules: Vec<(&str, (Severity, usize))> = rules.into_iter().collect();
    rules.sort_by_key(|(code, worst)| (std::cmp::Reverse(*worst), *code));
    let codes: Vec<&str> = rules.iter().take(3).map(|(code, _)| *code).collect();
    Some(format!("Worst first: palladio check --select {}", codes.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::example;

    fn check(change: impl FnOnce(&mut Reading, &mut Vec<Finding>), outcome: Outcome, expected: &str) {
        let (mut reading, mut findings, rules) = example();
        change(&mut reading, &mut findings);
        let report = Report { reading: &reading, findings: &findings, rules: &rules, prefix: "" };
        assert_eq!(summary(&report, outcome), expected);
    }

    #[test]
    fn says_what_was_found() {
        check(
            |_, _| (),
            Outcome::default(),
            "\
Read 1 file: migrations of 1 migration (numbered files)
Understood all 3 statements
1 error; 1 can be fixed with --fix
",
        );
    }

    #[test]
    fn nothing_to_say_is_said() {
        check(
            |reading, findings| {
                findings.clear();
                reading.coverage.understood = 2;
                let problem = model::Problem { kind: model::ProblemKind::Syntax, place: None, message: "?".to_owned() };
                reading.problems.push(problem);
            },
            Outcome { known: 4, ..Outcome::default() },
            "\
Read 1 file: migrations of 1 migration (numbered files)
Understood 2 of 3 statements; 1 problem is listed with --show-problems
No findings (4 more in the baseline)
",
        );
    }
}
