//! Problems: input that could not be fully read, listed on request.

use std::fmt::Write;

use annotate_snippets::Level;
use model::{Problem, ProblemKind, Reading};

use crate::Style;
use crate::format::{Shown, renderer, show};
use crate::item::at;

/// Each problem with its source line.
pub fn full(reading: &Reading, style: Style) -> String {
    let renderer = renderer(style);
    let mut out = String::new();
    for problem in &reading.problems {
        let shown = Shown {
            level: Level::INFO.with_name("problem"),
            word: "problem",
            id: name(problem.kind).to_owned(),
            title: &problem.message,
            place: problem.place,
            origin: None,
            label: None,
            notes: &[],
        };
        out += &show(&shown, reading, &renderer, style, None);
        out += "\n\n";
    }
    out
}

/// One line per problem.
pub fn concise(reading: &Reading) -> String {
    let mut out = String::new();
    for problem in &reading.problems {
        let Problem { kind, place, message } = problem;
        let place = place.map_or(String::new(), |place| {
            let at = at(reading, place);
            format!("{}:{}:{}: ", at.path, at.start.line, at.start.column)
        });
        writeln!(out, "{place}problem {} {message}", name(*kind)).expect("a string takes all");
    }
    out
}

fn name(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Syntax => "syntax",
        ProblemKind::Refused => "refused",
        ProblemKind::NotUnderstood => "not-understood",
        ProblemKind::Opaque => "opaque",
        ProblemKind::Unreadable => "unreadable",
    }
}
