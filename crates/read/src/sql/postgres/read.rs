//! The text of one statement becomes what it says.

use model::name::PUBLIC;
use model::place::Place;
use model::step::Action;
use model::{Change, FileId, Problem, ProblemKind, Schema, Span};
use squawk_syntax::ast;

use super::block::{Block, block};
use super::body::{ParsedBody, parse_body};
use super::context::{LookUp, Witness};
use super::parse::{Tree, grow, parse, parsed};
use super::statement::statement;
use super::wording::worded;
use super::{Context, Statement};

/// What could be known of a statement before its turn.
#[derive(Debug)]
pub(crate) struct Early {
    tree: Tree,
    body: Option<ParsedBody>,
    /// What it says, as far as that could be told without the schema.
    statement: Option<Told>,
}

#[derive(Debug)]
struct Told {
    statement: Statement,
    /// It was read with the search path that a session starts with, and needs it.
    needs_search_path: bool,
    looked_up: Vec<LookUp>,
}

impl Told {
    /// Whether it says the same here.
    fn holds(&self, cx: Context<'_>) -> bool {
        (!self.needs_search_path || cx.search_path() == [PUBLIC])
            && self.looked_up.iter().all(|look_up| look_up.holds(cx))
    }
}

/// Parses a statement whose text starts at `offset`, with the body in it, and reads it as well if it asks nothing of
/// the schema. Of all kinds of statements only CREATE TABLE is tried: most of the others speak of what is there.
pub(crate) fn read_early(empty: &Schema, text: &str, offset: u32) -> Early {
    let tree = grow(text);
    let witness = Witness::default();
    let search_path = [PUBLIC];
    let cx = Context::new(empty, &search_path, offset).witnessed(&witness);
    let stmt = parsed(tree.clone()).stmt.filter(|_| tree.errors.is_empty());
    let body = stmt.as_ref().and_then(|stmt| parse_body(offset, stmt));
    let statement = match stmt {
        Some(stmt @ ast::Stmt::CreateTable(_)) => Some(statement(cx, &stmt)),
        _ => None,
    };
    let told = |statement| Told {
        statement,
        needs_search_path: witness.asked_search_path.get(),
        looked_up: witness.looked_up.take(),
    };
    let statement = statement.filter(|_| !witness.asked_schema.get()).map(told);
    Early { tree, body, statement }
}

/// Reads one statement, and what it holds when it is a DO block that can be read; `cx.offset` is where its text starts.
/// The places of its problems are in file 0. `early` is what is known of this text, if somebody has looked at it
/// already.
pub(crate) fn read(cx: Context<'_>, text: &str, early: Option<Early>) -> (Statement, Option<Block>) {
    let (tree, body, known) = early.map_or((None, None, None), |early| (Some(early.tree), early.body, early.statement));
    let cx = cx.with_body(body.as_ref());
    if let Some(told) = known.filter(|told| told.holds(cx)) {
        return (told.statement, None);
    }
    let parsed = tree.map_or_else(|| parse(text), parsed);
    let mut statement = match &parsed.stmt {
        Some(stmt) => statement(cx, stmt),
        None => Statement::other(""),
    };
    if let Some((Span { start, end }, message)) = parsed.errors.first() {
        let place = Some(Place::new(FileId(0), cx.offset + start, cx.offset + end));
        let message = worded(message, text, *start as usize);
        statement.problems = vec![Problem { kind: ProblemKind::Syntax, place, message }];
        statement.action = Action::Unknown;
        // What a broken statement makes is worth knowing: others speak of it. What it changes or drops is not sure.
        statement.changes.retain(|placed| matches!(placed.change, Change::Create { .. }));
    }
    let block = match &parsed.stmt {
        Some(ast::Stmt::Do(node)) if statement.action != Action::Unknown => block(cx, node),
        _ => None,
    };
    (statement, block)
}
