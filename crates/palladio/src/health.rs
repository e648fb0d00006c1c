//! `health`: what a careful administrator would say about the indexes of a database, by how it is used.

mod sizes;

use std::path::Path;

use live::statistics::{self, PlannerStats, Values};
use live::{Access, Target, activity, connection};
use model::dialect::Version;
use model::object::Object;
use model::stats::Stats;
use model::{Change, Finding, QName, Reading, Severity};
use read::Input;

use crate::check::{Choice, Plan};
use crate::config::Loaded;
use crate::{Failure, inspection, rules};

/// What is to be looked at.
#[derive(Debug)]
pub struct Request<'a> {
    pub folder: &'a Path,
    pub loaded: &'a Loaded,
    pub from: From,
    /// Servers that follow the database and read on their own.
    pub replicas: Vec<Target>,
    /// Days for which scans have to be counted before an index is called unused.
    pub min_days: f64,
}

#[derive(Debug)]
pub enum From {
    Database(Box<Target>),
    /// The files of the schema, and the statistics.
    Files {
        schema: Vec<Input>,
        stats: Box<PlannerStats>,
        name: String,
    },
}

#[derive(Debug)]
pub struct Health {
    /// The schema and the statistics.
    pub reading: Reading,
    pub address: String,
    /// `17.2`
    pub server: String,
    pub version: Version,
    /// One for each index, the gravest first.
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
}

/// The rules that speak of indexes in use; of two that speak of the same index the first is heard.
const RULES: [&str; 8] = ["I013", "I001", "I003", "I002", "U001", "U003", "U004", "K002"];
/// A table of so few bytes is read as fast as an index of it.
const SMALL: u64 = 8 * 8192;

pub fn health(request: Request<'_>) -> Result<Health, Failure> {
    let Request { folder, loaded, from, replicas, min_days } = request;
    let choice = Choice { select: RULES.map(str::to_owned).to_vec(), ..Choice::default() };
    let mut plan = Plan::new(folder, loaded, &choice)?;
    let (mut reading, planner, address, mut client) = match from {
        From::Database(target) => {
            let (reading, version) = inspection::read(&target)?;
            plan.settings.version = version;
            let mut client = connection::open(&target, Access::ReadOnly)?;
            let stats = statistics::export(&mut client, Values::Left)?;
            (reading, stats, target.address(), Some(client))
        }
        From::Files { schema, stats, name } => {
            plan.settings.version = Version(stats.major().max(14), 0);
            (plan.read(schema), *stats, name, None)
        }
    };
    let mut stats = planner.known();
    if stats.activity.is_none() {
        return Err(Failure::new("the statistics do not say since when scans were counted")
            .hint("Export them again: palladio stats export URL -o stats.json"));
    }
    for replica in &replicas {
        let mut client = connection::open(replica, Access::ReadOnly)?;
        activity::add_replica(&mut client, &replica.address(), &mut stats)?;
    }
    sizes::compute(&reading.schema, &planner, &mut stats);
    if let Some(client) = &mut client {
        sizes::measure(client, &mut stats)?;
    }
    if let Some(activity) = &mut stats.activity {
        activity.counted.wanted = min_days;
    }
    let notes = notes(&planner, &stats);
    reading.stats = Some(stats);
    let (findings, _) = plan.judge(&reading, &rules::all());
    let findings = sorted(findings, &reading);
    let version = plan.settings.version;
    Ok(Health { reading, address, server: planner.server, version, findings, notes })
}

impl Health {
    pub fn stats(&self) -> &Stats {
        self.reading.stats.as_ref().expect("statistics were read")
    }

    /// The changes that are sure, those that add first: a query that goes from one index to another always has one.
    pub fn changes(&self) -> Vec<Change> {
        let sure = self.findings.iter().filter(|finding| finding.severity > Severity::Note);
        let mut changes: Vec<Change> =
            sure.flat_map(|finding| &finding.fix).flat_map(|fix| fix.changes.clone()).collect();
        changes.sort_by_key(|change| !matches!(change, Change::Create { .. }));
        changes
    }

    /// What the changes cannot say: indexes that are to be built anew.
    pub fn rebuilds(&self) -> usize {
        let sure = self.findings.iter().filter(|finding| finding.severity > Severity::Note);
        sure.flat_map(|finding| &finding.fix).filter(|fix| !fix.run.is_empty()).count()
    }
}

/// One finding for each index, the gravest and then the largest first.
fn sorted(mut findings: Vec<Finding>, reading: &Reading) -> Vec<Finding> {
    let rank = |finding: &Finding| RULES.iter().position(|rule| *rule == finding.rule).unwrap_or(RULES.len());
    let stats = reading.stats.as_ref();
    let size = |finding: &Finding| {
        let name = finding.subject.as_ref().map(|path| QName::new(path.qname().schema, path.part.clone()));
        name.and_then(|name| stats?.indexes.get(&name)).map_or(0, |index| index.bytes)
    };
    findings.retain(|finding| {
        let table = finding.subject.as_ref().and_then(|path| stats?.tables.get(&path.qname()));
        finding.rule != "K002" || table.is_none_or(|table| table.bytes > SMALL)
    });
    findings.sort_by_key(&rank);
    let mut heard: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let again = heard.iter().any(|known| known.subject == finding.subject || makes_the_same(known, &finding));
        if !again {
            heard.push(finding);
        }
    }
    heard.sort_by_key(|finding| {
        let subject = finding.subject.clone();
        (std::cmp::Reverse(finding.severity), rank(finding), std::cmp::Reverse(size(finding)), subject)
    });
    heard
}

/// Two foreign keys over the same columns want one index.
fn makes_the_same(one: &Finding, other: &Finding) -> bool {
    let made = |finding: &Finding| {
        finding.fix.as_ref().and_then(|fix| {
            fix.changes.iter().find(|change| matches!(change, Change::Create { object: Object::Index(_), .. })).cloned()
        })
    };
    made(one).is_some_and(|made_by_one| made(other).is_some_and(|other| other == made_by_one))
}

/// What the reader has to know beside the findings.
fn notes(planner: &PlannerStats, stats: &Stats) -> Vec<String> {
    let Some(activity) = &stats.activity else { return Vec::new() };
    let counted = &activity.counted;
    let mut notes = Vec::new();
    if activity.is_replica {
        notes.push(
            "this is a replica: what other servers read is not counted here, so nothing is said of unused indexes; look at \
             the primary, and name this one with --replica"
                .to_owned(),
        );
    } else if counted.days < counted.wanted {
        notes.push(format!(
            "scans were counted for {:.1} days, and {:.0} are wanted: nothing is said of unused indexes; --min-days says \
             otherwise",
            counted.days, counted.wanted
        ));
    }
    if !activity.added.is_empty() {
        notes.push(format!("scans of {} are among these", report::count::list(&activity.added)));
    }
    let (count, asked) = (activity.replicas.len(), activity.added.len());
    if count > asked {
        let named = report::count::list(&activity.replicas);
        notes.push(match (count, asked) {
            (1, _) => format!("a replica is connected, {named}: --replica URL adds what is read there"),
            (_, 0) => {
                format!("{count} replicas are connected, {named}: --replica URL, for each, adds what is read there")
            }
            _ => format!("{count} replicas are connected, {named}, and {asked} of them asked"),
        });
    }
    notes.extend(sizes::not_said(planner, stats));
    notes
}
