//! What a rehearsal showed, for people and for machines.

mod json;
mod junit;
mod markdown;
mod text;

use model::proven::{Back, Proven, Queries, RefusedQuery, Shown, Tried};

use crate::count::{counted, number};

pub use json::Proof;

/// How a proof is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
    Junit,
    Markdown,
}

impl Format {
    pub const ALL: [Format; 4] = [Format::Text, Format::Json, Format::Junit, Format::Markdown];

    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
        }
    }
}

pub fn render(proven: &Proven, format: Format) -> String {
    match format {
        Format::Text => text::render(proven),
        Format::Json => json::render(proven),
        Format::Junit => junit::render(proven),
        Format::Markdown => markdown::render(proven),
    }
}

/// `ACCESS EXCLUSIVE on orders`, and whom that keeps waiting.
fn lock(step: &Shown) -> String {
    let Some((table, mode)) = step.strongest() else { return "locks nobody out".to_owned() };
    let others: usize = step.locks.iter().filter(|(other, own)| own == mode && other != table).count();
    let more = if others == 0 { String::new() } else { format!(" and {}", counted(others, "other")) };
    let who = match mode {
        mode if mode.blocks_reads() => "everybody waits",
        mode if mode.blocks_writes() => "writes wait",
        mode if mode.blocks_ddl() => "reads and writes go on",
        _ => "nobody waits",
    };
    format!("{} on {table}{more}: {who}", mode.name())
}

/// What becomes of rows while the lock is held.
fn rows(step: &Shown) -> Option<String> {
    let list = |names: &[model::QName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !step.rewritten.is_empty() {
        return Some(format!("writes {} anew", list(&step.rewritten)));
    }
    (!step.scanned.is_empty() && step.strongest().is_some()).then(|| format!("reads {}", list(&step.scanned)))
}

fn back(step: &Shown) -> Option<String> {
    match &step.back {
        Back::Nothing => None,
        Back::Walked => Some("taken back".to_owned()),
        Back::Astray => Some("not taken back".to_owned()),
        Back::Lost(why) => Some(format!("no way back: {why}")),
    }
}

/// What was seen of a step that was run.
fn about(step: &Shown) -> String {
    [Some(lock(step)), rows(step), back(step)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Everything against the step.
fn against(step: &Shown) -> Vec<String> {
    let untried = step.untried.iter().map(|why| format!("not tried: {why}"));
    step.wrong.iter().cloned().chain(untried).collect()
}

fn refused(query: &RefusedQuery) -> String {
    let (first, last) = query.steps;
    let when = match first == last {
        true => format!("after step {first}"),
        false => format!("after steps {first} to {last}"),
    };
    let whose = if query.old { "old" } else { "new" };
    format!("the {whose} query {} fails {when}: {}", query.name, query.said)
}

/// `12 old queries ran until step 4, 14 new ones from there`
fn asked(queries: &Queries) -> Option<String> {
    let ran = match (queries.old, queries.new) {
        (0, 0) => return None,
        (old, 0) => format!("{} of the application before", counted(old, "query")),
        (0, new) => format!("{} of the application after", counted(new, "query")),
        (old, new) => format!("{} before and {} after", counted(old, "query"), number(new)),
    };
    let where_to = queries.handover.map(|step| format!(", which takes over at step {step}"));
    let planned = match queries.only_planned.len() {
        0 => String::new(),
        some => format!("; {} planned and not run, because made-up values do not fit", number(some)),
    };
    Some(format!("{ran}{}{planned}", where_to.unwrap_or_default()))
}

/// `1,200 rows of 12 tables`
fn filled(proven: &Proven) -> String {
    let tables = proven.filled.iter().filter(|(_, rows)| *rows > 0).count();
    let rows: u64 = proven.filled.iter().map(|(_, rows)| rows).sum();
    format!("{} of {}", counted(usize::try_from(rows).unwrap_or(usize::MAX), "row"), counted(tables, "table"))
}

/// Tables about which nothing is said, because they have no rows.
fn empty(proven: &Proven) -> Vec<String> {
    proven.filled.iter().filter(|(_, rows)| *rows == 0).map(|(table, _)| table.to_string()).collect()
}

/// The whole in a sentence.
fn verdict(proven: &Proven) -> String {
    let tried: usize =
        proven.migrations.iter().map(|tried| tried.steps.iter().filter(|step| !step.deploys).count()).sum();
    let downs = proven.migrations.iter().filter(|tried| tried.down.is_some()).count();
    let of_folder = proven.migrations.iter().any(|tried| tried.file.is_some());
    let rows = format!("{}, {} unchanged", filled(proven), counted(proven.compared, "column"));
    match (proven.holds(), of_folder) {
        (true, false) => {
            format!("proven on {}: target reached, every way back walked, {rows}", proven.server)
        }
        (true, true) => format!(
            "proven on {}: {}, {}, {} taken back and run again, {}",
            proven.server,
            counted(proven.migrations.len(), "migration"),
            counted(tried, "statement"),
            number(downs),
            filled(proven)
        ),
        (false, _) => format!("not proven on {}; {}", proven.server, filled(proven)),
    }
}

/// What a migration of a folder is called where it is listed.
fn heading(tried: &Tried) -> String {
    tried.file.clone().unwrap_or_else(|| tried.name.clone())
}
