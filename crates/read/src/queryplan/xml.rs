//! The XML that EXPLAIN writes: elements and text, no attributes that matter.

use super::paste::Spots;
use super::tree::{Map, Value};

/// Deeper documents than any planner makes are cut off.
const DEEPEST: usize = 2_000;

struct Open {
    name: String,
    start: usize,
    text: String,
    map: Map,
}

/// The element that starts at the beginning; where it ends, and whether it was closed.
pub(super) fn parse(text: &str, spots: &Spots) -> (Value, usize, bool) {
    let mut open: Vec<Open> = vec![Open { name: String::new(), start: 0, text: String::new(), map: Map::default() }];
    let mut at = 0;
    let mut whole = false;
    while let Some(found) = text[at..].find('<') {
        let tag = at + found;
        if let Some(top) = open.last_mut() {
            top.text += &unescaped(&text[at..tag]);
        }
        let rest = &text[tag..];
        let skip = |end: &str| rest.find(end).map_or(text.len(), |length| tag + length + end.len());
        if rest.starts_with("<!--") {
            at = skip("-->");
            continue;
        }
        if rest.starts_with("<?") || rest.starts_with("<!") {
            at = skip(">");
            continue;
        }
        let Some(length) = rest.find('>') else { break };
        let inner = &rest[1..length];
        at = tag + length + 1;
        if let Some(name) = inner.strip_prefix('/') {
            // What was left open inside ends here as well.
            let Some(depth) = open.iter().rposition(|element| element.name == name.trim()).filter(|depth| *depth > 0)
            else {
                continue;
            };
            while open.len() > depth {
                close(&mut open, at, spots);
            }
            if open.len() == 1 {
                whole = true;
                break;
            }
        } else {
            let name = inner.split([' ', '\t', '\n', '/']).next().unwrap_or("").to_owned();
            let alone = inner.ends_with('/');
            if open.len() > DEEPEST {
                break;
            }
            open.push(Open { name, start: tag, text: String::new(), map: Map::default() });
            if alone {
                close(&mut open, at, spots);
            }
        }
    }
    while open.len() > 1 {
        close(&mut open, at, spots);
    }
    let map = open.pop().map(|root| root.map).unwrap_or_default();
    (Value::Map(map), at, whole)
}

/// The last element becomes a field of the one around it.
fn close(open: &mut Vec<Open>, end: usize, spots: &Spots) {
    let Some(element) = open.pop() else { return };
    let is_list = |name: &str| {
        let map = &element.map;
        !map.entries.is_empty() && map.entries.iter().all(|entry| entry.key == name)
    };
    const LISTS: [&str; 10] = [
        "Plans",
        "Workers",
        "Triggers",
        "Sort-Key",
        "Group-Key",
        "Hash-Key",
        "Output",
        "Grouping-Sets",
        "Target-Tables",
        "Group-Keys",
    ];
    let value = if element.map.entries.is_empty() {
        let text = element.text;
        let bare = text.trim();
        match LISTS.contains(&element.name.as_str()) && bare.is_empty() {
            true => Value::List(Vec::new()),
            // Inside a value blanks count, around elements they do not.
            false => Value::Text(text),
        }
    } else if ["Item", "Plan", "Worker", "Trigger", "Grouping-Set", "Target-Table", "Group-Key", "Hash-Key"]
        .into_iter()
        .any(is_list)
        && !matches!(element.name.as_str(), "Query" | "explain")
    {
        Value::List(element.map.entries.into_iter().map(|entry| entry.value).collect())
    } else {
        Value::Map(element.map)
    };
    if let Some(parent) = open.last_mut() {
        parent.map.push(&element.name, value, spots.place(element.start, end));
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out += &rest[..at];
        rest = &rest[at..];
        let Some(end) = rest.find(';').filter(|end| *end <= 10) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let entity = &rest[1..end];
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let letter = match entity {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => match entity.strip_prefix("#x") {
                Some(digits) => number(digits, 16),
                None => entity.strip_prefix('#').and_then(|digits| number(digits, 10)),
            },
        };
        match letter {
            Some(letter) => out.push(letter),
            None => out += &rest[..=end],
        }
        rest = &rest[end + 1..];
    }
    out + rest
}
