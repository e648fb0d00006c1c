//! A query with the places of its clauses in its own text: what somebody needs to write it differently, word by word.

use std::collections::BTreeMap;

use crate::place::Span;
use crate::query::Query;

/// One statement that asks for something. All spans are offsets in `text`.
#[derive(Clone, Debug)]
pub struct Placed {
    pub text: String,
    pub query: Query,
    /// By start and end of each query and each query inside it.
    levels: BTreeMap<(u32, u32), Clauses>,
}

/// Where the clauses of one level stand, each with its key words.
#[derive(Clone, Debug, Default)]
pub struct Clauses {
    /// `SELECT DISTINCT a, b`
    pub select: Option<Span>,
    /// `DISTINCT`, with the keys of ON
    pub quantifier: Option<Span>,
    /// `a, b`
    pub targets: Option<Span>,
    pub from: Option<Span>,
    pub filter: Option<Condition>,
    pub group_by: Option<Span>,
    pub order_by: Option<Span>,
    /// LIMIT or FETCH
    pub limit: Option<Span>,
    /// `VALUES (1), (2)` of an INSERT
    pub values: Option<Span>,
    /// `UNION`, with ALL
    pub operator: Option<Span>,
    /// What no field of the query says: FOR UPDATE, WINDOW, INTO.
    pub others: Vec<Span>,
}

/// A condition with its parts that AND joins, in the order of [`Expr::conjuncts`](crate::Expr::conjuncts).
#[derive(Clone, Debug)]
pub struct Condition {
    pub clause: Span,
    pub parts: Vec<Span>,
}

impl Placed {
    pub fn new(text: String, query: Query, levels: BTreeMap<(u32, u32), Clauses>) -> Placed {
        Placed { text, query, levels }
    }

    /// The clauses of this query or of one inside it.
    pub fn clauses(&self, query: &Query) -> Option<&Clauses> {
        self.levels.get(&(query.span.start, query.span.end))
    }

    /// The text at a place.
    pub fn at(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}
