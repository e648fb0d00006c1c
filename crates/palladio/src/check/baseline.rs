//! A baseline: the findings that a team knows and has not mended yet, by fingerprint.

use std::collections::BTreeSet;
use std::path::Path;

use report::Report;
use serde::{Deserialize, Serialize};

use crate::{Failure, files};

#[derive(Clone, Debug, Default)]
pub struct Baseline {
    fingerprints: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

/// Only the fingerprint counts; the others are for people who read the file.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    path: String,
    rule: String,
    message: String,
    fingerprint: String,
}

impl Baseline {
    pub fn read(path: &Path) -> Result<Baseline, Failure> {
        let name = files::shown(path);
        let text = std::fs::read_to_string(path).map_err(|cause| {
            Failure::new(format!("the baseline {name} cannot be read: {cause}"))
                .hint("Write one: palladio check --baseline FILE --write-baseline")
        })?;
        let file: File = serde_json::from_str(&text)
            .map_err(|cause| Failure::new(format!("{name} is no baseline of Palladio: {cause}")))?;
        if file.version != 1 {
            return Err(Failure::new(format!("{name} has version {}; this program knows version 1", file.version)));
        }
        Ok(Baseline { fingerprints: file.findings.into_iter().map(|entry| entry.fingerprint).collect() })
    }

    pub fn knows(&self, fingerprint: &str) -> bool {
        self.fingerprints.contains(fingerprint)
    }

    /// The findings of a report as a baseline.
    pub fn text(report: &Report<'_>) -> String {
        let entry = |(finding, fingerprint): (&model::Finding, String)| Entry {
            path: finding.place.map_or(String::new(), |place| report.reading.sources.file(place.file).path.to_string()),
            rule: finding.rule.to_owned(),
            message: finding.message.clone(),
            fingerprint,
        };
        let mut findings: Vec<Entry> = report.findings.iter().zip(report::fingerprints(report)).map(entry).collect();
        findings.sort();
        let file = File { version: 1, findings };
        serde_json::to_string_pretty(&file).expect("a baseline is JSON") + "\n"
    }
}
