//! Plans as JSON, version 1. `docs/json.md` is printed from these structs.

use model::plan::Times;
use schemars::JsonSchema;
use serde::Serialize;

use super::Explained;

/// A query plan with its findings, worst first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format.
    pub version: u32,
    /// The statement, where the plan or its log holds it.
    pub query: Option<String>,
    /// Milliseconds of the whole run.
    pub run_ms: Option<f64>,
    pub planning_ms: Option<f64>,
    /// A parent before its children.
    pub nodes: Vec<PlanNode>,
    pub findings: Vec<PlanFinding>,
    /// Fields that were not understood.
    pub unknown: Vec<String>,
}

/// A node of a query plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanNode {
    /// From 0, in the order of the plan.
    pub id: usize,
    /// The id of the node above.
    pub parent: Option<usize>,
    /// As EXPLAIN writes it in text: `Parallel Seq Scan`.
    #[serde(rename = "type")]
    pub kind: String,
    pub relation: Option<String>,
    pub index: Option<String>,
    /// Milliseconds that the node took by itself, in the time that passed; null without times.
    pub self_ms: Option<f64>,
    /// With everything below it.
    pub total_ms: Option<f64>,
    /// Rows of all loops together; null when the plan was not run.
    pub rows: Option<f64>,
    /// Rows that were expected of each loop.
    pub estimate: f64,
    pub loops: Option<f64>,
}

/// What would make it faster.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanFinding {
    /// The code of the rule: `P001`.
    pub rule: String,
    pub name: String,
    pub severity: String,
    /// The id of the node; null when it is about the plan as a whole.
    pub node: Option<usize>,
    pub message: String,
    pub why: Vec<String>,
    /// Milliseconds that could be saved; null without times.
    pub gain_ms: Option<f64>,
    pub fix: Option<PlanFix>,
}

/// What to type.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanFix {
    pub sql: Vec<String>,
}

/// The plan as JSON; one that holds several is a list of documents.
pub fn json(all: &[Explained<'_>]) -> String {
    let documents: Vec<Document> = all.iter().map(document).collect();
    match &documents[..] {
        [only] => crate::format::pretty(only),
        several => crate::format::pretty(&several),
    }
}

fn document(explained: &Explained<'_>) -> Document {
    let plan = explained.plan;
    let times = plan.times();
    Document {
        version: 1,
        query: plan.query.clone(),
        run_ms: plan.run_ms().map(rounded),
        planning_ms: plan.planning_ms,
        nodes: (0..plan.nodes.len()).map(|index| node(explained, index, times.as_ref())).collect(),
        findings: explained.findings.iter().map(finding).collect(),
        unknown: plan.unknown.iter().map(|field| field.name.to_string()).collect(),
    }
}

fn node(explained: &Explained<'_>, index: usize, times: Option<&Times>) -> PlanNode {
    let node = &explained.plan.nodes[index];
    PlanNode {
        id: index,
        parent: node.parent,
        kind: node.label(),
        relation: node.relation.as_ref().map(|name| match &node.schema {
            Some(schema) => format!("{schema}.{name}"),
            None => name.to_string(),
        }),
        index: node.index.as_ref().map(ToString::to_string),
        self_ms: times.map(|times| rounded(times.own[index])),
        total_ms: times.map(|times| rounded(times.whole[index])),
        rows: node.total_rows(),
        estimate: node.estimated_rows,
        loops: node.actual.map(|actual| actual.loops),
    }
}

fn finding(finding: &model::Finding) -> PlanFinding {
    let saving = finding.saving.as_ref();
    let run = finding.fix.iter().flat_map(|fix| &fix.run);
    let sql: Vec<String> = run.map(|sql| format!("{sql};")).collect();
    PlanFinding {
        rule: finding.rule.to_owned(),
        name: finding.name.to_owned(),
        severity: finding.severity.name().to_owned(),
        node: saving.and_then(|saving| saving.node),
        message: finding.message.clone(),
        why: finding.why.clone(),
        gain_ms: saving.and_then(|saving| saving.gain_ms).map(rounded),
        fix: (!sql.is_empty()).then_some(PlanFix { sql }),
    }
}

/// EXPLAIN has three digits, and no more are true.
fn rounded(time: f64) -> f64 {
    (time * 1000.0).round() / 1000.0
}
