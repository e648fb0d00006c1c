//! Hibernate: `Hibernate: select … where u1_0.id=?`, and `binding parameter (1:BIGINT) <- [5]` where it is traced.

use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    if let Some((_, rest)) = line.split_once("binding parameter ") {
        return value(rest).unwrap_or_default();
    }
    if let Some(rest) = line.strip_prefix("Hibernate:") {
        let sql = rest.trim();
        if sql.is_empty() || is_sql(sql) {
            return Said::Query(Query { sql, more: More::Indented, ..Query::default() });
        }
    }
    if let Some((_, rest)) = line.split_once("org.hibernate.SQL") {
        let sql = rest.trim_start_matches([' ', ':', '-', ']']).trim();
        if sql.is_empty() || is_sql(sql) {
            return Said::Query(Query { sql, more: More::Indented, ..Query::default() });
        }
    }
    Said::Other
}

/// `(1:BIGINT) <- [5]`, and `[1] as [BIGINT] - [5]` of older versions.
fn value(rest: &str) -> Option<Said<'static>> {
    let digits = rest.trim_start_matches(['(', '[']);
    let end = digits.find(|letter: char| !letter.is_ascii_digit())?;
    let number = digits[..end].parse().ok()?;
    let (_, text) = rest.split_once(" <- [").or_else(|| rest.split_once(" - ["))?;
    let text = text.trim_end().strip_suffix(']')?;
    Some(Said::Value(number, (text != "null").then(|| text.to_owned())))
}
