//! Fingerprints: the same finding has the same one although lines above it moved.

use std::collections::BTreeMap;

use crate::Report;
use crate::item::normal_path;

/// One fingerprint per finding, in their order: rule, file, subject and the marked text without its spacing. The
/// second of two equal findings in a file counts as another one.
pub fn fingerprints(report: &Report<'_>) -> Vec<String> {
    let mut seen: BTreeMap<u128, u32> = BTreeMap::new();
    let of_finding = |finding: &model::Finding| {
        let identity = hash(&identity(report, finding));
        let count = seen.entry(identity).or_default();
        *count += 1;
        let print = if *count == 1 { identity } else { hash(&format!("{identity:032x} {count}")) };
        format!("{print:032x}")
    };
    report.findings.iter().map(of_finding).collect()
}

fn identity(report: &Report<'_>, finding: &model::Finding) -> String {
    /// Long enough to tell statements apart; the marked text of a dump can be megabytes.
    const LONGEST: usize = 4096;
    let sources = &report.reading.sources;
    let path = finding.place.map_or(String::new(), |place| match report.from_root.get(place.file.0 as usize) {
        Some(path) => path.clone(),
        None => normal_path(&sources.file(place.file).path).to_owned(),
    });
    let subject = finding.subject.as_ref().map_or(String::new(), |path| format!("{} {path}", path.kind.sql()));
    let text = finding.place.map_or("", |place| sources.text(place));
    let words: String = text.split_whitespace().flat_map(|word| [word, " "]).collect::<String>();
    let words: String = words.chars().take(LONGEST).collect();
    format!("{}\0{path}\0{subject}\0{words}", finding.rule)
}

/// FNV-1a, 128 bits: the standard library's hashes promise nothing about the next release.
fn hash(text: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::{finding, reading};

    fn prints(text: &str, marks: &[&str]) -> Vec<String> {
        let reading = reading("db/schema.sql", text);
        let findings: Vec<_> = marks.iter().map(|mark| finding(&reading, mark)).collect();
        fingerprints(&Report { reading: &reading, findings: &findings, rules: &[], from_root: &[] })
    }

    #[test]
    fn survives_moved_lines_and_spacing() {
        let before = prints("CREATE TABLE a (b int);", &["TABLE a"]);
        let after = prints("-- new\n\nCREATE TABLE\n  a (b int);", &["TABLE\n  a"]);
        assert_eq!(before, after);
    }

    #[test]
    fn equal_findings_count() {
        let two = prints("SELECT 1; SELECT 1;", &["SELECT 1", "SELECT 1"]);
        assert_ne!(two[0], two[1]);
        assert_eq!(two[0], prints("SELECT 1;", &["SELECT 1"])[0]);
    }

    #[test]
    fn published_hash() {
        assert_eq!(format!("{:032x}", hash("foobar")), "343e1662793c64bf6f0d3597ba446f18");
    }
}
