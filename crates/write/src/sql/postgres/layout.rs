//! A long query, one clause to a line.

/// Queries that fit are left on one line.
const WIDTH: usize = 80;

/// Words that open a clause. The first word of a join is the one that goes to the new line.
const CLAUSES: [&str; 14] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "JOIN",
    "SELECT",
    "VALUES",
];

/// Words that a clause may begin with when a join follows.
const JOINS: [&str; 6] = ["LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL"];

/// The query with a line break before every clause of its outermost level. Only blanks change.
pub(super) fn laid_out(sql: &str) -> String {
    if sql.len() <= WIDTH {
        return sql.to_owned();
    }
    let words = outer_words(sql);
    let mut breaks = Vec::new();
    let mut previous = "";
    for (index, (start, word)) in words.iter().enumerate() {
        let next = words.get(index + 1).map_or("", |(_, word)| *word);
        let opens = is_one_of(word, &CLAUSES) && !continues(previous, word)
            || is_one_of(word, &JOINS)
                && !is_one_of(previous, &JOINS)
                && is_one_of(next, &["JOIN", "OUTER", "LEFT", "RIGHT", "FULL", "INNER"]);
        if opens && *start > 0 {
            breaks.push(*start);
        }
        previous = word;
    }
    let mut lines = Vec::new();
    let mut from = 0;
    for at in breaks.into_iter().chain([sql.len()]) {
        lines.push(sql[from..at].trim_end());
        from = at;
    }
    lines.join("\n")
}

/// `IS DISTINCT FROM`, `LEFT JOIN`, `UNION ALL SELECT` hold together.
fn continues(previous: &str, word: &str) -> bool {
    match word.to_ascii_uppercase().as_str() {
        "FROM" => previous.eq_ignore_ascii_case("distinct"),
        "JOIN" => is_one_of(previous, &JOINS) || previous.eq_ignore_ascii_case("outer"),
        _ => false,
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The bare words outside parentheses, strings and quoted names, with their offsets.
fn outer_words(sql: &str) -> Vec<(usize, &str)> {
    let bytes = sql.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
    let mut words = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'\'' | b'"' => {
                let escapes = start > 0 && matches!(bytes[start - 1], b'E' | b'e');
                at = end_of_quoted(bytes, at, escapes);
            }
            // A dollar quote may hold anything: such a query is left as it is from here on.
            b'$' if bytes.get(at + 1).is_some_and(|next| !next.is_ascii_digit()) => return words,
            b'(' | b'[' => {
                depth += 1;
                at += 1;
            }
            b')' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            byte if is_word(byte) => {
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                let qualified = start > 0 && bytes[start - 1] == b'.' || bytes.get(at) == Some(&b'.');
                let called = bytes.get(at) == Some(&b'(');
                if depth == 0 && !qualified && !called {
                    words.push((start, &sql[start..at]));
                }
            }
            _ => at += 1,
        }
    }
    words
}

fn end_of_quoted(bytes: &[u8], start: usize, escapes: bool) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            byte if byte == bytes[start] => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outer_clause_has_a_line() {
        let sql = "SELECT a, (SELECT 1 FROM x WHERE y) AS b FROM orders LEFT JOIN customers ON c IS DISTINCT FROM d \
                   WHERE t = 'a FROM b' AND left(x, 1) = 'x' GROUP BY a ORDER BY b LIMIT 3";
        let expected = "\
SELECT a, (SELECT 1 FROM x WHERE y) AS b
FROM orders
LEFT JOIN customers ON c IS DISTINCT FROM d
WHERE t = 'a FROM b' AND left(x, 1) = 'x'
GROUP BY a
ORDER BY b
LIMIT 3";
        assert_eq!(laid_out(sql), expected);
    }
}
