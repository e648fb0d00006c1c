//! The examples of a rule's page, as files to be read and judged.
//!
//! A line of its own ends a part: `-- next migration` begins another migration, `-- queries` what the application runs,
//! `-- stats` the statistics of the database, `-- target NAME` says for which database they are.

use std::collections::{BTreeMap, BTreeSet};

use check::{House, Rule, Settings};
use model::dialect::{Dialect, POSTGRES, Version};
use model::finding::Edit;
use model::{Finding, Fix, Reading, apply};

pub(crate) struct Example {
    pub(crate) language: String,
    pub(crate) bad: bool,
    pub(crate) text: String,
}

/// A file of an example: path and text.
pub(crate) type File = (String, String);

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
        if self.language == "json" {
            return vec![("plan.json".into(), self.text.clone())];
        }
        let mut parts: Vec<(&str, String)> = vec![("migration", String::new())];
        for line in self.text.lines() {
            match line {
                "-- next migration" => parts.push(("migration", String::new())),
                "-- queries" => parts.push(("queries", String::new())),
                "-- stats" => parts.push(("stats", String::new())),
                _ => {
                    let (_, text) = parts.last_mut().expect("there is always a part");
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        let several = parts.iter().filter(|(kind, _)| *kind == "migration").count() > 1;
        let path = |index: usize, kind: &str| match kind {
            "queries" => "queries/queries.sql".to_string(),
            "stats" => "stats.json".to_string(),
            _ if several => format!("migrations/{:04}_step.sql", index + 1),
            _ => "schema.sql".to_string(),
        };
        parts.into_iter().enumerate().map(|(index, (kind, text))| (path(index, kind), text)).collect()
    }
}

/// A line `-- target NAME` says for which database the files are.
fn settings(files: &[File]) -> Settings {
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    let target = lines.filter_map(|line| line.strip_prefix("-- target ")).find_map(Dialect::named).unwrap_or(&POSTGRES);
    let enabled = check::rules().iter().map(|rule| rule.code).collect();
    Settings {
        version: Version(15, 0),
        target,
        house: House::default(),
        enabled,
        severities: BTreeMap::new(),
        fresh: None,
    }
}

/// What all rules say of these files.
pub(crate) fn judge(files: &[File]) -> (Reading, Vec<Finding>) {
    let inputs = files.iter().map(|(path, text)| read::Input::new(path, text)).collect();
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
        let Some(fix) = &finding.fix else { continue };
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
    let mut texts: BTreeMap<String, String> = files.iter().cloned().collect();
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort();
    for edit in edits.into_iter().rev() {
        let path = &*reading.sources.file(edit.place.file).path;
        let text = texts.get_mut(path).expect("an edit is in one of the files");
        text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    files.iter().map(|(path, _)| (path.clone(), texts[path].clone())).collect()
}
