//! PostgreSQL: the text is split into statements, each is parsed, read against the schema so far, and applied.
//!
//! The way of a statement: `prepare` blanks what is not SQL (psql commands, templates, COPY data), `split` cuts the
//! text into statements, the parser of `squawk-syntax` gives a tree, [`statement`] turns the tree into changes
//! against a [`Context`], and the session in `crate::reading` applies them. The tree never leaves this module.

mod block;
mod body;
mod columns;
mod condition;
mod context;
mod ddl;
mod expr;
mod name;
mod output;
mod parse;
mod places;
mod prepare;
mod printed;
mod query;
mod read;
mod repeated;
mod scope;
#[cfg(test)]
mod soup;
mod split;
mod sql_text;
mod statement;
#[cfg(test)]
mod testing;
mod ty;
mod wording;

pub(crate) use block::{Block, Runs, read_embedded};
pub(crate) use context::{Context, Scope};
pub use places::placed;
pub use prepare::numbered;
pub(crate) use prepare::{Prepared, prepare};
pub use printed::Printed;
pub(crate) use read::{Early, read, read_early};
pub(crate) use repeated::Memory;
pub(crate) use split::{Piece, split};
pub(crate) use statement::{PartPlace, Placed, Statement};

/// A statement as a server takes it: placeholders are `$1`, what belongs to psql or a template is blank or a name. It
/// has the length of the original, so that an offset means the same place in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendable {
    pub text: String,
    /// A template stood in it: what it says is known only when it is deployed.
    pub templated: bool,
}

/// What to send to a server for one statement of a source.
pub fn sendable(statement: &str) -> Sendable {
    let prepared = prepare(statement);
    Sendable { templated: !prepared.templates.is_empty(), text: prepared.text.into_owned() }
}
