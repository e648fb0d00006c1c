//! Advice as JSON, version 1. `docs/json.md` is printed from these structs.

use model::rewrite::Rewritten;
use model::view_advice::NewView;
use schemars::JsonSchema;
use serde::Serialize;

use super::traffic::{self, LoopedQuery, Workload};
use super::{Report, drop_statement, statement, undo};

/// Advice on the indexes and queries of a workload.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document<'a> {
    /// The version of this format.
    version: u32,
    /// What gains most first.
    indexes: Vec<NewIndex>,
    /// Indexes that can go.
    drops: Vec<DroppedIndex<'a>>,
    rewrites: Vec<Rewrite<'a>>,
    views: Vec<View<'a>>,
    /// Queries that were asked once for each row of another one.
    n_plus_one: Vec<LoopedQuery<'a>>,
    /// Queries that were asked again and again with the same values.
    repeated: Vec<LoopedQuery<'a>>,
    /// Indexes that would have helped and are not advised.
    refused: Vec<Refused<'a>>,
    /// Queries that could not be planned.
    problems: Vec<Unplanned<'a>>,
    /// What is not as in production.
    notes: &'a [String],
    cost: Cost,
    /// How many plans were asked for.
    explains: usize,
    studied: Studied,
    /// What logs say was asked; null without logs.
    workload: Option<Workload<'a>>,
}

/// How a large workload was looked at.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Studied {
    /// Queries that stand for all that ask alike.
    representatives: usize,
    /// Queries that they stand for.
    represented: usize,
    /// Queries that are too cheap to be worth a study.
    alone: usize,
}

/// An index to be made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewIndex {
    /// A statement a line, each to be run outside a transaction.
    sql: String,
    /// The size it is expected to have.
    bytes: u64,
    /// Why it is needed beyond what the queries gain.
    why: Option<String>,
    /// What keeping it costs the workload's writes, in the planner's units.
    write_cost: f64,
    helps: Vec<Help>,
    /// What takes it away again.
    undo: String,
}

/// What a query gains by an index, in the planner's units.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Help {
    query: String,
    before: f64,
    after: f64,
}

/// A query that says the same in a cheaper way.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rewrite<'a> {
    query: &'a str,
    /// The rewrites that were done to it, in order.
    rule: String,
    sql: &'a str,
    /// Why both say the same.
    conditions: &'a [String],
    /// What has to be known before it is used.
    caveat: Option<&'a str>,
    /// How many sets of rows both gave the same on; 0 where nothing is claimed of them.
    compared: usize,
    before: f64,
    after: f64,
}

/// A materialized view that several queries could read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct View<'a> {
    sql: &'a str,
    /// The unique index that lets it be refreshed beside readers.
    index: &'a str,
    /// The statement that brings it up to date.
    refresh: &'a str,
    /// How many it is expected to have.
    rows: f64,
    /// The queries as they read it.
    queries: Vec<Rewrite<'a>>,
    undo: String,
}

/// An index that can go.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DroppedIndex<'a> {
    sql: String,
    why: &'a str,
    /// What is freed.
    bytes: u64,
}

/// An index that is not advised.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Refused<'a> {
    sql: String,
    why: &'a str,
}

/// A query that the server does not plan.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Unplanned<'a> {
    query: &'a str,
    message: &'a str,
}

/// The cost of the whole workload, in the planner's units.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cost {
    before: f64,
    after: f64,
}

/// A versioned document.
pub fn json(report: &Report<'_>) -> String {
    let Report { advice, schema, .. } = report;
    let index = |index: &model::advice::NewIndex| NewIndex {
        sql: statement(schema, &index.table, &index.index),
        bytes: index.bytes,
        why: index.why.clone(),
        write_cost: index.write_cost,
        helps: index
            .helps
            .iter()
            .map(|help| Help { query: help.query.to_string(), before: help.before, after: help.after })
            .collect(),
        undo: undo(schema, &index.table, &index.index),
    };
    let document = Document {
        version: 1,
        indexes: advice.indexes.iter().map(index).collect(),
        drops: advice
            .drops
            .iter()
            .map(|drop| DroppedIndex { sql: drop_statement(schema, drop), why: &drop.why, bytes: drop.bytes })
            .collect(),
        rewrites: report.rewrites.iter().map(rewrite_entry).collect(),
        views: report.views.iter().map(view_entry).collect(),
        n_plus_one: traffic::entries(report, false),
        repeated: traffic::entries(report, true),
        refused: advice
            .refused
            .iter()
            .map(|refused| Refused { sql: statement(schema, &refused.table, &refused.index), why: &refused.why })
            .collect(),
        problems: advice.problems.iter().map(|(query, message)| Unplanned { query, message }).collect(),
        notes: report.notes,
        cost: Cost { before: advice.before, after: advice.after },
        explains: advice.explains,
        studied: Studied {
            representatives: advice.studied.representatives,
            represented: advice.studied.represented,
            alone: advice.studied.alone,
        },
        workload: (!report.traffic.files.is_empty()).then(|| traffic::workload(report.traffic)),
    };
    serde_json::to_string_pretty(&document).expect("these structs have only text for keys") + "\n"
}

fn rewrite_entry(rewritten: &Rewritten) -> Rewrite<'_> {
    let Rewritten { query, rules, offer, before, after, compared } = rewritten;
    Rewrite {
        query,
        rule: rules.join(", "),
        sql: &offer.sql,
        conditions: &offer.conditions,
        caveat: offer.caveat.as_deref(),
        compared: *compared,
        before: *before,
        after: *after,
    }
}

fn view_entry(view: &NewView) -> View<'_> {
    View {
        sql: &view.sql,
        index: &view.index,
        refresh: &view.refresh,
        rows: view.rows,
        queries: view.queries.iter().map(rewrite_entry).collect(),
        undo: format!("DROP MATERIALIZED VIEW {};", view.name),
    }
}
