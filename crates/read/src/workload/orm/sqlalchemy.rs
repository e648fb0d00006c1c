//! SQLAlchemy: the statement behind `sqlalchemy.engine.Engine`, on as many lines as it has, then its values
//! (`[generated in 0.00012s] {'id_1': 1}`).

use super::values::{self, Value};
use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    let Some(at) = line.find("sqlalchemy.engine.") else { return Said::Other };
    let Some((_, text)) = line[at..].split_once(' ') else { return Said::Other };
    let text = text.trim_start();
    if is_sql(text) {
        // `BEGIN (implicit)`
        let sql = text.split_once(" (implicit)").map_or(text, |(sql, _)| sql);
        return Said::Query(Query { sql, more: More::Any, ..Query::default() });
    }
    let list = match text.strip_prefix('[') {
        Some(rest)
            if ["generated", "cached", "no key", "raw sql", "caching"].iter().any(|word| rest.starts_with(word)) =>
        {
            rest.split_once("] ").map_or("", |(_, list)| list)
        }
        _ => text,
    };
    match values::parse(list) {
        Some(Value::Map(named)) => {
            Said::Named(named.into_iter().map(|(name, value)| (name, value.text().flatten())).collect())
        }
        Some(Value::List(list)) => Said::Values(list.into_iter().map_while(Value::text).collect()),
        // `[raw sql] ()` and words of its own end the statement.
        _ => Said::Values(Vec::new()),
    }
}
