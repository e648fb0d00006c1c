//! A query plan for people: the tree with whose time it was, and what would make it faster, worst first.

mod compare;
mod json;
mod svg;

use std::cmp::Ordering;
use std::fmt::Write;

use model::Finding;
use model::plan::{QueryPlan, Times, ms};

use crate::Style;
use crate::rules::wrap;

pub use compare::compare;
pub use json::{Document, json};
pub use svg::{html, svg};

/// A plan, and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Explained<'a> {
    pub plan: &'a QueryPlan,
    pub findings: &'a [Finding],
}

/// Worst first: by what could be saved; what nobody can tell comes last.
pub fn sort(findings: &mut [Finding]) {
    let gain = |finding: &Finding| finding.saving.as_ref().and_then(|saving| saving.gain_ms).unwrap_or(-1.0);
    findings.sort_by(|one, other| match gain(other).partial_cmp(&gain(one)) {
        Some(Ordering::Equal) | None => (other.severity, one.rule).cmp(&(one.severity, other.rule)),
        Some(order) => order,
    });
}

const BAR: usize = 8;
const RUN: &str = "\n      own  share            rows  estimate   loops\n";
const PLANNED: &str = "\n     cost  estimate\n";

/// The tree, then the findings.
pub fn text(explained: &Explained<'_>, style: Style) -> String {
    let plan = explained.plan;
    let times = plan.times();
    let mut out = head(plan, times.as_ref());
    out += if plan.was_run() { RUN } else { PLANNED };
    for (index, node) in plan.nodes.iter().enumerate() {
        let line = numbers(plan, index, times.as_ref());
        let share = times.as_ref().map_or(0.0, |times| times.own[index] / times.run.max(1e-9));
        out += &if style.color { coloured(&line, share) } else { line };
        let depth = plan.depth(index).min(20);
        let mut words = format!("{}{}", "  ".repeat(depth), node.label());
        if let Some(side) = &node.subplan {
            words = format!("{}{side}: {}", "  ".repeat(depth), node.label());
        }
        if let Some(object) = node.object() {
            words += &format!(" · {object}");
        }
        let room = style.width.saturating_sub(3);
        out += &format!("\n   {}\n", cut(&words, room));
        if let Some((name, condition)) = node.conditions.all().last() {
            out += &format!(
                "   {}\n",
                cut(&format!("{}  {name}: {}", "  ".repeat(depth), condition.text.replace('\n', " ")), room)
            );
        }
    }
    out += &findings(explained.findings, style);
    if !plan.was_run() {
        out += "\nIt was not run: EXPLAIN (ANALYZE, BUFFERS), or --analyze beside --query, tells\n  times, and with them what to do\n";
    }
    out
}

fn head(plan: &QueryPlan, times: Option<&Times>) -> String {
    let mut parts = Vec::new();
    if let Some(times) = times {
        parts.push(format!("ran {}", ms(times.run)));
    } else if let Some(run) = plan.run_ms() {
        parts.push(format!("ran {}", ms(run)));
    }
    parts.extend(plan.planning_ms.map(|time| format!("planned {}", ms(time))));
    parts.extend(plan.jit.map(|jit| format!("JIT {}", ms(jit.total_ms))));
    for trigger in &plan.triggers {
        let name = trigger.constraint.as_ref().unwrap_or(&trigger.name);
        parts.extend(trigger.ms.map(|time| format!("trigger {name} {}", ms(time))));
    }
    parts.push(crate::count::counted(plan.nodes.len(), "node"));
    parts.join(" · ") + "\n"
}

/// Own time, share with a bar, rows, rows against the estimate, loops.
fn numbers(plan: &QueryPlan, index: usize, times: Option<&Times>) -> String {
    let node = &plan.nodes[index];
    if !plan.was_run() {
        return format!("{:>9} {:>9}", count(node.cost), count(node.estimated_rows));
    }
    let (own, share, bar) = match times {
        Some(times) => {
            let share = times.own[index] / times.run.max(1e-9);
            let filled = (share * BAR as f64).round().clamp(0.0, BAR as f64) as usize;
            (
                ms(times.own[index]),
                format!("{:.0} %", share * 100.0),
                format!("{}{}", "█".repeat(filled), "·".repeat(BAR - filled)),
            )
        }
        None => ("-".to_owned(), "-".to_owned(), "·".repeat(BAR)),
    };
    if node.never_ran() {
        return format!("{:>9} {:>6} {} never executed", "-", "-", "·".repeat(BAR));
    }
    let rows = node.total_rows().map_or_else(|| count(node.estimated_rows), count);
    let factor = node.actual.map_or("-".to_owned(), |actual| factor(actual.rows, node.estimated_rows));
    let loops = node.actual.map_or("-".to_owned(), |actual| count(actual.loops));
    format!("{own:>9} {share:>6} {bar} {rows:>9} {factor:>9} {loops:>7}")
}

/// `=`, `12 ×`, `1/40`: rows that came over those expected.
fn factor(rows: f64, expected: f64) -> String {
    let factor = rows.max(1.0) / expected.max(1.0);
    match factor {
        2.0.. => format!("{} ×", count(factor)),
        ..=0.5 => format!("1/{}", count(1.0 / factor)),
        _ => "=".to_owned(),
    }
}

fn findings(findings: &[Finding], style: Style) -> String {
    let mut out = String::new();
    if findings.is_empty() {
        return "\nNothing that is worth a change\n".to_owned();
    }
    for finding in findings {
        let gain = finding.saving.as_ref().and_then(|saving| saving.gain_ms);
        let gain = gain.map_or(String::new(), |gain| format!(" (saves about {})", ms(gain)));
        let head = format!("{}[{} {}]: {}{gain}", finding.severity.name(), finding.rule, finding.name, finding.message);
        out.push('\n');
        for (index, line) in wrap(&head, style.width.saturating_sub(2)).iter().enumerate() {
            let _ = writeln!(out, "{}{line}", if index == 0 { "" } else { "  " });
        }
        for why in &finding.why {
            for (index, line) in wrap(why, style.width.saturating_sub(4)).iter().enumerate() {
                let _ = writeln!(out, "  {} {line}", if index == 0 { "=" } else { " " });
            }
        }
        for sql in finding.fix.iter().flat_map(|fix| &fix.run) {
            let _ = writeln!(out, "  > {sql};");
        }
    }
    out
}

fn coloured(text: &str, share: f64) -> String {
    match share {
        0.5.. => format!("\u{1b}[1;31m{text}\u{1b}[0m"),
        0.2.. => format!("\u{1b}[33m{text}\u{1b}[0m"),
        _ => format!("\u{1b}[2m{text}\u{1b}[0m"),
    }
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// `812`, `41 k`, `1.2 M`
fn count(number: f64) -> String {
    match number {
        ..10_000.0 => format!("{number:.0}"),
        ..1e6 => format!("{:.0} k", number / 1e3),
        ..1e9 => format!("{:.1} M", number / 1e6),
        _ => format!("{:.1} G", number / 1e9),
    }
}
