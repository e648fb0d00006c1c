//! One statement, read: what it does, how, and where each part of it stands.

use model::step::{Action, How};
use model::{Change, Problem, Span};

/// What a statement says, before it is applied.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) action: Action,
    pub(crate) changes: Vec<Placed>,
    pub(crate) how: How,
    pub(crate) problems: Vec<Problem>,
}

/// A change and where it is said: the clause, and inside it the words that name the thing and its type.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) change: Change,
    pub(crate) whole: Span,
    /// The places of the parts that a CREATE TABLE or the like makes along with it, by the part's path; a part
    /// whose name the database chooses has an empty last word and stands in the order of the object's lists.
    pub(crate) parts: Vec<PartPlace>,
    pub(crate) name: Option<Span>,
    pub(crate) ty: Option<Span>,
}

#[derive(Debug)]
pub(crate) struct PartPlace {
    pub(crate) path: model::Path,
    pub(crate) whole: Span,
    pub(crate) name: Option<Span>,
    pub(crate) ty: Option<Span>,
}
