//! The text of one statement becomes what it says.

use model::place::Place;
use model::step::Action;
use model::{Change, FileId, Problem, ProblemKind, Span};

use super::parse::{Tree, parse, parsed};
use super::statement::statement;
use super::wording::worded;
use super::{Context, Statement};

/// Reads one statement; `cx.offset` is where its text starts. The places of its problems are in file 0. `tree` is the
/// tree of this text, if it has been grown already.
pub(crate) fn read(cx: Context<'_>, text: &str, tree: Option<Tree>) -> Statement {
    let parsed = tree.map_or_else(|| parse(text), parsed);
    let mut statement = match &parsed.stmt {
        Some(stmt) => statement(cx, stmt),
        None => Statement::other(""),
    };
    if let Some((Span { start, end }, message)) = parsed.errors.into_iter().next() {
        let place = Some(Place::new(FileId(0), cx.offset + start, cx.offset + end));
        let message = worded(&message, text, start as usize);
        statement.problems = vec![Problem { kind: ProblemKind::Syntax, place, message }];
        statement.action = Action::Unknown;
        // What a broken statement makes is worth knowing: others speak of it. What it changes or drops is not sure.
        statement.changes.retain(|placed| matches!(placed.change, Change::Create { .. }));
    }
    statement
}
