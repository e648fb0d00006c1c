//! Rails: `  User Load (0.5ms)  SELECT … WHERE "id" = $1  [["id", 1]]`.

use super::values::{self, Value};
use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    if let Some(at) = line.find("Started ")
        && line[at..].contains(" for ")
        && !line.contains("ms)  ")
    {
        return Said::Boundary;
    }
    let Some(at) = line.find("ms)  ") else { return Said::Other };
    let Some(open) = line[..at].rfind('(') else { return Said::Other };
    let Ok(ms) = line[open + 1..at].parse::<f64>() else { return Said::Other };
    let text = line[at + 5..].trim_start();
    // What came out of the cache was not asked.
    if !is_sql(text) || line[..open].contains("CACHE ") {
        return Said::Other;
    }
    let (sql, values) = match text.rfind("  [[") {
        Some(at) => (&text[..at], binds(text[at..].trim())),
        None => (text, Vec::new()),
    };
    Said::Query(Query { sql, values, ms: Some(ms), session: process(line), more: More::None })
}

/// `[["id", 1], ["LIMIT", 1]]`; values that are filtered out are unknown.
fn binds(text: &str) -> Vec<Option<String>> {
    let Some(Value::List(pairs)) = values::parse(text) else { return Vec::new() };
    let value = |pair: Value| match pair {
        Value::List(mut pair) if pair.len() == 2 => pair.pop().and_then(Value::text),
        _ => None,
    };
    pairs.into_iter().map(value).map_while(|value| value).collect()
}

/// `#1234` of `D, [2026-11-21T10:00:00.000000 #1234] DEBUG -- :`
fn process(line: &str) -> &str {
    let Some((_, rest)) = line.get(..60).unwrap_or(line).split_once(" #") else { return "" };
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    &rest[..end]
}
