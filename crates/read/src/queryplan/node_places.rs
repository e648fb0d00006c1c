//! Where the nodes of a plan stand in its text.

use std::ops::Range;

const KEY: &str = "\"Node Type\"";

/// The place of each `"Node Type": "…"`, in the order in which the objects around them open: that of a walk from parent
/// to child, wherever in an object the client that wrote it has put the key.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    // Each object by where it opened, with the place of its key.
    let mut open: Vec<(usize, Option<Range<usize>>)> = Vec::new();
    let mut closed = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'{' => open.push((at, None)),
            b'}' => closed.extend(open.pop().and_then(|(start, key)| Some((start, key?)))),
            b'"' => {
                let end = at + string_length(&text[at..]);
                if let Some(object) = open.last_mut().filter(|_| &text[at..end] == KEY) {
                    object.1 = value_after(text, end).map(|value| at..value);
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    closed.sort_by_key(|(start, _)| *start);
    closed.into_iter().map(|(_, key)| key).collect()
}

/// The bytes of the string that starts here, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Where the string behind the colon ends; a key without a string names no node.
fn value_after(text: &str, key: usize) -> Option<usize> {
    let rest = &text[key..];
    let value = rest.find(|char: char| !char.is_whitespace() && char != ':')?;
    let is_string = rest[..value].contains(':') && rest[value..].starts_with('"');
    is_string.then(|| key + value + string_length(&rest[value..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = find(text).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn parents_come_before_children() {
        let (limit, scan) = (r#""Node Type": "Limit""#, r#""Node Type" : "Seq Scan""#);
        check(&format!(r#"[{{"Plan": {{{limit}, "Plans": [{{{scan}}}]}}}}]"#), &[limit, scan]);
        check(&format!(r#"[{{"Plan": {{"Plans": [{{{scan}}}], {limit}}}}}]"#), &[limit, scan]);
    }

    #[test]
    fn strings_name_no_nodes() {
        check(r#"{"Filter": "(a = '\"Node Type\"')", "Alias": "Node Type"}"#, &[]);
        check(r#"{"Node Type": 7, "a": "{"}"#, &[]);
        check(r#"{"Node Type": "Lim"#, &[]);
    }
}
