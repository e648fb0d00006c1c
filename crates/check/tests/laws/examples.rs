//! The examples of a rule's page, as files to be read and judged.
//!
//! A line of its own ends a part: `-- next migration` begins another migration, `-- queries` what the application runs,
//! `-- stats` the statistics of the database, `-- target NAME` says for which database they are. `-- file: PATH` begins a
//! file whose name matters; `-- new file: PATH` and `-- edited file: PATH` one that the branch adds or changes.

use std::collections::{BTreeMap, BTreeSet};

use check::{House, Rule, Settings};
use model::dialect::{Dialect, POSTGRES, Version};
use model::finding::Edit;
use model::{FileId, Finding, Fix, Reading, apply};

pub(crate) struct Example {
    pub(crate) language: String,
    pub(crate) bad: bool,
    pub(crate) text: String,
}

/// A file of an example.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    state: State,
}

/// What a branch did with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Kept,
    New,
    Edited,
}

/// The examples of a page, in order.
pub(crate) fn of(rule: &Rule) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<Example> = None;
    for line in rule.page.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(example)) => found.push(example),
            (Some(words), None) => {
                let (language, kind) = words.split_once(',').unwrap_or((words, ""));
                assert!(kind == "bad" || kind == "good", "{}: an example is bad or good", rule.name);
                open = Some(Example { language: language.into(), bad: kind == "bad", text: String::new() });
            }
            (None, Some(mut example)) => {
                example.text += line;
                example.text.push('\n');
                open = Some(example);
            }
            (None, None) => {}
        }
    }
    found
}

impl Example {
    pub(crate) fn files(&self) -> Vec<File> {
        if self.language == "plan" {
            return vec![File { path: "query.plan".into(), text: self.text.clone(), state: State::Kept }];
        }
        let mut parts: Vec<(Part<'_>, String)> = vec![(Part::Migration, String::new())];
        for line in self.text.lines() {
            match Part::begun_by(line) {
                Some(part) => parts.push((part, String::new())),
                None => {
                    let (_, text) = parts.last_mut().expect("there is always a part");
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        if parts.len() > 1 && parts[0].1.is_empty() {
            parts.remove(0);
        }
        let several = parts.iter().filter(|(part, _)| matches!(part, Part::Migration)).count() > 1;
        let file = |(index, (part, text)): (usize, (Part<'_>, String))| {
            let (path, state) = match part {
                Part::Queries => ("queries/queries.sql".to_string(), State::Kept),
                Part::Stats => ("stats.json".to_string(), State::Kept),
                Part::Migration if several => (format!("migrations/{:04}_step.sql", index + 1), State::Kept),
                Part::Migration => ("schema.sql".to_string(), State::Kept),
                Part::Named(path, state) => (path.to_string(), state),
            };
            File { path, text, state }
        };
        parts.into_iter().enumerate().map(file).collect()
    }
}

enum Part<'a> {
    Migration,
    Queries,
    Stats,
    Named(&'a str, State),
}

impl Part<'_> {
    /// The part that the line begins.
    fn begun_by(line: &str) -> Option<Part<'_>> {
        let named = |words, state| line.strip_prefix(words).map(|path| Part::Named(path, state));
        match line {
            "-- next migration" => Some(Part::Migration),
            "-- queries" => Some(Part::Queries),
            "-- stats" => Some(Part::Stats),
            _ => named("-- file: ", State::Kept)
                .or_else(|| named("-- new file: ", State::New))
                .or_else(|| named("-- edited file: ", State::Edited)),
        }
    }
}

/// A line `-- target NAME` says for which database the files are.
fn settings(files: &[File]) -> Settings {
    let lines = files.iter().flat_map(|file| file.text.lines());
    let target = lines.filter_map(|line| line.strip_prefix("-- target ")).find_map(Dialect::named).unwrap_or(&POSTGRES);
    let enabled = check::rules().iter().map(|rule| rule.code).collect();
    let of = |states: &[State]| -> BTreeSet<FileId> {
        let found = (0..).zip(files).filter(|(_, file)| states.contains(&file.state));
        found.map(|(id, _)| FileId(id)).collect()
    };
    Settings {
        version: Version(15, 0),
        target,
        house: House::default(),
        enabled,
        severities: BTreeMap::new(),
        fresh: Some(of(&[State::New, State::Edited])).filter(|files| !files.is_empty()),
        edited: of(&[State::Edited]),
    }
}

/// What all rules say of these files.
pub(crate) fn judge(files: &[File]) -> (Reading, Vec<Finding>) {
    let inputs = files.iter().map(|file| read::Input::new(&file.path, &file.text)).collect();
    let reading = read::read(inputs, &read::Options { version: Version(15, 0), unreleased: None });
    let findings = check::check(&reading, &settings(files));
    (reading, findings)
}

/// What is wrong with the fixes of the rule's own findings.
pub(crate) fn fix_fails(rule: &Rule, example: &Example) -> Vec<String> {
    let files = example.files();
    let (reading, findings) = judge(&files);
    let mut wrong = Vec::new();
    for finding in findings.iter().filter(|finding| finding.rule == rule.code) {
        // What is to be run in a database is tried in one, where plans are made.
        let Some(fix) = finding.fix.as_ref().filter(|fix| fix.run.is_empty()) else { continue };
        let after = match fix.changes.is_empty() {
            true => judge(&edited(&reading, &files, &fix.edits)),
            false => match changed(&reading, &files, fix) {
                Ok(after) => after,
                Err(refusal) => {
                    wrong.push(format!("{}: {refusal}\n{}", rule.name, example.text));
                    continue;
                }
            },
        };
        let known: BTreeSet<_> = findings.iter().map(|finding| (finding.rule, &finding.message)).collect();
        let (after_reading, after) = after;
        for new in &after {
            if new.rule == rule.code || !known.contains(&(new.rule, &new.message)) {
                let texts: Vec<_> = after_reading.sources.files.iter().map(|file| &*file.text).collect();
                wrong.push(format!("{}: then {} says {}\n{}", rule.name, new.name, new.message, texts.join("--\n")));
            }
        }
        wrong.extend(after_reading.problems.iter().map(|problem| format!("{}: then {}", rule.name, problem.message)));
    }
    wrong
}

/// The schema after the fix, judged without its texts; queries, plans and migrations are as they were.
fn changed(reading: &Reading, files: &[File], fix: &Fix) -> Result<(Reading, Vec<Finding>), String> {
    assert!(fix.edits.is_empty(), "a fix has changes or edits");
    let mut after = Reading { schema: reading.schema.clone(), stats: reading.stats.clone(), ..Reading::default() };
    for change in &fix.changes {
        apply(&mut after.schema, change).map_err(|refusal| format!("{change:?}\n{refusal}"))?;
    }
    let findings = check::check(&after, &settings(files));
    Ok((after, findings))
}

/// The texts after the edits, last place first.
pub(crate) fn edited(reading: &Reading, files: &[File], edits: &[Edit]) -> Vec<File> {
    let mut files = files.to_vec();
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort();
    for edit in edits.into_iter().rev() {
        let path = &*reading.sources.file(edit.place.file).path;
        let file = files.iter_mut().find(|file| file.path == path).expect("an edit is in one of the files");
        file.text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    files
}
