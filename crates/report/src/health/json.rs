//! The health of indexes as JSON, version 1. `docs/json.md` is printed from these structs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Item, Report};

/// What was looked at, and what was found, the gravest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format.
    pub version: u32,
    /// Where the database is, without what is secret.
    pub address: String,
    /// The version of its server: `17.2`.
    pub server: String,
    /// Indexes that were looked at.
    pub indexes: usize,
    pub bytes: u64,
    /// Since when scans were counted; null where nobody knows.
    pub counted: Option<CountedSince>,
    /// Replicas that are connected; what they read counts when they are in `added`.
    pub replicas: Vec<String>,
    /// Replicas whose scans were added.
    pub added: Vec<String>,
    /// What could not be looked at, or is to be known.
    pub notes: Vec<String>,
    pub findings: Vec<IndexFinding>,
}

/// For how long the server has counted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CountedSince {
    pub days: f64,
    /// The day when it began: `2026-03-02`.
    pub since: String,
    /// Nobody reset the statistics: they are at least as old as the server's start.
    pub at_least: bool,
    /// Days that are wanted before an index is called unused.
    pub wanted: f64,
}

/// An index that is not well, or one that is missing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IndexFinding {
    /// The code of the rule: `U001`.
    pub rule: String,
    pub name: String,
    pub severity: String,
    pub table: Option<String>,
    /// The index, or the constraint that it is behind or should serve.
    pub index: String,
    pub message: String,
    pub why: Vec<String>,
    /// What else it costs, a clause each.
    pub costs: Vec<String>,
    pub bytes: u64,
    /// Scans since they were counted; null where there is no index.
    pub scans: Option<u64>,
    /// Entries that were written to it since then.
    pub entries: Option<u64>,
    /// Bytes that mending it gives back; 0 where that is only worth a look.
    pub frees: u64,
    /// Each outside a transaction.
    pub statements: Vec<String>,
    /// What takes the statements back; empty where there is nothing to take back.
    pub undo: Vec<String>,
    /// How to run the statements, where that is not as always.
    pub how: Option<String>,
}

pub(super) fn render(report: &Report<'_>, items: &[Item<'_>]) -> String {
    let activity = report.stats.activity.as_ref();
    let document = Document {
        version: 1,
        address: report.address.to_owned(),
        server: report.server.to_owned(),
        indexes: report.stats.indexes.len(),
        bytes: report.stats.indexes.values().map(|index| index.bytes).sum(),
        counted: activity.map(|activity| CountedSince {
            days: (activity.counted.days * 10.0).floor() / 10.0,
            since: activity.counted.since.clone(),
            at_least: activity.counted.at_least,
            wanted: activity.counted.wanted,
        }),
        replicas: activity.map_or(Vec::new(), |activity| activity.replicas.clone()),
        added: activity.map_or(Vec::new(), |activity| activity.added.clone()),
        notes: report.notes.to_vec(),
        findings: items.iter().map(finding).collect(),
    };
    serde_json::to_string_pretty(&document).expect("these structs have only text for keys") + "\n"
}

fn finding(item: &Item<'_>) -> IndexFinding {
    let finding = item.finding;
    IndexFinding {
        rule: finding.rule.to_owned(),
        name: finding.name.to_owned(),
        severity: finding.severity.name().to_owned(),
        table: item.table.as_ref().map(ToString::to_string),
        index: item.index.clone(),
        message: finding.message.clone(),
        why: finding.why.clone(),
        costs: item.costs.clone(),
        bytes: item.bytes,
        scans: item.scans,
        entries: item.entries,
        frees: item.frees,
        statements: item.statements.clone(),
        undo: item.undo.clone(),
        how: item.how.map(str::to_owned),
    }
}
