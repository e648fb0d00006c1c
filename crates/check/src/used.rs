//! What the queries of a project use, by table and column.

use std::collections::BTreeMap;

use model::query::{FoundQuery, Origin};
use model::{Expr, Name, QName, Query, Schema};

use crate::queries::{levels, name_in_query, plain_tables};

/// The queries of the application and of routines, by the tables that they name.
pub(crate) struct Used<'a> {
    by_table: BTreeMap<&'a QName, Vec<&'a FoundQuery>>,
}

impl<'a> Used<'a> {
    pub(crate) fn by(queries: &'a [FoundQuery]) -> Used<'a> {
        let mut by_table: BTreeMap<&QName, Vec<&FoundQuery>> = BTreeMap::new();
        for found in queries.iter().filter(|found| matches!(found.origin, Origin::File | Origin::Routine(_))) {
            for level in levels(&found.query) {
                let read = level.tables().into_iter().filter(|source| !source.cte).map(|source| &source.name);
                let written = level.write.iter().map(|write| &write.table);
                for table in read.chain(written) {
                    let users = by_table.entry(table).or_default();
                    if users.last().is_none_or(|last| !std::ptr::eq(*last, found)) {
                        users.push(found);
                    }
                }
            }
        }
        Used { by_table }
    }

    /// Who names the table.
    pub(crate) fn table(&self, table: &QName) -> &[&'a FoundQuery] {
        self.by_table.get(table).map_or(&[], Vec::as_slice)
    }

    /// Who names the column of the table, as far as that is sure.
    pub(crate) fn column(&self, schema: &Schema, table: &QName, column: &Name) -> Vec<&'a FoundQuery> {
        let uses = |found: &&&'a FoundQuery| uses_column(schema, &found.query, table, column);
        self.table(table).iter().filter(uses).copied().collect()
    }
}

fn uses_column(schema: &Schema, query: &Query, table: &QName, column: &Name) -> bool {
    let all = levels(query);
    // A name without a qualifier may belong to whatever stands in FROM, also of a query around this one.
    let mut alone = true;
    for level in &all {
        match plain_tables(level) {
            Some(sources) => {
                alone &= sources.iter().all(|source| source.name == *table || lacks(schema, &source.name, column));
            }
            None => alone = false,
        }
    }
    all.iter().any(|level| {
        let written = level.write.as_ref().filter(|write| write.table == *table);
        let writes = written.is_some_and(|write| {
            write.columns.contains(column) || write.assignments.iter().any(|(name, _)| name == column)
        });
        let named: Vec<&Name> = level
            .tables()
            .into_iter()
            .filter(|source| !source.cte && source.name == *table)
            .map(name_in_query)
            .collect();
        let written_as = written.map(|write| write.alias.as_ref().unwrap_or(&write.table.name));
        let mut reads = false;
        for expr in level.expressions() {
            expr.walk(&mut |part| {
                let Expr::Column(found) = part else { return };
                reads |= found.name == *column
                    && match &found.qualifier {
                        Some(qualifier) => named.contains(&qualifier) || written_as == Some(qualifier),
                        None => alone && (!named.is_empty() || written.is_some()),
                    };
            });
        }
        writes || reads
    })
}

fn lacks(schema: &Schema, table: &QName, column: &Name) -> bool {
    schema.table(table).is_some_and(|table| table.column(column).is_none())
}
