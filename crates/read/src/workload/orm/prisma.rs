//! Prisma: `prisma:query SELECT …`. Its values are told to listeners alone (`Params: [1]`, `Duration: 2ms`).

use super::values;
use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    if let Some((_, text)) = line.split_once("prisma:query ") {
        // Where it is traced, a comment ends it.
        let sql = text.split_once(" /* traceparent=").map_or(text, |(sql, _)| sql);
        return match is_sql(sql) {
            true => Said::Query(Query { sql, more: More::Indented, ..Query::default() }),
            false => Said::Other,
        };
    }
    if let Some((_, list)) = line.split_once("Params: ").filter(|(_, list)| list.starts_with('[')) {
        return Said::Values(values::list(list));
    }
    let duration = line.split_once("Duration: ").and_then(|(_, text)| text.trim().strip_suffix("ms"));
    duration.and_then(|text| text.trim().parse().ok()).map_or(Said::Other, Said::Ms)
}
