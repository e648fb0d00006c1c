//! Queries: SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE and MERGE as the model knows them.

use model::expr::{Expr, Sql, Subquery, SubqueryKind};
use model::query::{Bounded, Cte, Distinct, Locking, Order, QueryKind, SetOp, SetOperation, Target, TargetValue};
use model::{Name, Query, Span};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::expr::{expr, expr_or_null, exprs};
use super::name::name;
use super::output::{output_columns, star, target_list};
use super::scope::{Level, cte_scope, from_items, is_recursive, level, with_clause};
use super::sql_text::{frozen, sql};
use super::{Context, Scope};

mod source;
mod write;

/// The query that a SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE or MERGE node says.
pub(crate) fn query(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Query {
    read(cx, scope, node, Form { stars_expanded: false, ctes: true, text: true })
}

/// The query of a view with `*` expanded, and the names of its columns; none when not all of them can be told.
pub(crate) fn view_query(cx: Context<'_>, node: &SyntaxNode) -> (Query, Vec<Name>) {
    let scope = Scope::default();
    let query = read(cx, &scope, node, Form { stars_expanded: true, ctes: true, text: true });
    (query, output_columns(cx, &scope, node, 0).unwrap_or_default())
}

/// Where the node stands in its file, without the semicolon that may end it.
pub(crate) fn span(cx: Context<'_>, node: &SyntaxNode) -> Span {
    let range = node.text_range();
    let end = u32::from(range.end()) - u32::from(is_closed(node));
    Span { start: cx.offset + u32::from(range.start()), end: cx.offset + end }
}

/// Whether the last token is a semicolon.
fn is_closed(node: &SyntaxNode) -> bool {
    node.last_token().is_some_and(|last| last.kind() == SyntaxKind::SEMICOLON)
}

/// How a query is read.
#[derive(Clone, Copy)]
struct Form {
    /// `*` stands for the columns known now, as in a view.
    stars_expanded: bool,
    /// The WITH clause at the start of a UNION stands inside its left side and belongs to the whole.
    ctes: bool,
    /// The left sides of a long UNION would repeat their text over and over.
    text: bool,
}

/// A chain of set operations longer than this keeps the text of the whole and not of each of its beginnings.
const LONG_UNION: usize = 32;

fn read(cx: Context<'_>, outer: &Scope, node: &SyntaxNode, form: Form) -> Query {
    let level = level(cx, outer, node);
    let text = match form {
        Form { text: false, .. } => Sql::default(),
        Form { stars_expanded: true, .. } => frozen(cx, outer, node),
        _ => sql(cx, outer, node),
    };
    let mut query = Query::opaque(kind(node), text, span(cx, node));
    match node.kind() {
        SyntaxKind::COMPOUND_SELECT => compound(cx, &level, node, form, &mut query),
        SyntaxKind::PAREN_SELECT => {
            let inner = ast::ParenSelect::cast(node.clone()).and_then(|select| select.select());
            if let Some(inner) = inner {
                let inner = read(cx, &level.frame, inner.syntax(), Form { text: false, ..form });
                query = Query { sql: query.sql, span: query.span, ..inner };
            }
        }
        SyntaxKind::TABLE => {
            query.targets = vec![Target { value: TargetValue::Star(None), alias: None, span: query.span }];
            query.from = source::of_table(cx, &level, node).into_iter().collect();
        }
        SyntaxKind::VALUES => {}
        SyntaxKind::INSERT | SyntaxKind::UPDATE | SyntaxKind::DELETE | SyntaxKind::MERGE => {
            write::write(cx, &level, node, &mut query);
        }
        _ => select(cx, &level, node, form, &mut query),
    }
    if form.ctes
        && let Some(with) = with_clause(node)
    {
        query.ctes.splice(0..0, ctes(cx, &level.frame, &with));
    }
    tail(cx, &level.full, node, &mut query);
    query
}

fn kind(node: &SyntaxNode) -> QueryKind {
    match node.kind() {
        SyntaxKind::VALUES => QueryKind::Values,
        SyntaxKind::INSERT => QueryKind::Insert,
        SyntaxKind::UPDATE => QueryKind::Update,
        SyntaxKind::DELETE => QueryKind::Delete,
        SyntaxKind::MERGE => QueryKind::Merge,
        _ => QueryKind::Select,
    }
}

fn ctes(cx: Context<'_>, frame: &Scope, with: &ast::WithClause) -> Vec<Cte> {
    let recursive = is_recursive(with);
    let cte = |table: ast::WithTable| {
        let scope = cte_scope(frame, table.syntax());
        Some(Cte { name: name(&table.name()?), query: query(cx, &scope, table.query()?.syntax()), recursive })
    };
    with.with_tables().filter_map(cte).collect()
}

/// A chain of set operations longer than this is kept as text only.
const LONGEST_UNION: usize = 500;

fn compound(cx: Context<'_>, level: &Level, node: &SyntaxNode, form: Form, query: &mut Query) {
    let Some(select) = ast::CompoundSelect::cast(node.clone()) else { return };
    let mut chain = vec![select];
    while let Some(ast::SelectVariant::CompoundSelect(left)) = chain.last().and_then(|select| select.lhs()) {
        chain.push(left);
    }
    if chain.len() > LONGEST_UNION {
        return;
    }
    let first = chain.last().and_then(|select| select.lhs());
    let Some(first) = first else { return };
    // The WITH clause of the whole stands in its first side, unless that one is in parentheses.
    let inside = matches!(first, ast::SelectVariant::ParenSelect(_));
    let form = Form { ctes: true, text: true, ..form };
    let mut left = read(cx, &level.frame, first.syntax(), Form { ctes: inside, ..form });
    while let Some(select) = chain.pop() {
        let Some(right) = select.rhs().map(|right| read(cx, &level.frame, right.syntax(), form)) else { return };
        let (op, all) = match select.op() {
            Some(ast::CompoundOp::Union(union)) => (SetOp::Union, union.all_or_distinct()),
            Some(ast::CompoundOp::Intersect(intersect)) => (SetOp::Intersect, intersect.all_or_distinct()),
            Some(ast::CompoundOp::Except(except)) => (SetOp::Except, except.all_or_distinct()),
            None => return,
        };
        let all = matches!(all, Some(ast::AllOrDistinct::All(_)));
        let set = Some(Box::new(SetOperation { op, all, left, right }));
        if chain.is_empty() {
            query.set = set;
            return;
        }
        // Long chains would repeat the text of each of their beginnings.
        let text = if chain.len() > LONG_UNION { Sql::default() } else { sql(cx, &level.frame, select.syntax()) };
        left = Query { set, ..Query::opaque(QueryKind::Select, text, span(cx, select.syntax())) };
    }
}

fn select(cx: Context<'_>, level: &Level, node: &SyntaxNode, form: Form, query: &mut Query) {
    let scope = &level.full;
    let clause = node.children().find_map(ast::SelectClause::cast);
    query.distinct = match clause.and_then(|clause| clause.select_quantifier()) {
        Some(ast::SelectQuantifier::DistinctClause(distinct)) => match distinct.distinct_on() {
            Some(on) => Distinct::On(exprs(cx, scope, on.exprs())),
            None => Distinct::All,
        },
        _ => Distinct::No,
    };
    query.targets = targets(cx, scope, node, form.stars_expanded);
    query.from = from_items(node).iter().map(|item| source::source(cx, level, item)).collect();
    query.filter = filter(cx, scope, node);
    let grouped = node.children().find_map(ast::GroupByClause::cast).and_then(|clause| clause.group_by_list());
    query.group_by = grouped.into_iter().flat_map(|list| list.group_bys()).map(|key| group(cx, scope, &key)).collect();
    let having = node.children().find_map(ast::HavingClause::cast);
    query.having = having.map(|clause| expr_or_null(cx, scope, clause.expr()));
}

fn group(cx: Context<'_>, scope: &Scope, key: &ast::GroupBy) -> Expr {
    match key {
        ast::GroupBy::GroupingExpr(key) => expr_or_null(cx, scope, key.expr()),
        other => Expr::Text(sql(cx, scope, other.syntax())),
    }
}

/// The condition of the WHERE clause.
fn filter(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Option<Expr> {
    node.children().find_map(|child| match ast::WhereClauseOrCurrentOf::cast(child)? {
        ast::WhereClauseOrCurrentOf::WhereClause(clause) => Some(expr_or_null(cx, scope, clause.expr())),
        ast::WhereClauseOrCurrentOf::WhereCurrentOf(clause) => Some(Expr::Text(sql(cx, scope, clause.syntax()))),
    })
}

/// The SELECT or RETURNING list.
fn targets(cx: Context<'_>, scope: &Scope, node: &SyntaxNode, stars_expanded: bool) -> Vec<Target> {
    let mut found = Vec::new();
    for target in target_list(node).into_iter().flat_map(|list| list.targets()) {
        let span = span(cx, target.syntax());
        let alias = target.as_name().and_then(|alias| alias.name()).map(|alias| name(&alias));
        if stars_expanded && let Some(Some(columns)) = star(scope, node, &target) {
            found.extend(columns.into_iter().map(|column| {
                let column = model::expr::ColumnRef { qualifier: column.qualifier, name: column.name };
                Target { value: TargetValue::Expr(Expr::Column(column)), alias: None, span }
            }));
            continue;
        }
        let value = match target.expr() {
            None => TargetValue::Star(None),
            Some(ast::Expr::FieldExpr(field)) if field.star_token().is_some() => {
                match field.base().and_then(|base| super::expr::dotted(&base)) {
                    Some(words) => TargetValue::Star(words.last().cloned()),
                    None => TargetValue::Expr(expr(cx, scope, &ast::Expr::FieldExpr(field))),
                }
            }
            Some(value) => TargetValue::Expr(expr(cx, scope, &value)),
        };
        found.push(Target { value, alias, span });
    }
    found
}

/// ORDER BY, LIMIT, OFFSET, FETCH and locking: behind every kind of SELECT.
fn tail(cx: Context<'_>, scope: &Scope, node: &SyntaxNode, query: &mut Query) {
    for clause in node.children().filter_map(ast::SelectTailClause::cast) {
        match clause {
            ast::SelectTailClause::OrderByClause(clause) => query.order_by = order_by(cx, scope, &clause),
            ast::SelectTailClause::LimitClause(clause) => {
                query.limit = match clause.limit_value() {
                    Some(ast::LimitValue::Expr(limit)) => Some(expr(cx, scope, &limit)),
                    _ => None,
                };
            }
            ast::SelectTailClause::FetchClause(clause) => {
                let count = clause.expr().map(|count| expr(cx, scope, &count));
                query.limit = Some(count.unwrap_or_else(|| Expr::Number("1".into())));
            }
            ast::SelectTailClause::OffsetClause(clause) => {
                let span = span(cx, clause.syntax());
                query.offset = Some(Bounded { expr: expr_or_null(cx, scope, clause.expr()), span });
            }
            ast::SelectTailClause::LockingClause(clause) => {
                query.locking.get_or_insert_with(|| locking(&clause));
            }
        }
    }
}

/// The keys of an ORDER BY clause.
pub(crate) fn order_by(cx: Context<'_>, scope: &Scope, clause: &ast::OrderByClause) -> Vec<Order> {
    let keys = clause.sort_by_list().into_iter().flat_map(|list| list.sort_bys());
    let order = |key: ast::SortBy| Order {
        expr: expr_or_null(cx, scope, key.expr()),
        descending: match key.sort_order() {
            Some(ast::SortOrder::SortDesc(_)) => true,
            Some(ast::SortOrder::SortUsing(using)) => super::expr::symbols(using.syntax()).starts_with('>'),
            _ => false,
        },
        nulls_first: key.nulls_order().map(|order| matches!(order, ast::NullsOrder::NullsFirst(_))),
    };
    keys.map(order).collect()
}

fn locking(clause: &ast::LockingClause) -> Locking {
    Locking {
        strength: match clause.lock_strength() {
            Some(ast::LockStrength::ForNoKeyUpdate(_)) => "NO KEY UPDATE".into(),
            Some(ast::LockStrength::ForKeyShare(_)) => "KEY SHARE".into(),
            Some(ast::LockStrength::ForShare(_)) => "SHARE".into(),
            Some(ast::LockStrength::ForUpdate(_)) | None => "UPDATE".into(),
        },
        skip_locked: matches!(clause.lock_wait(), Some(ast::LockWait::SkipLocked(_))),
        no_wait: matches!(clause.lock_wait(), Some(ast::LockWait::Nowait(_))),
    }
}

/// A query as a value.
fn scalar(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Expr {
    Expr::Subquery(Box::new(Subquery { kind: SubqueryKind::Scalar, query: query(cx, scope, node) }))
}

#[cfg(test)]
mod tests;
