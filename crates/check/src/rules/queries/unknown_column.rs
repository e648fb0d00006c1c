use model::name::quoted;
use model::object::Table;
use model::query::{FoundQuery, Origin};
use model::{Expr, Name, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{levels, name_in_query};
use crate::rule::Check;
use crate::select::nearest_of;
use crate::words::comma;

rule! {
    /// A query names a column that its table does not have, and fails whenever it runs; correct the name.
    ///
    /// PostgreSQL answers "column does not exist". The table is made by the migrations that were read here, so the database
    /// that they make has no such column either.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT u.id FROM users u WHERE u.mail = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// INSERT INTO users (id, emial) VALUES ($1, $2);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// SELECT u.id, u.ctid FROM users u WHERE u.email = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// WITH users AS (SELECT id, email AS mail FROM users) SELECT users.mail FROM users;
    /// ```
    "Q027", error, known, fix, Check::Query(check)
}

/// Every table has these (manual, 5.6).
const SYSTEM: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    if found.origin != Origin::File || findings.is_test(found.place) {
        return;
    }
    for level in levels(&found.query) {
        let sources = level.tables();
        let table_of = |qualifier: &Name| -> Option<&Table> {
            let mut named = sources.iter().filter(|source| name_in_query(source) == qualifier);
            let source = named.next().filter(|source| !source.cte)?;
            // Two of one name are for the database to refuse.
            named.next().is_none().then(|| schema.table(&source.name)).flatten()
        };
        let mut wrong: Vec<(&Table, &Name)> = Vec::new();
        for expr in level.expressions() {
            expr.walk(&mut |part| {
                let Expr::Column(column) = part else { return };
                let Some(table) = column.qualifier.as_ref().and_then(&table_of) else { return };
                if lacks(table, &column.name) {
                    wrong.push((table, &column.name));
                }
            });
        }
        if let Some(write) = &level.write
            && let Some(table) = schema.table(&write.table)
        {
            let set = write.assignments.iter().map(|(name, _)| name);
            wrong.extend(write.columns.iter().chain(set).filter(|name| lacks(table, name)).map(|name| (table, name)));
        }
        for (table, column) in wrong {
            let near = nearest_of(column, table.columns.iter().map(|column| column.name.as_str()));
            let edits = near.map(|near| findings.replace(found.place, column, &quoted(near)));
            findings
                .here(found.place, format!("{} has no column {column}", table.name))
                .span(level.span)
                .words(column)
                .why(format!("it has {}", columns(table)))
                .unsafe_edit("write the name of the nearest column", edits.unwrap_or_default());
        }
    }
}

fn lacks(table: &Table, column: &Name) -> bool {
    // A table that nobody saw the columns of was made by a query.
    !table.columns.is_empty() && table.column(column).is_none() && !SYSTEM.contains(&column.as_str())
}

fn columns(table: &Table) -> String {
    const MANY: usize = 12;
    let names = table.columns.iter().map(|column| &column.name);
    if table.columns.len() > MANY { format!("{}, …", comma(names.take(MANY))) } else { comma(names) }
}
