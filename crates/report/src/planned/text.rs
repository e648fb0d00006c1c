//! A plan for people: releases, phases, and for each step its lock, its cost and the way back.

use std::fmt::Write as _;

use model::planned::{Cost, Phase, Planned, PlannedStep, Undo, Work};
use model::{LockMode, Path};

use crate::count::{counted, number};
use crate::rules::wrap;

/// What is told besides the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Steps,
    /// With the statements of each step.
    Statements,
}

const WIDTH: usize = 80;
/// Where what is said of a step begins.
const INDENT: usize = 16;

/// The plan as text. `left` is what it does not reach.
pub fn text(plan: &Planned, left: &[Path], detail: Detail) -> String {
    let mut out = String::new();
    let releases = plan.steps.last().map_or(0, |step| step.release);
    let steps = plan.steps.iter().filter(|step| step.work != Work::Deploy).count();
    if steps == 0 {
        return "Nothing to do: both sides are the same.\n".to_owned();
    }
    let head =
        format!("{} in {}; {}", counted(steps, "step"), counted(releases as usize, "release"), waiting(&plan.steps));
    wrap(&head, WIDTH).iter().for_each(|line| say(&mut out, line));
    let mut release = 0;
    let mut phase: Option<Phase> = None;
    for (index, step) in plan.steps.iter().enumerate() {
        if step.release != release {
            relied_on(&mut out, plan, release);
            release = step.release;
            phase = None;
            say(&mut out, "");
            say(&mut out, &format!("release {release}"));
        }
        let name = if phase == Some(step.phase) || step.work == Work::Deploy { "" } else { step.phase.name() };
        if step.work != Work::Deploy {
            phase = Some(step.phase);
        }
        let title = wrap(&step.title, WIDTH - INDENT);
        for (at, line) in title.iter().enumerate() {
            match at {
                0 => say(&mut out, &format!("  {name:<9}{:>3}  {line}", index + 1)),
                _ => say(&mut out, &format!("{:INDENT$}{line}", "")),
            }
        }
        if step.work != Work::Deploy {
            let about = wrap(&about(step), WIDTH - INDENT);
            about.iter().for_each(|line| say(&mut out, &format!("{:INDENT$}{line}", "")));
        }
        if detail == Detail::Statements {
            statements(&mut out, step);
        }
    }
    relied_on(&mut out, plan, release);
    if !left.is_empty() {
        say(&mut out, "");
        for path in left {
            say(&mut out, &format!("not reached: {} {path}", path.kind.sql().to_lowercase()));
        }
    }
    out
}

/// What holds when the release is done, for whoever writes the application.
fn relied_on(out: &mut String, plan: &Planned, release: u32) {
    let said = plan.steps.iter().filter(|step| step.release == release).filter_map(|step| step.after.as_deref());
    for (at, after) in said.enumerate() {
        let name = if at == 0 { "rely on" } else { "" };
        for (at, line) in wrap(after, WIDTH - INDENT).iter().enumerate() {
            say(out, &format!("  {:<14}{line}", if at == 0 { name } else { "" }));
        }
    }
}

fn say(out: &mut String, line: &str) {
    writeln!(out, "{}", line.trim_end()).expect("a string takes it");
}

/// Who waits, in a few words.
fn waiting(steps: &[PlannedStep]) -> String {
    let long = |step: &&PlannedStep| {
        let blocks = step.locks.iter().any(|(_, mode)| mode.blocks_writes());
        blocks && matches!(step.cost, Cost::Scan | Cost::Build | Cost::Rewrite)
    };
    let blocking = steps.iter().filter(long).count();
    match blocking {
        0 => "no step keeps writers waiting while it reads or writes rows".to_owned(),
        1 => "1 step keeps others waiting while it works through rows".to_owned(),
        several => format!("{several} steps keep others waiting while they work through rows"),
    }
}

/// The lock, the cost and the way back.
fn about(step: &PlannedStep) -> String {
    let mut parts = Vec::new();
    match &step.work {
        Work::Backfill(backfill) => {
            parts.push(format!("locks rows only, {} at a time, resumable", number(backfill.batch as usize)));
        }
        _ => parts.push(locks(step)),
    }
    parts.push(match &step.undo {
        Undo::Together(statements) => format!("undo: {}", counted(statements.len(), "statement")),
        Undo::Alone(_) => "undo: 1 statement".to_owned(),
        Undo::Nothing => return parts.join(" · "),
        Undo::Lost(why) => format!("no way back: {why}"),
    });
    parts.join(" · ")
}

/// `ACCESS EXCLUSIVE on orders, instant`
fn locks(step: &PlannedStep) -> String {
    let cost = match step.cost {
        Cost::Instant => "instant",
        Cost::Scan => "reads every row",
        Cost::Build => "builds an index",
        Cost::Rows => "writes rows",
        Cost::Rewrite => "writes the table anew",
    };
    let Some((_, strongest)) = step.locks.first() else { return "locks nobody out".to_owned() };
    let tables: Vec<String> =
        step.locks.iter().filter(|(_, mode)| mode == strongest).map(|(table, _)| table.to_string()).collect();
    let who = match strongest {
        mode if mode.blocks_reads() => "",
        mode if mode.blocks_writes() => ", reads go on",
        LockMode::ShareUpdateExclusive => ", reads and writes go on",
        _ => "",
    };
    format!("{} on {}, {cost}{who}", strongest.name(), tables.join(", "))
}

fn statements(out: &mut String, step: &PlannedStep) {
    let mut lines: Vec<String> = Vec::new();
    match &step.work {
        Work::Together(statements) => lines.extend(statements.iter().cloned()),
        Work::Alone { statement, .. } => lines.push(statement.clone()),
        Work::Backfill(backfill) => lines.push(format!("{}; -- in batches", backfill.statement())),
        Work::Deploy => {}
    }
    for line in lines.iter().flat_map(|statement| statement.lines()) {
        say(out, &format!("{:INDENT$}| {line}", ""));
    }
}
