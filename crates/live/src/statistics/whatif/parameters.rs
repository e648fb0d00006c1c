//! How many parameters a statement has.

/// How many parameters a statement has: the greatest number behind a `$` that is in no quotes and no comment.
pub(super) fn parameters(sql: &str) -> usize {
    let bytes = sql.as_bytes();
    let (mut greatest, mut at) = (0, 0);
    let behind = |at: usize, end: &str| sql[at..].find(end).map_or(sql.len(), |found| at + found + end.len());
    while let Some(&byte) = bytes.get(at) {
        let word_before = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'_' | 0x80..));
        at = match byte {
            b'-' if sql[at..].starts_with("--") => behind(at, "\n"),
            b'/' if sql[at..].starts_with("/*") => comment_end(bytes, at),
            b'\'' => {
                let escapes = word_before && matches!(bytes[at - 1], b'e' | b'E');
                string_end(bytes, at, escapes)
            }
            b'"' => behind(at + 1, "\""),
            b'$' if !word_before => {
                let word = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                let end = at + 1 + word.count();
                let number: Option<usize> = sql[at + 1..end].parse().ok();
                greatest = greatest.max(number.unwrap_or(0));
                match bytes.get(end) {
                    // `$tag$ … $tag$`
                    Some(b'$') if number.is_none() => behind(end + 1, &sql[at..=end]),
                    _ => end,
                }
            }
            _ => at + 1,
        };
        // Behind one byte of a letter of several bytes is no place in a text.
        while !sql.is_char_boundary(at) {
            at += 1;
        }
    }
    greatest
}

/// Comments lie in each other.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while at + 1 < bytes.len() {
        let step = match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                2
            }
            b"*/" => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize, escapes: bool) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'\\' if escapes => 2,
            b'\'' => return at + 1,
            _ => 1,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_in_quotes_and_comments_are_none() {
        for (sql, count) in [
            ("SELECT $1, $12", 12),
            ("-- don't\nSELECT $2", 2),
            ("SELECT /* it's /* $9 */ $8 */ $1", 1),
            (r"SELECT E'\' $7', '$6', $1", 1),
            ("SELECT $$ $4 $$, $a$ $5 $$ $a$, $1", 1),
            ("SELECT a$3, \"it's $9\", $1", 1),
            ("SELECT 'é', é$4 FROM é WHERE $2", 2),
            ("SELECT $", 0),
            ("SELECT '", 0),
            ("/*", 0),
            ("/*/", 0),
            ("$a", 0),
            ("$a$é", 0),
        ] {
            assert_eq!(parameters(sql), count, "{sql}");
        }
    }
}
