//! The YAML that EXPLAIN writes: maps and lists by indentation, plain words and strings in double quotes.

use super::json;
use super::paste::{Line, Spots};
use super::tree::{Map, Value};

/// Deeper documents than any planner makes are cut off.
const DEEPEST: usize = 2_000;

struct Open {
    indent: usize,
    value: Value,
    /// The field of the map around it that it is the value of; nothing for an item of a list.
    key: Option<(String, usize)>,
}

/// The document of these lines: always a list or a map.
pub(super) fn parse(lines: &[Line], spots: &Spots) -> Value {
    let mut open = vec![Open { indent: 0, value: Value::Nothing, key: None }];
    for line in lines {
        let mut text = line.text.trim_end();
        let mut indent = text.len() - text.trim_start().len();
        text = text.trim_start();
        if text.is_empty() {
            continue;
        }
        close_to(&mut open, indent, text.starts_with("- ") || text == "-", spots);
        // `- - a: 1` opens a list for each dash.
        let mut dashes = 0;
        while let Some(rest) = text.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
            if open.len() > DEEPEST || dashes > 8 {
                return finish(open, spots);
            }
            dashes += 1;
            into_list(&mut open, indent);
            let inner = rest.trim_start();
            indent += text.len() - inner.len();
            text = inner;
            open.push(Open { indent, value: Value::Nothing, key: None });
        }
        if text.is_empty() {
            continue;
        }
        let Some(top) = open.last_mut() else { break };
        let at = line.start + (line.text.trim_end().len() - text.len());
        match field(text) {
            Some((key, rest)) => {
                if !matches!(top.value, Value::Map(_)) {
                    top.value = Value::Map(Map::default());
                    top.indent = indent;
                }
                if rest.is_empty() {
                    if open.len() > DEEPEST {
                        return finish(open, spots);
                    }
                    open.push(Open { indent: indent + 1, value: Value::Nothing, key: Some((key, at)) });
                } else if let Value::Map(map) = &mut top.value {
                    let place = model::Place::new(spots.file, at as u32, line.end.max(at) as u32);
                    map.push(&key, scalar(rest, spots), place);
                }
            }
            None => top.value = scalar(text, spots),
        }
    }
    finish(open, spots)
}

/// Ends what is deeper than this line. A dash may stand as far left as the field whose list it is in.
fn close_to(open: &mut Vec<Open>, indent: usize, dash: bool, spots: &Spots) {
    while open.len() > 1 {
        let Some(top) = open.last() else { return };
        let stays = match (&top.value, &top.key) {
            (Value::Nothing, Some(_)) => top.indent <= indent || (dash && top.indent <= indent + 1),
            (Value::Nothing, None) => top.indent <= indent,
            (Value::List(_), _) => dash && top.indent <= indent + usize::from(top.key.is_some()),
            _ => top.indent <= indent && !(dash && top.indent == indent),
        };
        if stays {
            return;
        }
        close(open, spots);
    }
}

fn into_list(open: &mut [Open], indent: usize) {
    if let Some(top) = open.last_mut()
        && !matches!(top.value, Value::List(_))
    {
        top.value = Value::List(Vec::new());
        top.indent = indent;
    }
}

fn close(open: &mut Vec<Open>, spots: &Spots) {
    let Some(done) = open.pop() else { return };
    let Some(parent) = open.last_mut() else { return };
    match (&mut parent.value, done.key) {
        (Value::List(items), None) => items.push(done.value),
        (Value::Map(map), Some((key, at))) => {
            let place = model::Place::new(spots.file, at as u32, (at + key.len()) as u32);
            map.push(&key, done.value, place);
        }
        _ => {}
    }
}

fn finish(mut open: Vec<Open>, spots: &Spots) -> Value {
    while open.len() > 1 {
        close(&mut open, spots);
    }
    open.pop().map_or(Value::Nothing, |root| root.value)
}

/// `Node Type: "Seq Scan"`; the name may be in quotes.
fn field(text: &str) -> Option<(String, &str)> {
    if let Some(rest) = text.strip_prefix('"') {
        let (key, rest) = rest.split_once('"')?;
        let rest = rest.strip_prefix(':')?;
        return Some((key.to_owned(), rest.trim()));
    }
    let (key, rest) = text.split_once(':')?;
    let named = !key.is_empty() && (rest.is_empty() || rest.starts_with(' '));
    named.then(|| (key.to_owned(), rest.trim()))
}

fn scalar(text: &str, spots: &Spots) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" | "~" => Value::Nothing,
        _ if text.starts_with(['"', '[', '{']) => json::parse(text, 0, spots).value,
        _ => Value::Text(text.to_owned()),
    }
}
