//! Queries: what a SELECT, INSERT, UPDATE, DELETE or MERGE asks for, as far as rules and advice need it.

use crate::expr::{Expr, Sql};
use crate::name::{Name, QName};
use crate::place::{Place, Span};

/// One query or one level of a nested query. `sql` is the whole canonical text; the other fields are its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    pub kind: QueryKind,
    pub sql: Sql,
    pub span: Span,
    pub ctes: Vec<Cte>,
    /// `UNION` and its like: then the fields below, up to `group_by`, are empty.
    pub set: Option<Box<SetOperation>>,
    pub distinct: Distinct,
    pub targets: Vec<Target>,
    /// The FROM list, or USING of DELETE and FROM of UPDATE.
    pub from: Vec<Source>,
    pub filter: Option<Expr>,
    pub group_by: Vec<Expr>,
    pub having: Option<Expr>,
    pub order_by: Vec<Order>,
    pub limit: Option<Expr>,
    pub offset: Option<Bounded>,
    pub locking: Option<Locking>,
    /// What an INSERT, UPDATE, DELETE or MERGE writes.
    pub write: Option<Box<Write>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryKind {
    Select,
    Values,
    Insert,
    Update,
    Delete,
    Merge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cte {
    pub name: Name,
    pub query: Query,
    pub recursive: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SetOperation {
    pub op: SetOp,
    pub all: bool,
    pub left: Query,
    pub right: Query,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOp {
    Union,
    Intersect,
    Except,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Distinct {
    #[default]
    No,
    All,
    On(Vec<Expr>),
}

/// One item of the SELECT or RETURNING list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub value: TargetValue,
    pub alias: Option<Name>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TargetValue {
    /// `*` or `t.*`
    Star(Option<Name>),
    Expr(Expr),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Table(TableSource),
    Subquery {
        query: Box<Query>,
        alias: Option<Name>,
        lateral: bool,
        span: Span,
    },
    Function {
        call: Expr,
        alias: Option<Name>,
        lateral: bool,
        span: Span,
    },
    Join(Box<Join>),
    /// `xmltable`, `json_table`, `ROWS FROM`, …
    Other(Sql),
}

/// A table, view or common table expression in FROM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableSource {
    pub name: QName,
    /// The name is that of a common table expression of the query.
    pub cte: bool,
    pub alias: Option<Name>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Join {
    pub kind: JoinKind,
    pub left: Source,
    pub right: Source,
    pub condition: JoinCondition,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JoinCondition {
    None,
    On(Expr),
    Using(Vec<Name>),
    Natural,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub expr: Expr,
    pub descending: bool,
    pub nulls_first: Option<bool>,
}

/// An expression with the place of its whole clause.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bounded {
    pub expr: Expr,
    pub span: Span,
}

/// `FOR UPDATE SKIP LOCKED`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locking {
    /// `UPDATE`, `NO KEY UPDATE`, `SHARE`, `KEY SHARE`
    pub strength: Name,
    pub skip_locked: bool,
    pub no_wait: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Write {
    pub table: QName,
    pub alias: Option<Name>,
    /// The column list of an INSERT; empty when it was left out.
    pub columns: Vec<Name>,
    /// How many rows a VALUES list holds.
    pub rows: u32,
    /// `SET column = value`
    pub assignments: Vec<(Name, Expr)>,
    pub on_conflict: bool,
    pub returning: Vec<Target>,
    /// The query that an INSERT takes its rows from.
    pub query: Option<Query>,
}

impl Query {
    /// A query of which only the text is known.
    pub fn opaque(kind: QueryKind, sql: Sql, span: Span) -> Query {
        Query {
            kind,
            sql,
            span,
            ctes: Vec::new(),
            set: None,
            distinct: Distinct::No,
            targets: Vec::new(),
            from: Vec::new(),
            filter: None,
            group_by: Vec::new(),
            having: None,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            locking: None,
            write: None,
        }
    }

    /// The tables of the FROM list at this level, joins opened, in order.
    pub fn tables(&self) -> Vec<&TableSource> {
        let mut found = Vec::new();
        for source in &self.from {
            source.each_table(&mut |table| found.push(table));
        }
        found
    }

    /// This query and every query inside it: set operands, common table expressions, FROM, expressions.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Query)) {
        visit(self);
        for cte in &self.ctes {
            cte.query.walk(visit);
        }
        if let Some(set) = &self.set {
            set.left.walk(visit);
            set.right.walk(visit);
        }
        for source in &self.from {
            source.walk_queries(visit);
        }
        if let Some(query) = self.write.as_ref().and_then(|write| write.query.as_ref()) {
            query.walk(visit);
        }
        for expr in self.expressions() {
            let mut inner = Vec::new();
            expr.walk(&mut |expr| {
                if let Expr::Subquery(subquery) = expr {
                    inner.push(&subquery.query);
                }
            });
            for query in inner {
                query.walk(visit);
            }
        }
    }

    /// Every expression that stands directly in this level.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut found: Vec<&Expr> = Vec::new();
        if let Distinct::On(keys) = &self.distinct {
            found.extend(keys);
        }
        let returning = self.write.iter().flat_map(|write| &write.returning);
        for target in self.targets.iter().chain(returning) {
            if let TargetValue::Expr(expr) = &target.value {
                found.push(expr);
            }
        }
        for source in &self.from {
            source.each_condition(&mut |expr| found.push(expr));
        }
        found.extend(&self.filter);
        found.extend(&self.group_by);
        found.extend(&self.having);
        found.extend(self.order_by.iter().map(|order| &order.expr));
        found.extend(&self.limit);
        found.extend(self.offset.iter().map(|offset| &offset.expr));
        found.extend(self.write.iter().flat_map(|write| write.assignments.iter().map(|(_, value)| value)));
        found
    }
}

impl Source {
    fn each_table<'a>(&'a self, visit: &mut dyn FnMut(&'a TableSource)) {
        match self {
            Source::Table(table) => visit(table),
            Source::Join(join) => {
                join.left.each_table(visit);
                join.right.each_table(visit);
            }
            Source::Subquery { .. } | Source::Function { .. } | Source::Other(_) => {}
        }
    }

    fn each_condition<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Source::Join(join) => {
                join.left.each_condition(visit);
                join.right.each_condition(visit);
                if let JoinCondition::On(condition) = &join.condition {
                    visit(condition);
                }
            }
            Source::Function { call, .. } => visit(call),
            Source::Table(_) | Source::Subquery { .. } | Source::Other(_) => {}
        }
    }

    fn walk_queries<'a>(&'a self, visit: &mut dyn FnMut(&'a Query)) {
        match self {
            Source::Subquery { query, .. } => query.walk(visit),
            Source::Join(join) => {
                join.left.walk_queries(visit);
                join.right.walk_queries(visit);
            }
            Source::Table(_) | Source::Function { .. } | Source::Other(_) => {}
        }
    }
}

/// A query as it was found: in a file, a function body or a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundQuery {
    pub query: Query,
    /// The whole statement. Spans inside `query` are offsets in the same file.
    pub place: Place,
    /// `-- name: GetUser :one` of sqlc and its like.
    pub name: Option<Name>,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A statement of a query file: the application runs it.
    File,
    /// A statement of a migration: it runs once.
    Migration,
    /// The body of this function or procedure.
    Routine(QName),
    /// The definition of this view.
    View(QName),
}
