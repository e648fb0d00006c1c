//! Drizzle: `Query: select … where "id" = $1 -- params: [1]`.

use super::values;
use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    let Some((_, text)) = line.split_once("Query: ") else { return Said::Other };
    if !is_sql(text) {
        return Said::Other;
    }
    match text.rsplit_once(" -- params: ") {
        Some((sql, list)) => Said::Query(Query { sql, values: values::list(list), ..Query::default() }),
        None => Said::Query(Query { sql: text, more: More::Indented, ..Query::default() }),
    }
}
