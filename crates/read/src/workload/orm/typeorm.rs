//! TypeORM: `query: SELECT … -- PARAMETERS: [1]`.

use super::values;
use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    if let Some((_, text)) = line.split_once("execution time: ") {
        return text.trim().trim_end_matches("ms").trim().parse().map_or(Said::Other, Said::Ms);
    }
    // A slow statement is told a second time, as `query is slow:`.
    let Some((before, text)) = line.split_once("query: ") else { return Said::Other };
    if before.contains("prisma") || !is_sql(text) {
        return Said::Other;
    }
    match text.rsplit_once(" -- PARAMETERS: ") {
        Some((sql, list)) => Said::Query(Query { sql, values: values::list(list), ..Query::default() }),
        None => Said::Query(Query { sql: text, more: More::Indented, ..Query::default() }),
    }
}
