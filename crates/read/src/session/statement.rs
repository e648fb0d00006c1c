//! The text of a statement, read: what it says, what it holds, and what is wrong with it.

use std::ops::Range;

use model::name::PUBLIC;
use model::query::{FoundQuery, Origin};
use model::step::{Action, How};
use model::{Change, Name, Place, Problem, ProblemKind, Schema};

use super::{Ran, Script, Session, found, in_file};
use crate::layout::query_name;
use crate::sql::postgres::{self, Block, Context, Early, Runs, Statement};

/// A statement, and what can be seen of the statements in it.
pub(super) struct Read {
    pub(super) statement: Statement,
    pub(super) understood: bool,
    pub(super) block: Option<Block>,
}

impl Session<'_> {
    pub(super) fn read(&mut self, text: &str, early: Option<Early>, place: Place, range: &Range<usize>) -> Read {
        let (mut statement, block) = postgres::read(self.context(place.start), text, early);
        let understood = is_understood(&statement);
        if !understood && self.script.source.is_templated(range.clone()) {
            statement.problems = self.templated(place).into_iter().collect();
        }
        if let Action::Do { opaque } = &mut statement.action {
            *opaque = block.as_ref().is_none_or(|block| block.opaque);
            if *opaque {
                statement.problems.push(hidden(place));
            }
        }
        Read { statement, understood, block }
    }

    /// What a DO block does, statement after statement, each against what those before it have left.
    pub(super) fn block(&mut self, block: Block, place: Place) {
        for query in block.queries {
            let place = place.narrowed(query.span);
            let action = Action::Query(Box::new(query));
            let statement = Statement { action, changes: Vec::new(), how: How::default(), problems: Vec::new() };
            // Where in the block it stands is not known: a loop or a condition may be around it.
            self.step(statement, place, true);
        }
        for inner in block.statements {
            let (statement, span, runs) = postgres::read_embedded(self.context(place.start), &inner);
            let drops = statement.changes.iter().any(|placed| matches!(placed.change, Change::Drop { .. }));
            // What a drop would do is worth a step wherever it may run; gone is only what it surely drops.
            let before = (runs == Runs::Perhaps && drops).then(|| self.snapshot());
            if runs != Runs::No {
                self.step(statement, place.narrowed(span), inner.conditional);
            }
            if let Some(before) = before {
                self.restore(before);
            }
        }
    }

    /// Templates are the reason that a statement cannot be read: said once for each script.
    fn templated(&mut self, place: Place) -> Option<Problem> {
        if std::mem::replace(&mut self.templates_said, true) {
            return None;
        }
        let message = "what stands here is known only once its templates are filled in".to_owned();
        Some(Problem { kind: ProblemKind::NotUnderstood, place: Some(place), message })
    }
}

fn hidden(place: Place) -> Problem {
    let message = "this block puts SQL together while it runs: what that does cannot be known".to_owned();
    Problem { kind: ProblemKind::Opaque, place: Some(place), message }
}

fn is_understood(statement: &Statement) -> bool {
    let unread = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax | ProblemKind::NotUnderstood);
    statement.action != Action::Unknown && !statement.problems.iter().any(unread)
}

/// Reads the queries of a file that the application runs. They change nothing.
pub(crate) fn ask(schema: &Schema, script: Script) -> Ran {
    let mut ran = Ran::default();
    let search_path = [PUBLIC];
    let text = &*script.source.text;
    let mut last = 0;
    for piece in script.pieces {
        let (start, end) = (script.offset + piece.start, script.offset + piece.end);
        let place = Place::new(script.file, start as u32, end as u32);
        ran.statements.push(start..end);
        ran.coverage.statements += 1;
        let before = last..piece.start;
        last = piece.end;
        if let Some((at, message)) = piece.kind.problem() {
            let at = (script.offset + at) as u32;
            let place = Some(Place::new(script.file, at, at + 1));
            ran.problems.push(Problem { kind: ProblemKind::Syntax, place, message });
            continue;
        }
        let cx = Context::new(schema, &search_path, place.start);
        let (statement, _) = postgres::read(cx, &text[piece.start..piece.end], (script.next_early)());
        ran.coverage.understood += u32::from(is_understood(&statement));
        ran.problems.extend(statement.problems.into_iter().map(|problem| in_file(problem, place)));
        if let Action::Query(query) = statement.action {
            let name = name_before(&text[before]);
            ran.queries.push(FoundQuery { place, name, ..found::in_file(script.file, *query, Origin::File) });
        }
    }
    ran
}

/// The name that a comment before the query gives it.
fn name_before(text: &str) -> Option<Name> {
    text.lines().rev().find_map(query_name).map(Name::new)
}
