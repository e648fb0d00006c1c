//! Placeholders of drivers (`?`, `%s`, `%(name)s`) as the `$1` of PostgreSQL.

use std::borrow::Cow;

/// The statement with numbered parameters, and their values in order.
pub(super) fn numbered<'a>(
    sql: &'a str,
    values: Vec<Option<String>>,
    named: &[(String, Option<String>)],
) -> (Cow<'a, str>, Vec<Option<String>>) {
    let own = sql.contains("%(") && !named.is_empty() || sql.contains("%s") || sql.contains('?');
    if !own {
        return (Cow::Borrowed(sql), values);
    }
    let mut out = String::with_capacity(sql.len() + 16);
    let mut order: Vec<Option<String>> = Vec::new();
    let mut count = 0;
    // PostgreSQL has operators of that sign; a statement with numbers has no other placeholders.
    let marks = !sql.contains("$1");
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"', '?', '%']) {
        out.push_str(&rest[..at]);
        let here = &rest[at..];
        let sign = here.as_bytes()[0];
        let mut taken = 1;
        match sign {
            b'\'' | b'"' => {
                taken = here[1..].find(sign as char).map_or(here.len(), |end| end + 2);
                out.push_str(&here[..taken]);
            }
            b'?' if marks && !here[1..].starts_with(['?', '|', '&']) => {
                count += 1;
                out.push_str(&format!("${count}"));
            }
            b'%' if here.starts_with("%s") => {
                count += 1;
                taken = 2;
                out.push_str(&format!("${count}"));
            }
            b'%' if here.starts_with("%%") => {
                taken = 2;
                out.push('%');
            }
            b'%' if here.starts_with("%(") && here.contains(")s") => {
                let end = here.find(")s").unwrap_or(2);
                let name = &here[2..end];
                match named.iter().find(|(own, _)| own == name) {
                    Some((_, value)) => {
                        order.push(value.clone());
                        out.push_str(&format!("${}", order.len()));
                        taken = end + 2;
                    }
                    None => out.push('%'),
                }
            }
            _ => out.push(sign as char),
        }
        rest = &here[taken..];
    }
    out.push_str(rest);
    (Cow::Owned(out), if order.is_empty() { values } else { order })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_placeholders_are_numbered() {
        let named = [("a".to_owned(), Some("7".to_owned())), ("b".to_owned(), None)];
        for (sql, expected) in [
            ("SELECT '?' WHERE a=? AND b = ?", "SELECT '?' WHERE a=$1 AND b = $2"),
            ("a = %s AND b LIKE '%s%%'", "a = $1 AND b LIKE '%s%%'"),
            ("b = %(b)s AND a = %(a)s", "b = $1 AND a = $2"),
            ("a ? 'x' AND b = $1", "a ? 'x' AND b = $1"),
        ] {
            assert_eq!(numbered(sql, Vec::new(), &named).0, expected);
        }
    }
}
