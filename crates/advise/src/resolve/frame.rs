//! Which names a level of a query sees, and what they stand for.

use model::expr::ColumnRef;
use model::{Name, Schema};

use super::Resolver;
use crate::asked::Asked;

/// The sources and common table expressions of one level, inside those of the enclosing ones.
#[derive(Debug, Default)]
pub(super) struct Frame<'o> {
    pub(super) bounds: Vec<Bound>,
    pub(super) ctes: Vec<(Name, Vec<Output>)>,
    outer: Option<&'o Frame<'o>>,
}

/// A source under the name that it has in its level.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) name: Name,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// The number of what is asked of a table.
    Table(usize),
    Derived(Vec<Output>),
    /// A function, or a name that the schema does not have.
    Unknown,
}

/// A column that a query gives, with the columns of tables that it is taken from unchanged.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) name: Name,
    pub(super) origins: Vec<Origin>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) asked: usize,
    pub(super) column: Name,
}

impl Bound {
    pub(super) fn origins(&self, column: &Name, schema: &Schema, asked: &[Asked]) -> Vec<Origin> {
        match &self.what {
            What::Table(number) => {
                let has = schema.column(&asked[*number].table, column).is_some();
                if has { vec![Origin { asked: *number, column: column.clone() }] } else { Vec::new() }
            }
            What::Derived(columns) => {
                let found = columns.iter().find(|output| output.name == *column);
                found.map(|output| output.origins.clone()).unwrap_or_default()
            }
            What::Unknown => Vec::new(),
        }
    }

    fn has(&self, column: &Name, schema: &Schema, asked: &[Asked]) -> bool {
        match &self.what {
            What::Table(number) => schema.column(&asked[*number].table, column).is_some(),
            What::Derived(columns) => columns.iter().any(|output| output.name == *column),
            What::Unknown => false,
        }
    }
}

impl<'o> Frame<'o> {
    pub(super) fn within(outer: Option<&'o Frame<'o>>) -> Frame<'o> {
        Frame { outer, ..Frame::default() }
    }

    /// The same level for a derived table: it sees the common table expressions and what encloses the query.
    pub(super) fn without_sources(&self) -> Frame<'o> {
        Frame { bounds: Vec::new(), ctes: self.ctes.clone(), outer: self.outer }
    }

    pub(super) fn cte(&self, name: &Name) -> Option<Vec<Output>> {
        let own = self.ctes.iter().rev().find(|(own, _)| own == name).map(|(_, outputs)| outputs.clone());
        own.or_else(|| self.outer?.cte(name))
    }

    /// The columns of tables that a name stands for, of the nearest level that knows it.
    pub(super) fn origins(&self, column: &ColumnRef, resolver: &Resolver<'_>) -> Vec<Origin> {
        let (schema, asked) = (resolver.schema, &resolver.asked[..]);
        let found = match &column.qualifier {
            Some(qualifier) => self.bounds.iter().find(|bound| bound.name == *qualifier),
            None => self.bounds.iter().find(|bound| bound.has(&column.name, schema, asked)),
        };
        match (found, self.outer) {
            (Some(bound), _) => bound.origins(&column.name, schema, asked),
            (None, Some(outer)) => outer.origins(column, resolver),
            (None, None) => Vec::new(),
        }
    }

    /// The table that is called so here.
    pub(super) fn row(&self, name: &Name) -> Option<usize> {
        self.bounds.iter().find(|bound| bound.name == *name).and_then(|bound| match bound.what {
            What::Table(asked) => Some(asked),
            What::Derived(_) | What::Unknown => None,
        })
    }
}
