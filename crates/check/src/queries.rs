//! What several query rules ask.

use model::object::{Column, Table};
use model::query::{FoundQuery, JoinCondition, JoinKind, Origin, Source, TableSource};
use model::{Expr, Name, Query, Schema};

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

/// The levels of a query that runs again and again; none of another, which most are in a history.
pub(crate) fn repeated(found: &FoundQuery) -> Vec<&Query> {
    if runs_often(found) { levels(&found.query) } else { Vec::new() }
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

/// The text of the query is that of its file: not inside a string, where quotes would be doubled.
pub(crate) fn is_editable(found: &FoundQuery) -> bool {
    found.origin == Origin::File
}

/// The conditions that every row of the level fulfils, of WHERE and of inner joins.
pub(crate) fn conditions(level: &Query) -> Vec<&Expr> {
    fn of_joins<'q>(source: &'q Source, found: &mut Vec<&'q Expr>) {
        let Source::Join(join) = source else { return };
        of_joins(&join.left, found);
        of_joins(&join.right, found);
        if let (JoinKind::Inner, JoinCondition::On(condition)) = (join.kind, &join.condition) {
            found.extend(condition.conjuncts());
        }
    }
    let mut found = Vec::new();
    level.from.iter().for_each(|source| of_joins(source, &mut found));
    found.extend(level.filter.iter().flat_map(|filter| filter.conjuncts()));
    found
}

/// A side of a comparison with what it is compared to, when that holds no column: an index could find the rows.
pub(crate) struct Comparison<'q> {
    pub(crate) op: &'q str,
    pub(crate) side: &'q Expr,
    pub(crate) other: &'q Expr,
}

/// The comparisons with a value among the conditions of a level, each with the column's side first.
pub(crate) fn comparisons(level: &Query) -> Vec<Comparison<'_>> {
    let mut found = Vec::new();
    for condition in conditions(level) {
        let Expr::Binary { op, left, right } = condition else { continue };
        if !matches!(op.as_str(), "=" | "<" | ">" | "<=" | ">=") {
            continue;
        }
        for (side, other) in [(left, right), (right, left)] {
            if is_value(other) && !side.columns().is_empty() {
                found.push(Comparison { op, side, other });
            }
        }
    }
    found
}

/// It is the same for every row: no column, no subquery, nothing that was not understood.
pub(crate) fn is_value(expr: &Expr) -> bool {
    let mut value = true;
    expr.walk(&mut |part| value &= !matches!(part, Expr::Column(_) | Expr::Subquery(_) | Expr::Text(_)));
    value
}

/// `$1`, and the forms that tools write instead of it.
pub(crate) fn is_parameter(expr: &Expr) -> bool {
    match expr.without_casts() {
        Expr::Parameter(_) => true,
        Expr::Call(call) => call.function.schema == "sqlc",
        _ => false,
    }
}

/// A constant, or a parameter.
pub(crate) fn is_given(expr: &Expr) -> bool {
    matches!(expr.without_casts(), Expr::Number(_) | Expr::String(_) | Expr::Bool(_)) || is_parameter(expr)
}

/// A key or an index of the table begins with the column.
pub(crate) fn is_indexed(table: &Table, column: &Name) -> bool {
    let keys = table.constraints.iter().filter_map(|constraint| constraint.as_key());
    let mut first = keys.filter_map(|key| key.columns.first());
    let mut indexes = table.indexes.iter().filter(|index| index.method == "btree" || index.method == "hash");
    first.any(|first| first == column)
        || indexes.any(|index| index.keys.first().and_then(|key| key.expr.as_column()) == Some(column))
}

/// An index of the table begins with this expression.
pub(crate) fn has_index_on(table: &Table, expr: &Expr) -> bool {
    let wanted = unqualified(expr);
    table.indexes.iter().any(|index| index.keys.first().is_some_and(|key| unqualified(&key.expr) == wanted))
}

/// The expression with its columns as the table itself would name them.
pub(crate) fn unqualified(expr: &Expr) -> Expr {
    fn strip(expr: &mut Expr) {
        if let Expr::Column(column) = expr {
            column.qualifier = None;
        }
        expr.children_mut().into_iter().for_each(strip);
    }
    let mut bare = expr.clone();
    strip(&mut bare);
    bare
}

/// The one column that the expression is made of, with its table.
pub(crate) fn only_column<'a>(schema: &'a Schema, level: &Query, expr: &Expr) -> Option<(&'a Table, &'a Column)> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let Expr::Column(_) = part {
            found.push(part);
        }
    });
    match found[..] {
        [column] => resolve(schema, level, column),
        _ => None,
    }
}

/// The level returns one row at most: it asks for one, or for all columns of a key.
pub(crate) fn is_one_row(schema: &Schema, level: &Query) -> bool {
    let one = |limit: &Expr| matches!(limit.without_casts(), Expr::Number(number) if number == "1" || number == "0");
    if level.limit.as_ref().is_some_and(one) {
        return true;
    }
    let [Source::Table(source)] = &level.from[..] else { return false };
    let Some(table) = schema.table(&source.name) else { return false };
    let equal = comparisons(level);
    let given = |name: &Name| {
        equal.iter().any(|comparison| comparison.op == "=" && comparison.side.without_casts().as_column() == Some(name))
    };
    table.unique_keys().any(|key| key.into_iter().all(given))
}

/// The tables of a level by the name that they have in it; nothing when something else stands in FROM.
pub(crate) fn plain_tables(level: &Query) -> Option<Vec<&TableSource>> {
    let tables = level.tables();
    (is_plain_from(level) && tables.iter().all(|table| !table.cte)).then_some(tables)
}

/// What a table is called in its level.
pub(crate) fn name_in_query(source: &TableSource) -> &Name {
    source.alias.as_ref().unwrap_or(&source.name.name)
}
