//! Advice on indexes and queries, for people, for programs, and as statements.

mod json;
mod traffic;

use std::fmt::Write as _;

use model::advice::{Advice, Drop, NewIndex, Studied};
use model::object::Index;
use model::rewrite::{Proof, Rewritten};
use model::view_advice::NewView;
use model::workload::{Loop, Traffic};
use model::{QName, Schema};

use crate::count::{bytes, counted};
use crate::index::{dropped, made};
pub use json::{Document, json};

/// What is reported, with what it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    pub advice: &'a Advice,
    pub rewrites: &'a [Rewritten],
    pub views: &'a [NewView],
    pub schema: &'a Schema,
    pub queries: usize,
    /// What logs say was asked.
    pub traffic: &'a Traffic,
    pub loops: &'a [Loop],
    pub budget: Option<u64>,
    /// The version of the server that planned.
    pub server: &'a str,
    /// What is not as in production, a clause each.
    pub notes: &'a [String],
}

/// How many queries of an index are named.
const NAMED: usize = 3;

pub fn text(report: &Report<'_>) -> String {
    let Report { advice, .. } = report;
    let mut out = String::new();
    let budget = report.budget.map_or(String::new(), |most| format!("; budget {}", bytes(most)));
    let change = match advice.before > 0.0 {
        true => (advice.after / advice.before - 1.0) * 100.0,
        false => 0.0,
    };
    let _ = writeln!(
        out,
        "Workload of {}{budget}; {} of {} chosen, cost {}{:.0} %",
        counted(report.queries, "query"),
        advice.indexes.len(),
        counted(advice.candidates, "candidate"),
        if change <= 0.0 { "−" } else { "+" },
        change.abs(),
    );
    out += &studied(report);
    out += &traffic::read(report);
    for index in &advice.indexes {
        let _ = writeln!(out, "\n+ {}", statement(report.schema, &index.table, &index.index).replace('\n', "\n+ "));
        let _ = writeln!(out, "    {}", facts(index));
        if let Some(why) = &index.why {
            let _ = writeln!(out, "    {why}");
        }
    }
    for drop in &advice.drops {
        let _ = writeln!(
            out,
            "\n- {}\n    {} · frees {}",
            drop_statement(report.schema, drop),
            drop.why,
            bytes(drop.bytes)
        );
    }
    for rewritten in report.rewrites {
        rewrite(rewritten, &mut out);
    }
    for view in report.views {
        self::view(view, &mut out);
    }
    out += &traffic::loops(report);
    if !advice.refused.is_empty() {
        out.push('\n');
        for refused in advice.refused.iter().take(10) {
            let _ = writeln!(out, "refused: {} {}: {}", refused.table, keys(&refused.index), refused.why);
        }
    }
    if !advice.problems.is_empty() {
        out.push('\n');
        for (query, why) in &advice.problems {
            let _ = writeln!(out, "not planned: {query}: {why}");
        }
    }
    out += &traffic::named(report, &out);
    if !report.notes.is_empty() {
        out.push('\n');
        report.notes.iter().for_each(|note| out += &format!("note: {note}\n"));
    }
    let _ = writeln!(
        out,
        "\nproven on PostgreSQL {}, without rows, under the statistics of the database: {}",
        report.server,
        counted(advice.explains, "query plan")
    );
    out
}

/// How a large workload was looked at; nothing where each query was looked at by itself.
fn studied(report: &Report<'_>) -> String {
    let Studied { representatives, represented, alone } = report.advice.studied;
    if represented <= representatives && alone == 0 {
        return String::new();
    }
    let mut out = format!("{} ask alike and were studied in {representatives} of them", counted(represented, "query"));
    if alone > 0 {
        out += &format!("; {} too cheap to study", counted(alone, "query"));
    }
    out + "; costs are of each\n"
}

/// The view with its index, what a refresh is worth, and the queries that read it.
fn view(view: &NewView, out: &mut String) {
    let NewView { sql, index, refresh, rows, queries, .. } = view;
    let _ = writeln!(out, "\n+ {sql}\n+ {index}");
    let _ = writeln!(out, "    about {rows:.0} rows · refresh it as often as answers may be old: {refresh}");
    let _ =
        writeln!(out, "    a refresh costs what the query costs now, so that it pays from the second call between two");
    for rewritten in queries {
        rewrite(rewritten, out);
    }
}

/// The query as it should be, why it says the same, and what it saves.
fn rewrite(rewritten: &Rewritten, out: &mut String) {
    let Rewritten { query, rules, offer, before, after, compared } = rewritten;
    let _ = writeln!(out, "\n~ {query}, {}: {before:.0} → {after:.0}", rules.join(", "));
    let sql = offer.sql.trim_end().trim_end_matches(';');
    let _ = writeln!(out, "    {};", sql.replace('\n', "\n    "));
    let shown = match offer.proof {
        Proof::None => "not the same rows".to_owned(),
        _ => format!("the same on {}", counted(*compared, "set") + " of rows"),
    };
    let reasons: Vec<&str> = offer.conditions.iter().map(String::as_str).collect();
    let _ = writeln!(out, "    {shown} · {}", reasons.join(" · "));
    if let Some(caveat) = &offer.caveat {
        let _ = writeln!(out, "    but: {caveat}");
    }
}

fn facts(index: &NewIndex) -> String {
    let mut helped: Vec<_> = index.helps.iter().collect();
    helped.sort_by(|one, other| {
        let gain = |help: &model::advice::Help| help.before - help.after;
        gain(other).total_cmp(&gain(one)).then_with(|| one.query.cmp(&other.query))
    });
    let most: Vec<String> = helped
        .iter()
        .take(NAMED)
        .map(|help| format!("{} {:.0} → {:.0}", help.query, help.before, help.after))
        .collect();
    format!("{} · helps {}, most: {}", bytes(index.bytes), counted(helped.len(), "query"), most.join(", "))
}

fn keys(index: &Index) -> String {
    let keys: Vec<String> = index.keys.iter().map(write::sql::postgres::index_key).collect();
    format!("({})", keys.join(", "))
}

/// What makes the index without stopping writes, a statement a line.
fn statement(schema: &Schema, table: &QName, index: &Index) -> String {
    made(schema, table, index).join("\n")
}

/// What takes the index away again.
fn undo(schema: &Schema, table: &QName, index: &Index) -> String {
    dropped(schema, table, &index.name)
}

/// What takes away one that is there.
fn drop_statement(schema: &Schema, drop: &Drop) -> String {
    match schema.index(&drop.index) {
        Some((table, index)) => dropped(schema, &table, &index.name),
        None => format!("DROP INDEX CONCURRENTLY {};", drop.index),
    }
}

/// The statements alone; each is to run outside a transaction.
pub fn sql(report: &Report<'_>) -> String {
    let indexes = report.advice.indexes.iter().map(|index| statement(report.schema, &index.table, &index.index) + "\n");
    let drops = report.advice.drops.iter().map(|drop| drop_statement(report.schema, drop) + "\n");
    indexes.chain(drops).collect()
}
