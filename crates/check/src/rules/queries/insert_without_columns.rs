use model::Schema;
use model::query::{FoundQuery, QueryKind};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{levels, runs_often};
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// An INSERT without a column list binds values by position; name the columns.
    ///
    /// It breaks, or silently fills the wrong column, as soon as the table gains one or is restored with another order.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// INSERT INTO users VALUES ($1, $2);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// -- queries
    /// INSERT INTO users (id, email) VALUES ($1, $2);
    /// ```
    "Q010", Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    let runs = runs_often(found) && !findings.is_test(found.place);
    for level in levels(&found.query).into_iter().filter(|_| runs) {
        let Some(write) = level.write.as_ref().filter(|_| level.kind == QueryKind::Insert) else { continue };
        if !write.columns.is_empty() || (write.rows == 0 && write.query.is_none()) {
            continue;
        }
        let draft = findings
            .here(found.place, format!("the values go to {} by position", write.table))
            .span(level.span)
            .words("INSERT INTO");
        if let Some(table) = schema.table(&write.table) {
            draft.why(format!("today they are {}", comma(table.columns.iter().map(|column| &column.name))));
        }
    }
}
