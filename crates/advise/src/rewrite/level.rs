//! One level of a query with its names followed to the tables: what a rule looks at.

use model::expr::ColumnRef;
use model::object::Table;
use model::placed::Clauses;
use model::query::{Distinct, JoinCondition, JoinKind, QueryKind, Source, TargetValue};
use model::{Expr, Name, Placed, Query, Schema, Span};

/// A query at its place in the statement.
pub(crate) struct Level<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) placed: &'a Placed,
    pub(crate) query: &'a Query,
    pub(crate) clauses: &'a Clauses,
    pub(crate) bounds: Vec<Bound<'a>>,
    pub(crate) outer: Option<&'a Level<'a>>,
    pub(crate) position: Position,
}

/// What the rows of a level are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// They are the answer.
    Whole,
    /// A side of UNION, a common table expression, what an INSERT takes.
    Part,
    /// A query in FROM
    Derived,
    /// A query in an expression
    Inner,
}

/// A source of FROM with its name.
pub(crate) struct Bound<'a> {
    pub(crate) name: Name,
    pub(crate) table: Option<&'a Table>,
    /// The names of its columns, where all are known.
    pub(crate) columns: Option<Vec<Name>>,
    pub(crate) span: Span,
    /// An outer join may leave it without a row.
    pub(crate) optional: bool,
}

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A column of this source.
    Own(usize),
    /// A column of a query around this one.
    Outer,
    Unknown,
}

/// Deeper than this nobody writes.
const DEPTH: usize = 24;

/// Calls `visit` with every level whose sources are understood, outer ones first.
pub(crate) fn each(schema: &Schema, placed: &Placed, visit: &mut dyn FnMut(&Level<'_>)) {
    descend(schema, placed, &placed.query, None, Position::Whole, 0, visit);
}

fn descend(
    schema: &Schema,
    placed: &Placed,
    query: &Query,
    outer: Option<&Level<'_>>,
    position: Position,
    depth: usize,
    visit: &mut dyn FnMut(&Level<'_>),
) {
    if depth == DEPTH {
        return;
    }
    for cte in &query.ctes {
        descend(schema, placed, &cte.query, outer, Position::Part, depth + 1, visit);
    }
    let Some(level) = Level::of(schema, placed, query, outer, position) else { return };
    visit(&level);
    if let Some(set) = &query.set {
        for side in [&set.left, &set.right] {
            descend(schema, placed, side, outer, Position::Part, depth + 1, visit);
        }
    }
    for source in &query.from {
        derived(source, &mut |inner, lateral| {
            let around = if lateral { Some(&level) } else { outer };
            descend(schema, placed, inner, around, Position::Derived, depth + 1, visit);
        });
    }
    if let Some(inner) = query.write.as_ref().and_then(|write| write.query.as_ref()) {
        descend(schema, placed, inner, outer, Position::Part, depth + 1, visit);
    }
    for expr in query.expressions() {
        let mut found = Vec::new();
        expr.walk(&mut |part| {
            if let Expr::Subquery(subquery) = part {
                found.push(&subquery.query);
            }
        });
        for inner in found {
            descend(schema, placed, inner, Some(&level), Position::Inner, depth + 1, visit);
        }
    }
}

fn derived<'q>(source: &'q Source, visit: &mut dyn FnMut(&'q Query, bool)) {
    match source {
        Source::Subquery { query, lateral, .. } => visit(query, *lateral),
        Source::Join(join) => {
            derived(&join.left, visit);
            derived(&join.right, visit);
        }
        Source::Table(_) | Source::Function { .. } | Source::Other(_) => {}
    }
}

impl<'a> Level<'a> {
    pub(crate) fn of(
        schema: &'a Schema,
        placed: &'a Placed,
        query: &'a Query,
        outer: Option<&'a Level<'a>>,
        position: Position,
    ) -> Option<Level<'a>> {
        let clauses = placed.clauses(query)?;
        let mut level = Level { schema, placed, query, clauses, bounds: Vec::new(), outer, position };
        if let Some(write) = &query.write {
            let table = schema.table(&write.table);
            let name = write.alias.clone().unwrap_or_else(|| write.table.name.clone());
            level.bounds.push(Bound { name, table, columns: table.map(names), span: query.span, optional: false });
        }
        for source in &query.from {
            level.bind(source, false);
        }
        Some(level)
    }

    /// The level of a query in an expression of this one.
    pub(crate) fn inner<'b>(&'b self, query: &'b Query) -> Option<Level<'b>>
    where
        'a: 'b,
    {
        Level::of(self.schema, self.placed, query, Some(self), Position::Inner)
    }

    fn bind(&mut self, source: &'a Source, optional: bool) {
        match source {
            Source::Table(table) => {
                let name = table.alias.clone().unwrap_or_else(|| table.name.name.clone());
                let found = if table.cte { None } else { self.schema.table(&table.name) };
                let columns = found.map(names);
                self.bounds.push(Bound { name, table: found, columns, span: table.span, optional });
            }
            Source::Subquery { query, alias, span, .. } => {
                let name = alias.clone().unwrap_or_default();
                self.bounds.push(Bound { name, table: None, columns: outputs(query), span: *span, optional });
            }
            Source::Function { alias, span, .. } => {
                let name = alias.clone().unwrap_or_default();
                self.bounds.push(Bound { name, table: None, columns: None, span: *span, optional });
            }
            Source::Join(join) => {
                self.bind(&join.left, optional || matches!(join.kind, JoinKind::Right | JoinKind::Full));
                self.bind(&join.right, optional || matches!(join.kind, JoinKind::Left | JoinKind::Full));
            }
            Source::Other(_) => {
                let span = self.query.span;
                self.bounds.push(Bound { name: Name::default(), table: None, columns: None, span, optional });
            }
        }
    }

    /// Nothing but SELECT, FROM, WHERE, and what comes behind: no set operation, no grouping, no locking.
    pub(crate) fn is_plain(&self) -> bool {
        let query = self.query;
        query.kind == QueryKind::Select
            && query.set.is_none()
            && query.write.is_none()
            && query.group_by.is_empty()
            && query.having.is_none()
            && query.locking.is_none()
            && self.clauses.others.is_empty()
            && self.clauses.group_by.is_none()
    }

    /// Plain, without an order, a limit, or DISTINCT.
    pub(crate) fn is_bare(&self) -> bool {
        let query = self.query;
        self.is_plain()
            && query.distinct == Distinct::No
            && query.order_by.is_empty()
            && query.limit.is_none()
            && self.clauses.limit.is_none()
            && query.offset.is_none()
    }

    /// The conditions of WHERE that AND joins, each with its place.
    pub(crate) fn conjuncts(&self) -> Vec<(Span, &'a Expr)> {
        let (Some(filter), Some(places)) = (&self.query.filter, &self.clauses.filter) else { return Vec::new() };
        let parts = filter.conjuncts();
        if parts.len() != places.parts.len() {
            return Vec::new();
        }
        places.parts.iter().copied().zip(parts).collect()
    }

    /// The values of the SELECT list, with the places of their items; none when there is a `*`.
    pub(crate) fn values(&self) -> Option<Vec<(Span, &'a Expr)>> {
        let value = |target: &'a model::query::Target| match &target.value {
            TargetValue::Expr(expr) => Some((target.span, expr)),
            TargetValue::Star(_) => None,
        };
        self.query.targets.iter().map(value).collect()
    }

    /// The only value that it gives.
    pub(crate) fn value(&self) -> Option<&'a Expr> {
        match self.values()?[..] {
            [(_, value)] => Some(value),
            _ => None,
        }
    }

    pub(crate) fn find(&self, column: &ColumnRef) -> Found {
        let of = |bound: &Bound<'_>| bound.columns.as_ref().map(|columns| columns.contains(&column.name));
        let owns: Vec<usize> = match &column.qualifier {
            Some(qualifier) => match self.bounds.iter().position(|bound| bound.name == *qualifier) {
                Some(at) if of(&self.bounds[at]) == Some(true) => vec![at],
                Some(_) => return Found::Unknown,
                None => Vec::new(),
            },
            None => {
                let owns: Vec<usize> =
                    (0..self.bounds.len()).filter(|at| of(&self.bounds[*at]) == Some(true)).collect();
                if owns.is_empty() && self.bounds.iter().any(|bound| bound.columns.is_none()) {
                    return Found::Unknown;
                }
                owns
            }
        };
        match (&owns[..], self.outer) {
            ([own], _) => Found::Own(*own),
            ([], Some(outer)) if outer.find(column) != Found::Unknown => Found::Outer,
            _ => Found::Unknown,
        }
    }

    /// The source of a column of this level.
    pub(crate) fn bound(&self, column: &ColumnRef) -> Option<&Bound<'a>> {
        match self.find(column) {
            Found::Own(at) => self.bounds.get(at),
            Found::Outer | Found::Unknown => None,
        }
    }

    /// The expression with every column under the name of its source, so that it means the same further inside; none
    /// when it says something that is not understood.
    pub(crate) fn qualified(&self, expr: &Expr) -> Option<Expr> {
        let mut made = expr.clone();
        self.qualify(&mut made).then_some(made)
    }

    fn qualify(&self, expr: &mut Expr) -> bool {
        match expr {
            Expr::Column(column) => match self.find(column) {
                Found::Own(at) => {
                    column.qualifier = Some(self.bounds[at].name.clone());
                    true
                }
                Found::Outer => column.qualifier.is_some(),
                Found::Unknown => false,
            },
            Expr::Subquery(_) | Expr::Text(_) => false,
            other => other.children_mut().into_iter().all(|child| self.qualify(child)),
        }
    }

    /// A word that stands nowhere in the statement.
    pub(crate) fn fresh(&self, word: &str) -> String {
        let taken = |word: &str| self.placed.text.to_ascii_lowercase().contains(word);
        let mut name = word.to_owned();
        let mut number = 1;
        while taken(&name) {
            number += 1;
            name = format!("{word}_{number}");
        }
        name
    }

    /// A source of this level is called that.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.bounds.iter().any(|bound| bound.name == name)
    }

    /// The text at a place.
    pub(crate) fn at(&self, span: Span) -> &'a str {
        self.placed.at(span)
    }

    /// Whether any part of the query has the column of that source: in SELECT, conditions, orders, and queries inside.
    /// What is not understood counts as well.
    pub(crate) fn uses(&self, at: usize, besides: &[&Expr]) -> bool {
        let bound = &self.bounds[at];
        let stars = self.query.targets.iter().any(|target| match &target.value {
            TargetValue::Star(None) => true,
            TargetValue::Star(Some(name)) => *name == bound.name,
            TargetValue::Expr(_) => false,
        });
        let merged = self.query.from.iter().any(has_merged_columns);
        let expressions = self.query.expressions();
        stars
            || merged
            || expressions.into_iter().any(|expr| {
                !besides.iter().any(|beside| std::ptr::eq(*beside, expr)) && self.mentions(at, expr, besides)
            })
    }

    /// Whether the expression says a column of that source, or something that is not understood.
    pub(crate) fn mentions(&self, at: usize, expr: &Expr, besides: &[&Expr]) -> bool {
        if besides.iter().any(|beside| std::ptr::eq(*beside, expr)) {
            return false;
        }
        let bound = &self.bounds[at];
        match expr {
            Expr::Column(column) => match &column.qualifier {
                Some(qualifier) => *qualifier == bound.name,
                None => match self.find(column) {
                    Found::Own(own) => own == at,
                    Found::Outer => false,
                    Found::Unknown => true,
                },
            },
            Expr::Text(_) => true,
            Expr::Call(call) if call.over.is_some() => true,
            // Inside, a bare name may mean this source as well.
            Expr::Subquery(subquery) => {
                let words = format!(" {} ", subquery.query.sql);
                let columns = bound.columns.as_deref().unwrap_or_default();
                has_word(&words, &bound.name)
                    || bound.columns.is_none()
                    || columns.iter().any(|column| has_word(&words, column))
                    || expr.children().into_iter().any(|child| self.mentions(at, child, besides))
            }
            other => other.children().into_iter().any(|child| self.mentions(at, child, besides)),
        }
    }
}

/// Whether the word stands in the text, as a word.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part) && !text[at + word.len()..].chars().next().is_some_and(part)
    })
}

/// `USING` and `NATURAL` make one column of two, which belongs to neither source.
pub(crate) fn has_merged_columns(source: &Source) -> bool {
    match source {
        Source::Join(join) => {
            matches!(join.condition, JoinCondition::Using(_) | JoinCondition::Natural)
                || has_merged_columns(&join.left)
                || has_merged_columns(&join.right)
        }
        _ => false,
    }
}

fn names(table: &Table) -> Vec<Name> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

/// The names of what a query gives, where each has one.
pub(crate) fn outputs(query: &Query) -> Option<Vec<Name>> {
    if let Some(set) = &query.set {
        return outputs(&set.left);
    }
    let name = |target: &model::query::Target| match (&target.alias, &target.value) {
        (Some(alias), _) => Some(alias.clone()),
        (None, TargetValue::Expr(Expr::Column(column))) => Some(column.name.clone()),
        _ => None,
    };
    if query.kind != QueryKind::Select || query.targets.is_empty() {
        return None;
    }
    query.targets.iter().map(name).collect()
}

/// Every column that the expression says, subqueries left out.
pub(crate) fn refs(expr: &Expr) -> Vec<&ColumnRef> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let Expr::Column(column) = part {
            found.push(column);
        }
    });
    found
}
