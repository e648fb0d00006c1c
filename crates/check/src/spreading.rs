//! Statements that spread a table over machines or chunks by one of its columns.

use model::dialect::{Dialect, Spreading};
use model::object::Table;
use model::query::TargetValue;
use model::{Expr, Name, QName, Query, Schema};

/// A table, the column by which it is spread, and who does it.
pub(crate) struct Spread<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: Name,
    pub(crate) by: &'static Spreading,
}

/// The calls of a query that spread a table which is known.
pub(crate) fn spread_by<'a>(query: &Query, schema: &'a Schema, dialect: &'static Dialect) -> Vec<Spread<'a>> {
    let mut found = Vec::new();
    for target in &query.targets {
        let TargetValue::Expr(Expr::Call(call)) = &target.value else { continue };
        let name = call.function.name.as_str();
        let Some(by) = dialect.spread.spreading.iter().find(|by| by.function == name && by.names_column) else {
            continue;
        };
        let text = |index: usize| match call.args.get(index).map(Expr::without_casts) {
            Some(Expr::String(text)) => Some(text.clone()),
            _ => None,
        };
        let (Some(table), Some(column)) = (text(0), text(1)) else { continue };
        let name = match table.split_once('.') {
            Some((schema, name)) => QName::new(schema, name),
            None => QName::public(table.clone()),
        };
        let table = schema.table(&name).filter(|table| table.column(&column).is_some());
        found.extend(table.map(|table| Spread { table, column, by }));
    }
    found
}
