//! Rules: model to findings. One file per rule; a rule never sees text, a connection or a clock.

use std::collections::{BTreeMap, BTreeSet};

use model::dialect::Version;
use model::{Finding, Proof, Reading, Severity};

/// A rule as everybody but its own file sees it: pages, help, SARIF metadata and the list are printed from this.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable, `K003`: a letter for the group and a number.
    pub code: &'static str,
    /// The name of its file with dashes, `timestamp-without-zone`: it names the mistake.
    pub name: &'static str,
    pub group: &'static str,
    pub severity: Severity,
    pub proof: Proof,
    /// `schema`, `step`, `query`, `plan` or `stats`.
    pub subject: &'static str,
    /// The rule offers a fix, at least for some of its findings.
    pub fix: bool,
    /// The first sentence of its page.
    pub summary: &'static str,
    /// The page, Markdown: why, examples, how to fix.
    pub page: &'static str,
    /// Off unless it is selected.
    pub opt_in: bool,
}

/// How to check: which rules, how severe, for which version.
#[derive(Clone, Debug)]
pub struct Settings {
    pub version: Version,
    /// Codes of the rules to run.
    pub enabled: BTreeSet<&'static str>,
    pub severities: BTreeMap<&'static str, Severity>,
}

/// Every rule, by code.
pub fn rules() -> &'static [Rule] {
    &[]
}

/// Which rules a user's words choose: codes, code prefixes (`K`, `K00`), names, groups, `ALL`. `select` replaces the
/// defaults, `extend` adds to them, `ignore` takes away; the longer code wins.
pub fn select(select: &[String], extend: &[String], ignore: &[String]) -> Result<BTreeSet<&'static str>, UnknownRule> {
    let _ = (select, extend, ignore);
    Ok(BTreeSet::new())
}

/// A word that names no rule, with the nearest that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule {
    pub word: String,
    pub nearest: Option<&'static str>,
}

/// Judges everything that was read. In the order of files and places; suppressed findings are left out, and a
/// suppression that silenced nothing is a finding.
pub fn check(reading: &Reading, settings: &Settings) -> Vec<Finding> {
    let _ = (reading, settings);
    Vec::new()
}
