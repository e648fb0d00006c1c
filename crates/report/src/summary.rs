//! The end of a run: what was read, how much of it was understood, what was found, and what to type next.

use std::collections::BTreeMap;

use model::query::Origin;
use model::reading::{FoundSource, SourceKind};
use model::step::Layout;
use model::{Evidence, Finding, Fix, Reading, Severity, Verdict};

use crate::Report;
use crate::count::{counted, number};
use crate::rules::wrap;

/// Columns of prose, when the lines below the first are indented.
const WIDTH: usize = 78;

/// What happened to findings that are not in the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// What the user named to be read, for the commands that come next.
    pub sources: &'a [String],
    /// What a run that fixes did.
    pub fixing: Option<Fixing>,
    /// Findings that the baseline knows.
    pub known: usize,
    /// Problems were listed already.
    pub problems_shown: bool,
}

/// What was fixed, and what could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixing {
    /// Findings that are gone.
    pub fixed: usize,
    /// Files that were written, or would be.
    pub files: usize,
    /// Only shown, not written.
    pub dry: bool,
    /// Findings whose fix was wanted and found no place.
    pub held: usize,
}

pub fn summary(report: &Report<'_>, outcome: Outcome<'_>) -> String {
    let Report { reading, findings, .. } = report;
    let mut lines = about(reading, outcome.problems_shown);
    lines.extend(outcome.fixing.map(fixed));
    lines.push(found(findings, outcome));
    lines.extend(worst(findings, outcome.sources));
    lines.join("\n") + "\n"
}

/// What was read and how much of it was understood, for the verbs that judge nothing.
pub fn reading_summary(reading: &Reading, problems_shown: bool) -> String {
    about(reading, problems_shown).join("\n") + "\n"
}

fn about(reading: &Reading, problems_shown: bool) -> Vec<String> {
    let notes = reading.found.iter().filter_map(|found| Some(format!("{} {}", found.path, found.note.as_ref()?)));
    let notes = notes.map(|note| wrap(&note, WIDTH).join("\n  "));
    let understood = understood(reading, problems_shown);
    let proven = reading.evidence.as_ref().map(proven);
    std::iter::once(read(reading)).chain(notes).chain([understood]).chain(passed_over(reading)).chain(proven).collect()
}

/// What a server said to it all.
fn proven(evidence: &Evidence) -> String {
    let trials = &evidence.trials;
    let shown = trials.iter().filter(|trial| matches!(trial.verdict, Verdict::Shown(_))).count();
    let claims = match trials.len() {
        0 => String::new(),
        all if all == shown => format!("; proved {}", counted(all, "claim")),
        all => format!("; proved {} of {}", number(shown), counted(all, "claim")),
    };
    let lacks = match &evidence.lacks[..] {
        [] => String::new(),
        lacks => format!("; it has no {}, so what needs that was left out", lacks.join(", no ")),
    };
    let refused = match evidence.rejections.len() {
        0 => String::new(),
        count => format!(" and refused {}", number(count)),
    };
    let ran = counted(evidence.ran, "statement");
    wrap(&format!("{} took {ran}{refused}{claims}{lacks}", evidence.server), WIDTH).join("\n  ")
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
    let kinds: Vec<String> = histories(reading).into_iter().chain(others(reading)).collect();
    if kinds.is_empty() {
        return format!("Read {files}");
    }
    wrap(&format!("Read {files}: {}", kinds.join(", ")), WIDTH).join("\n  ")
}

/// The migrations; where they stand is only said when there are several histories.
fn histories(reading: &Reading) -> Vec<String> {
    const FEW: usize = 3;
    let found = reading.found.iter().filter_map(|found| match found.kind {
        SourceKind::Migrations(layout) => Some((found, layout)),
        _ => None,
    });
    let found: Vec<(&FoundSource, Layout)> = found.collect();
    let migrations = |files: u32| counted(files as usize, "migration");
    match &found[..] {
        [(only, layout)] => vec![format!("{} ({})", migrations(only.files), layout.name())],
        few if few.len() <= FEW => {
            let one = |(found, layout): &(&FoundSource, Layout)| {
                format!("{} ({}) in {}", migrations(found.files), layout.name(), found.path)
            };
            few.iter().map(one).collect()
        }
        many => {
            let files = many.iter().map(|(found, _)| found.files).sum();
            vec![format!("{} in {} histories", migrations(files), number(many.len()))]
        }
    }
}

/// Everything that is no history, by kind.
fn others(reading: &Reading) -> Vec<String> {
    let mut kinds: BTreeMap<SourceKind, (usize, &str)> = BTreeMap::new();
    for found in reading.found.iter().filter(|found| !matches!(found.kind, SourceKind::Migrations(_))) {
        kinds.entry(found.kind).or_insert((0, &found.path)).0 += found.files as usize;
    }
    let queries = reading.queries.iter().filter(|query| query.origin == Origin::File).count();
    let said = kinds.into_iter().map(|(kind, (files, path))| match kind {
        SourceKind::Queries if queries > 0 => counted(queries, "query"),
        _ if files == 1 => path.to_owned(),
        SourceKind::Queries => counted(files, "file") + " of queries",
        SourceKind::Schema | SourceKind::Migrations(_) => counted(files, "schema file"),
        SourceKind::QueryPlan => counted(files, "query plan"),
        SourceKind::Stats => counted(files, "file") + " of statistics",
    });
    said.collect()
}

/// The rows of dumps, which say nothing about the schema.
fn passed_over(reading: &Reading) -> Option<String> {
    let skipped = reading.sources.files.iter().flat_map(|file| &file.skipped);
    let lines: usize = skipped.map(|skipped| skipped.lines as usize).sum();
    (lines > 0).then(|| format!("Passed over {} of rows that COPY and INSERT bring", counted(lines, "line")))
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

fn fixed(fixing: Fixing) -> String {
    let Fixing { fixed, files, dry, held } = fixing;
    let what = match (fixed, dry) {
        (0, _) => "Fixed nothing".to_owned(),
        (_, true) => format!("Would fix {} in {}", counted(fixed, "finding"), counted(files, "file")),
        (_, false) => format!("Fixed {} in {}", counted(fixed, "finding"), counted(files, "file")),
    };
    let held = match held {
        0 => return what,
        1 => "1 fix has".to_owned(),
        _ => format!("{} fixes have", number(held)),
    };
    wrap(&format!("{what}; {held} no safe place (released migrations are not rewritten)"), WIDTH).join("\n  ")
}

fn found(findings: &[Finding], outcome: Outcome<'_>) -> String {
    let known = match outcome.known {
        0 => String::new(),
        count => format!(" ({} more in the baseline)", number(count)),
    };
    if findings.is_empty() {
        return format!("No findings{known}");
    }
    let has = |fix: &Fix, safe| fix.safe == safe && fix.is_of_files();
    let fixes = |safe| findings.iter().filter(|finding| finding.fix.as_ref().is_some_and(|fix| has(fix, safe))).count();
    let mut can = Vec::new();
    if fixes(true) > 0 && outcome.fixing.is_none() {
        can.push(format!("{} can be fixed with --fix", number(fixes(true))));
    }
    if fixes(false) > 0 {
        let more = if can.is_empty() { "can be fixed" } else { "more" };
        can.push(format!("{} {more} with --unsafe-fixes", number(fixes(false))));
    }
    let can = if can.is_empty() { String::new() } else { format!("; {}", can.join(", ")) };
    wrap(&format!("{}{known}{can}", by_severity(findings)), WIDTH).join("\n  ")
}

/// Where to start, when there are many rules to look at.
fn worst(findings: &[Finding], sources: &[String]) -> Option<String> {
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
    let sources: String = sources.iter().map(|source| format!(" {}", word(source))).collect();
    Some(format!("Worst first: palladio check{sources} --select {}", codes.join(",")))
}

/// The word as a shell takes it.
fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+:@".contains(letter);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::example;

    fn check(change: impl FnOnce(&mut Reading, &mut Vec<Finding>), outcome: Outcome, expected: &str) {
        let (mut reading, mut findings, rules) = example();
        change(&mut reading, &mut findings);
        let report = Report { reading: &reading, findings: &findings, rules: &rules, from_root: &[] };
        assert_eq!(summary(&report, outcome), expected);
    }

    #[test]
    fn says_what_was_found() {
        check(
            |_, _| (),
            Outcome::default(),
            "\
Read 1 file: 1 migration (numbered files)
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
Read 1 file: 1 migration (numbered files)
Understood 2 of 3 statements; 1 problem is listed with --show-problems
No findings (4 more in the baseline)
",
        );
    }
}
