//! `check`: read the sources, judge them, and leave out what the user knows or did not ask for.

mod baseline;
mod prove;
mod since;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use check::{House, Settings};
use globset::GlobSet;
use model::dialect::Version;
use model::{FileId, Finding, Place, Reading, Severity};
use read::{Input, Options};
use report::{Report, RuleInfo};

use crate::Failure;
use crate::config::{Loaded, Target};
use crate::files::{absolute, shown};
use crate::rules;
use crate::sources::globs;

pub use baseline::Baseline;
pub use since::{Since, since};

/// How to check.
#[derive(Clone, Debug)]
pub struct Plan {
    pub folder: PathBuf,
    pub root: PathBuf,
    pub settings: Settings,
    /// Rules that do not count in the files of a glob.
    pub per_path: Vec<(GlobSet, BTreeSet<&'static str>)>,
    pub since: Option<Since>,
    pub baseline: Option<Baseline>,
}

/// What the command line says about rules; it wins over the configuration.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub select: Vec<String>,
    pub extend_select: Vec<String>,
    pub ignore: Vec<String>,
    pub pg_version: Option<u16>,
    pub target: Option<Target>,
}

/// What came of it.
#[derive(Debug)]
pub struct Checked {
    pub reading: Reading,
    pub findings: Vec<Finding>,
    /// How many findings the baseline knows.
    pub known: usize,
}

impl Plan {
    pub fn new(folder: &Path, loaded: &Loaded, choice: &Choice) -> Result<Plan, Failure> {
        let config = &loaded.config;
        let (select, extend) = match &choice.select[..] {
            [] => (&config.select, [&config.extend_select[..], &choice.extend_select].concat()),
            select => (&select.to_vec(), choice.extend_select.clone()),
        };
        let ignore = [&config.ignore[..], &choice.ignore].concat();
        let mut severities: BTreeMap<&'static str, Severity> = BTreeMap::new();
        for (word, level) in &config.severity {
            severities.extend(rules::named(word)?.into_iter().map(|code| (code, (*level).into())));
        }
        let mut per_path = Vec::new();
        for (glob, words) in &config.per_path_ignores {
            per_path.push((globs(std::slice::from_ref(glob))?, rules::select(words, &[], &[])?));
        }
        let version = Version(choice.pg_version.unwrap_or(config.pg_version), 0);
        let settings = Settings {
            version,
            target: choice.target.unwrap_or(config.target).dialect(),
            house: House::from(&config.naming),
            enabled: rules::select(select, &extend, &ignore)?,
            severities,
            fresh: None,
            edited: BTreeSet::new(),
        };
        let root = loaded.root.clone();
        Ok(Plan { folder: folder.to_owned(), root, settings, per_path, since: None, baseline: None })
    }

    /// The path of each source as seen from the root of the project.
    pub fn from_root(&self, reading: &Reading) -> Vec<String> {
        reading.sources.files.iter().map(|file| shown(self.below_root(&self.absolute(&file.path)))).collect()
    }

    fn absolute(&self, path: &str) -> PathBuf {
        absolute(&self.folder, Path::new(path))
    }

    fn below_root<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    pub fn read(&self, inputs: Vec<Input>) -> Reading {
        let unreleased = self.since.as_ref().map(|since| since.added(&inputs, &self.folder));
        read::read_here(inputs, &Options { version: self.settings.version, unreleased })
    }

    /// The findings that count, and how many the baseline knows.
    pub fn judge(&self, reading: &Reading, rules: &[RuleInfo]) -> (Vec<Finding>, usize) {
        // Only those ask for them who choose among findings by their files.
        let paths: LazyCell<Vec<PathBuf>, _> =
            LazyCell::new(|| reading.sources.files.iter().map(|file| self.absolute(&file.path)).collect());
        let files = |wanted: &dyn Fn(&Path) -> bool| -> BTreeSet<FileId> {
            (0..).zip(paths.iter()).filter(|(_, path)| wanted(path)).map(|(file, _)| FileId(file)).collect()
        };
        let fresh = self.since.as_ref().map(|since| files(&|path| since.contains(path)));
        let edited = self.since.as_ref().map_or(BTreeSet::new(), |since| files(&|path| since.edits(path)));
        let mut findings = check::check(reading, &Settings { fresh, edited, ..self.settings.clone() });
        let path = |place: Place| &paths[place.file.0 as usize];
        findings.retain(|finding| {
            let Some(place) = finding.place.filter(|_| !self.per_path.is_empty()) else { return true };
            let path = self.below_root(path(place));
            !self.per_path.iter().any(|(globs, rules)| rules.contains(finding.rule) && globs.is_match(path))
        });
        if let Some(since) = &self.since {
            findings.retain(|finding| {
                let Some(place) = finding.place else { return false };
                let file = reading.sources.file(place.file);
                since.touches(path(place), file.position(place.start).line, file.position(place.end).line)
            });
        }
        let Some(baseline) = &self.baseline else { return (findings, 0) };
        let before = findings.len();
        let from_root = self.from_root(reading);
        let report = Report { reading, findings: &findings, rules, from_root: &from_root };
        let mut new = report::fingerprints(&report).into_iter().map(|print| !baseline.knows(&print));
        findings.retain(|_| new.next().expect("each finding has a fingerprint"));
        let known = before - findings.len();
        (findings, known)
    }

    pub fn check(&self, inputs: Vec<Input>, rules: &[RuleInfo]) -> Checked {
        self.checked(self.read(inputs), rules)
    }

    /// Checks, and tries on a private server what the findings claim: of this version, or the newest at hand.
    pub fn prove(&self, inputs: Vec<Input>, rules: &[RuleInfo], version: Option<u16>) -> Result<Checked, Failure> {
        let mut reading = self.read(inputs);
        reading.evidence = Some(prove::rehearse(self, &reading, version)?);
        Ok(self.checked(reading, rules))
    }

    fn checked(&self, reading: Reading, rules: &[RuleInfo]) -> Checked {
        let (findings, known) = self.judge(&reading, rules);
        Checked { reading, findings, known }
    }
}
