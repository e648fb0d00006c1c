//! The text of one statement becomes what it says.

use std::cell::RefCell;

use model::name::PUBLIC;
use model::place::Place;
use model::step::Action;
use model::{Change, FileId, Problem, ProblemKind, Schema, Span};
use squawk_syntax::ast;

use super::block::{Block, block};
use super::body::{ParsedBody, parse_body};
use super::context::{LookUp, Witness};
use super::parse::{Parsed, Tree, grow, parse, parsed};
use super::repeated::{Memory, Recalled};
use super::statement::statement;
use super::wording::worded;
use super::{Context, Statement};

/// What could be known of a statement before its turn.
#[derive(Debug)]
pub(crate) enum Early {
    /// Its words are understood.
    Grown(Grown),
    /// It was read, and what it says was told without the schema.
    Told(Box<Told>),
}

#[derive(Debug)]
pub(crate) struct Grown {
    tree: Tree,
    /// Columns that the tree leaves out.
    recalled: Vec<Recalled>,
    body: Option<ParsedBody>,
}

#[derive(Debug)]
pub(crate) struct Told {
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

/// Parses a statement whose text starts at `offset`, with the body in it, and reads it as well if it says the same
/// whatever was said before it, as far as that can be foreseen.
pub(crate) fn read_early(empty: &Schema, memory: &RefCell<Memory>, text: &str, offset: u32) -> Early {
    let (tree, recalled) = grow_new(&memory.borrow(), text).unwrap_or_else(|| (grow(text), Vec::new()));
    let witness = Witness::default();
    let search_path = [PUBLIC];
    let cx = Context::new(empty, &search_path, offset).witnessed(&witness).remembered(memory).recalling(&recalled);
    let stmt = parsed(tree.clone()).stmt.filter(|_| tree.errors.is_empty());
    if let Some(stmt) = stmt.as_ref().filter(|stmt| is_foreseen(stmt)) {
        let statement = statement(cx, stmt);
        if !witness.asked_schema.get() {
            let needs_search_path = witness.asked_search_path.get();
            return Early::Told(Box::new(Told { statement, needs_search_path, looked_up: witness.looked_up.take() }));
        }
    }
    let body = stmt.as_ref().and_then(|stmt| parse_body(offset, stmt));
    Early::Grown(Grown { tree, recalled, body })
}

/// Those that ask the schema for little more than what a name means. Of the others most would be read twice.
fn is_foreseen(stmt: &ast::Stmt) -> bool {
    use ast::Stmt as S;
    matches!(stmt, S::CreateTable(_) | S::AlterTable(_) | S::CreateIndex(_) | S::CommentOn(_))
}

/// The tree of what is new in a CREATE TABLE, and the columns that say what others have said.
fn grow_new(memory: &Memory, text: &str) -> Option<(Tree, Vec<Recalled>)> {
    let (text, recalled) = memory.recall(text)?;
    let tree = grow(&text);
    let is_table = tree.errors.is_empty() && matches!(parsed(tree.clone()).stmt, Some(ast::Stmt::CreateTable(_)));
    is_table.then_some((tree, recalled))
}

/// Reads one statement, and what it holds when it is a DO block that can be read; `cx.offset` is where its text starts.
/// The places of its problems are in file 0. `early` is what is known of this text, if somebody has looked at it
/// already.
pub(crate) fn read(cx: Context<'_>, text: &str, early: Option<Early>) -> (Statement, Option<Block>) {
    match early {
        Some(Early::Told(told)) if told.holds(cx) => (told.statement, None),
        Some(Early::Grown(Grown { tree, recalled, body })) if recalled.iter().all(|column| column.holds(cx)) => {
            read_parsed(cx.with_body(body.as_ref()).recalling(&recalled), text, &parsed(tree))
        }
        _ => read_parsed(cx, text, &parse(text)),
    }
}

fn read_parsed(cx: Context<'_>, text: &str, parsed: &Parsed) -> (Statement, Option<Block>) {
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
