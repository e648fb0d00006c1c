//! For people: a step in two lines, what is against it below, and the verdict at the end.

use std::fmt::Write as _;

use model::proven::{Proven, Shown, Tried};

use super::{about, against, asked, empty, heading, refused, verdict};
use crate::rules::wrap;

const WIDTH: usize = 80;
/// Where what is said of a step begins.
const INDENT: usize = 11;

pub(super) fn render(proven: &Proven) -> String {
    let mut out = String::new();
    for tried in &proven.migrations {
        let of_folder = tried.file.is_some();
        if of_folder {
            line(&mut out, 0, &heading(tried));
        }
        tried.steps.iter().for_each(|shown| step(&mut out, shown));
        if let Some(down) = &tried.down {
            line(&mut out, 2, &format!("back: {}", down.file));
            down.steps.iter().for_each(|shown| step(&mut out, shown));
        }
        remarks(&mut out, tried);
        if of_folder {
            out.push('\n');
        }
    }
    proven.wrong.iter().for_each(|wrong| paragraph(&mut out, 0, wrong));
    for query in &proven.queries.refused {
        paragraph(&mut out, 0, &refused(query));
        line(&mut out, 2, &query.at);
    }
    let empty = empty(proven);
    if !empty.is_empty() {
        let said = format!("No rows were found for {}: what is said of rows does not speak of them", empty.join(", "));
        paragraph(&mut out, 0, &said);
    }
    proven.notes.iter().for_each(|note| paragraph(&mut out, 0, note));
    if let Some(asked) = asked(&proven.queries) {
        paragraph(&mut out, 0, &asked);
        proven.queries.only_planned.iter().for_each(|said| paragraph(&mut out, 2, said));
    }
    paragraph(&mut out, 0, &verdict(proven));
    out
}

fn remarks(out: &mut String, tried: &Tried) {
    tried.wrong.iter().for_each(|wrong| paragraph(out, 5, &format!("WRONG {wrong}")));
    if tried.down.is_some() && tried.holds() {
        line(out, 5, "ok    taken back, and run again");
    }
    tried.notes.iter().for_each(|note| paragraph(out, 5, &format!("note: {note}")));
}

fn step(out: &mut String, step: &Shown) {
    let mark = match (step.deploys, step.holds()) {
        (true, _) => "",
        (false, true) => "ok",
        (false, false) => "WRONG",
    };
    let mut lines = wrap(&step.title, WIDTH - INDENT).into_iter();
    line(out, 0, &format!("{:>3}  {mark:<5} {}", step.number, lines.next().unwrap_or_default()));
    lines.for_each(|rest| line(out, INDENT, &rest));
    if step.deploys {
        return;
    }
    // Of what was refused nothing was seen.
    if step.untried.is_none() && (step.wrong.is_empty() || step.strongest().is_some()) {
        paragraph(out, INDENT, &about(step));
    }
    for said in against(step) {
        paragraph(out, INDENT, &said);
    }
    if let (Some(at), false) = (&step.at, step.holds()) {
        line(out, INDENT, at);
    }
}

fn paragraph(out: &mut String, indent: usize, text: &str) {
    // A statement among the words may have lines of its own.
    for part in text.lines() {
        wrap(part, WIDTH - indent).iter().for_each(|words| line(out, indent, words));
    }
}

fn line(out: &mut String, indent: usize, text: &str) {
    writeln!(out, "{:indent$}{}", "", text.trim_end()).expect("a string takes it");
}
