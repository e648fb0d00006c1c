//! Sequelize: `Executing (default): SELECT …;`, and `Executed (…): …; Elapsed time: 3ms` where it measures.

use super::values;
use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    // A measured statement is written twice.
    let Some(at) = line.find("Executing (").or_else(|| line.find("Executed (")) else { return Said::Other };
    let Some((_, rest)) = line[at..].split_once('(') else { return Said::Other };
    let Some((session, text)) = rest.split_once("): ") else { return Said::Other };
    if !is_sql(text) {
        return Said::Other;
    }
    let (text, ms) = match text.rsplit_once(" Elapsed time: ") {
        Some((text, time)) => (text, time.trim().strip_suffix("ms").and_then(|ms| ms.trim().parse().ok())),
        None => (text, None),
    };
    let text = text.trim_end();
    let (sql, values) = match text.rsplit_once("; [") {
        Some((sql, list)) if list.ends_with(']') => (sql, values::list(&text[text.len() - list.len() - 1..])),
        _ => (text, Vec::new()),
    };
    Said::Query(Query { sql: sql.trim_end_matches(';'), values, ms, session, more: More::Indented })
}
