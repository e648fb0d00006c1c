//! For people, and as statements for psql.

use std::fmt::Write as _;

use model::Severity;

use super::{Item, Report, foot, head};
use crate::Style;
use crate::count::{bytes, number};
use crate::rules::wrap;

pub(super) fn full(report: &Report<'_>, items: &[Item<'_>], style: Style) -> String {
    let width = style.width;
    let mut out = format!("Indexes of {}, PostgreSQL {}\n", report.address, report.server);
    prose(&mut out, "", &head(report), width);
    for note in report.notes {
        prose(&mut out, "note: ", note, width);
    }
    for item in items {
        let finding = item.finding;
        out.push('\n');
        let id = format!("{}[{} {}]: ", finding.severity.name(), finding.rule, finding.name);
        let title = wrap(&format!("{id}{}", finding.message), width.saturating_sub(2)).join("\n  ");
        let _ = writeln!(out, "{}", coloured(&title, &id, finding.severity, style));
        if let Some(facts) = facts(item) {
            prose(&mut out, "  ", &facts, width);
        }
        for why in finding.why.iter().chain(&item.costs) {
            prose(&mut out, "  = ", why, width);
        }
        if let Some(how) = item.how {
            prose(&mut out, "  = ", how, width);
        }
        // What is only worth a look is for people to decide.
        let run = if finding.severity == Severity::Note { "  maybe: " } else { "  run:  " };
        lines(&mut out, run, &item.statements);
        lines(&mut out, "  undo: ", &item.undo);
    }
    out.push('\n');
    let _ = writeln!(out, "{}", foot(items));
    out
}

/// `orders_status on orders · 864 MB · 0 scans · 1,200,000 entries written`
fn facts(item: &Item<'_>) -> Option<String> {
    let table = item.table.as_ref()?;
    let mut facts = vec![format!("{} on {table}", item.index)];
    if item.bytes > 0 {
        facts.push(bytes(item.bytes));
    }
    facts.extend(item.scans.map(|scans| match scans {
        1 => "1 scan".to_owned(),
        _ => format!("{} scans", number(scans as usize)),
    }));
    // Some rules say it themselves.
    let is_said = item.finding.why.iter().any(|why| why.contains("written to it"));
    facts.extend(
        item.entries.filter(|_| !is_said).map(|entries| format!("{} entries written", number(entries as usize))),
    );
    Some(facts.join(" · "))
}

pub(super) fn concise(items: &[Item<'_>]) -> String {
    let line = |item: &Item<'_>| {
        let finding = item.finding;
        let table = item.table.as_ref().map_or(String::new(), |table| format!("{table}: "));
        format!("{table}{}[{} {}]: {}\n", finding.severity.name(), finding.rule, finding.name, finding.message)
    };
    items.iter().map(line).collect()
}

/// Each is to run outside a transaction. What is only worth a look stands in a comment.
pub(super) fn sql(items: &[Item<'_>]) -> String {
    let mut out = String::new();
    for item in items {
        let finding = item.finding;
        let _ = writeln!(out, "-- {} {}: {}", finding.rule, finding.name, finding.message);
        let comment = if finding.severity == Severity::Note { "-- " } else { "" };
        item.statements.iter().for_each(|statement| lines(&mut out, comment, &[statement.replace('\n', " ")]));
        item.undo.iter().for_each(|statement| lines(&mut out, "-- undo: ", &[statement.replace('\n', " ")]));
    }
    out
}

fn lines(out: &mut String, head: &str, statements: &[String]) {
    let blank = " ".repeat(head.chars().count());
    let all = statements.iter().flat_map(|statement| statement.lines());
    for (number, line) in all.enumerate() {
        let _ = writeln!(out, "{}{line}", if number == 0 { head } else { &blank });
    }
}

fn prose(out: &mut String, head: &str, text: &str, width: usize) {
    let blank = " ".repeat(head.chars().count());
    for (number, line) in wrap(text, width.saturating_sub(blank.len())).iter().enumerate() {
        let _ = writeln!(out, "{}{line}", if number == 0 { head } else { &blank });
    }
}

fn coloured(title: &str, id: &str, severity: Severity, style: Style) -> String {
    let color = match severity {
        Severity::Error => "\u{1b}[1;31m",
        Severity::Warning => "\u{1b}[1;33m",
        Severity::Note => "\u{1b}[1;32m",
    };
    match title.strip_prefix(id.trim_end()).filter(|_| style.color) {
        Some(rest) => format!("{color}{}\u{1b}[0m{rest}", id.trim_end()),
        None => title.to_owned(),
    }
}
