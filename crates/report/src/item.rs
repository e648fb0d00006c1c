//! A finding with everything that a format wants to say of it, looked up once.

use std::collections::BTreeMap;
use std::fmt;

use model::place::Position;
use model::{Finding, Path, Place, Reading};

use crate::Report;
use crate::fingerprint::fingerprints;
use crate::fix::{FixText, Statements};
use crate::rules::RuleInfo;

pub(crate) struct Item<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) at: Option<At>,
    /// Instead of a place in a text.
    pub(crate) origin: Option<Origin>,
    pub(crate) fix: Option<FixText>,
    pub(crate) fingerprint: String,
}

/// Where a finding stands, as an editor counts; the end is the first position behind it.
pub(crate) struct At {
    pub(crate) path: String,
    pub(crate) start: Position,
    pub(crate) end: Position,
}

pub(crate) fn items<'a>(report: &Report<'a>) -> impl Iterator<Item = Item<'a>> {
    let reading = report.reading;
    let statements = Statements::of(reading);
    report.findings.iter().zip(fingerprints(report)).map(move |(finding, fingerprint)| Item {
        finding,
        at: finding.place.map(|place| at(reading, place)),
        origin: in_database(reading, finding),
        fix: finding.fix.as_ref().map(|fix| FixText::of(fix, reading, &statements)),
        fingerprint,
    })
}

/// Where a finding is that has no text: a running database, and the object in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Its address without what is secret.
    pub(crate) database: String,
    pub(crate) object: Option<String>,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => write!(out, "{}: {object}", self.database),
            None => out.write_str(&self.database),
        }
    }
}

pub(crate) fn in_database(reading: &Reading, finding: &Finding) -> Option<Origin> {
    if finding.place.is_some() || !reading.sources.files.is_empty() {
        return None;
    }
    let database = reading.found.first()?.path.clone();
    Some(Origin { database, object: finding.subject.as_ref().map(qualified) })
}

/// An object with its schema also where that is `public`.
pub(crate) fn qualified(path: &Path) -> String {
    match path.schema.as_str() {
        "public" => format!("public.{path}"),
        _ => path.to_string(),
    }
}

pub(crate) fn at(reading: &Reading, place: Place) -> At {
    let file = reading.sources.file(place.file);
    At { path: normal_path(&file.path).to_owned(), start: file.position(place.start), end: file.position(place.end) }
}

/// `./db/a.sql` is `db/a.sql` to everybody but the user.
pub(crate) fn normal_path(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

/// The rules by code, for the formats that print them beside a finding.
pub(crate) fn by_code(rules: &[RuleInfo]) -> BTreeMap<&str, (usize, &RuleInfo)> {
    rules.iter().enumerate().map(|(index, rule)| (rule.code, (index, rule))).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use model::{Edit, Fix, Proof, Severity};

    use super::*;

    pub(crate) fn reading(path: &str, text: &str) -> Reading {
        let mut reading = Reading::default();
        reading.sources.add(path, text, Vec::new());
        reading
    }

    /// A finding at the first place of that text.
    pub(crate) fn finding(reading: &Reading, mark: &str) -> Finding {
        Finding {
            rule: "M012",
            name: "index-blocks-writes",
            severity: Severity::Error,
            subject: None,
            place: Some(place(reading, mark)),
            message: "building this index stops every write to orders".to_owned(),
            label: Some("takes SHARE until the build ends".to_owned()),
            why: vec!["orders had 41,200,000 rows in the statistics: minutes, not seconds".to_owned()],
            proof: Proof::Known,
            claims: Vec::new(),
            fix: None,
            saving: None,
        }
    }

    pub(crate) fn place(reading: &Reading, mark: &str) -> Place {
        let start = reading.sources.files[0].text.find(mark).expect("the mark is in the text") as u32;
        Place::new(model::FileId(0), start, start + mark.len() as u32)
    }

    /// One reading for every format: an index that blocks, with an edit that mends it.
    pub(crate) fn example() -> (Reading, Vec<Finding>, Vec<RuleInfo>) {
        let text = "BEGIN;\nCREATE INDEX i ON orders (status);\nCOMMIT;\n";
        let mut reading = reading("migrations/2_status.sql", text);
        reading.coverage = model::reading::Coverage { statements: 3, understood: 3 };
        reading.found.push(model::reading::FoundSource {
            path: "migrations".to_owned(),
            kind: model::reading::SourceKind::Migrations(model::step::Layout::Numbered),
            files: 1,
            note: None,
        });
        let mut found = finding(&reading, "CREATE INDEX");
        let end = place(&reading, "CREATE INDEX").end;
        let place = Place::new(model::FileId(0), end, end);
        found.fix = Some(Fix {
            title: "build it without the lock".to_owned(),
            safe: true,
            edits: vec![Edit { place, text: " CONCURRENTLY".to_owned() }],
            ..Fix::default()
        });
        let rule = RuleInfo {
            code: "M012",
            name: "index-blocks-writes",
            group: "migration",
            severity: Severity::Error,
            subject: "step",
            fix: true,
            summary: "An index built without CONCURRENTLY stops every write; build it concurrently.",
            page: "An index built without CONCURRENTLY stops every write; build it concurrently.\n",
        };
        (reading, vec![found], vec![rule])
    }
}
