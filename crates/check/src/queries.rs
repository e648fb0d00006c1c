//! What several query rules ask.

use model::object::{Column, Table};
use model::query::{FoundQuery, Origin, Source};
use model::{Expr, Query, Schema};

/// The query runs again and again, not once in a migration.
pub(crate) fn runs_often(found: &FoundQuery) -> bool {
    found.origin != Origin::Migration
}

/// The query and everything inside it, outermost first.
pub(crate) fn levels(query: &Query) -> Vec<&Query> {
    let mut levels = Vec::new();
    query.walk(&mut |level| levels.push(level));
    levels
}

/// Every expression of one level, parents before children; subqueries are levels of their own.
pub(crate) fn expressions(level: &Query) -> Vec<&Expr> {
    let mut found = Vec::new();
    for expr in level.expressions() {
        expr.walk(&mut |expr| found.push(expr));
    }
    found
}

/// The table and column that an expression names, when it is nothing but a column of one table of this level.
pub(crate) fn resolve<'a>(schema: &'a Schema, level: &Query, expr: &Expr) -> Option<(&'a Table, &'a Column)> {
    let Expr::Column(named) = expr.without_casts() else { return None };
    let is_meant = |alias: &model::Name| named.qualifier.as_ref().is_none_or(|qualifier| qualifier == alias);
    let sources = level.tables();
    let mut tables: Vec<_> = sources
        .iter()
        .filter(|source| !source.cte && is_meant(source.alias.as_ref().unwrap_or(&source.name.name)))
        .filter_map(|source| schema.table(&source.name))
        .collect();
    if let Some(write) =
        level.write.as_ref().filter(|write| is_meant(write.alias.as_ref().unwrap_or(&write.table.name)))
    {
        tables.extend(schema.table(&write.table));
    }
    let mut found = tables.into_iter().filter_map(|table| Some((table, table.column(&named.name)?)));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether something in FROM may make rows that no table of the schema accounts for.
pub(crate) fn is_plain_from(level: &Query) -> bool {
    fn is_plain(source: &Source) -> bool {
        match source {
            Source::Table(table) => !table.cte,
            Source::Join(join) => is_plain(&join.left) && is_plain(&join.right),
            Source::Subquery { .. } | Source::Function { .. } | Source::Other(_) => false,
        }
    }
    level.from.iter().all(is_plain)
}
