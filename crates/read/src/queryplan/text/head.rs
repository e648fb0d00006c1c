//! The first line of a node: `->  Parallel Index Scan using a on b c  (cost=… rows=… width=…) (actual …)`.

use model::Place;

use crate::queryplan::tree::{Map, Value};

/// What a node is and what was measured, as words.
pub(super) struct Head {
    pub(super) arrow: bool,
    /// Where the words begin in the line, and how long those are that say what it is.
    pub(super) at: usize,
    pub(super) length: usize,
    kind: Kind,
    rest: String,
    numbers: Vec<String>,
}

/// The words of a kind, taken apart.
#[derive(Clone, Debug, Default)]
struct Kind {
    node: String,
    parallel: bool,
    asynchronous: bool,
    backward: bool,
    partial: Option<&'static str>,
    strategy: Option<&'static str>,
    join: Option<String>,
    operation: Option<String>,
    command: Option<String>,
}

/// Kinds that are called in JSON as they are in text.
pub(crate) const PLAIN: [&str; 39] = [
    "Seq Scan",
    "Sample Scan",
    "Index Scan",
    "Index Only Scan",
    "Bitmap Index Scan",
    "Bitmap Heap Scan",
    "Tid Range Scan",
    "Tid Scan",
    "Subquery Scan",
    "Function Scan",
    "Table Function Scan",
    "Values Scan",
    "CTE Scan",
    "Named Tuplestore Scan",
    "WorkTable Scan",
    "Foreign Scan",
    "Custom Scan",
    "Result",
    "ProjectSet",
    "ModifyTable",
    "Append",
    "Merge Append",
    "Recursive Union",
    "BitmapAnd",
    "BitmapOr",
    "Nested Loop",
    "Hash Join",
    "Merge Join",
    "Gather Merge",
    "Gather",
    "Materialize",
    "Memoize",
    "Incremental Sort",
    "Sort",
    "Group",
    "Aggregate",
    "WindowAgg",
    "Unique",
    "SetOp",
];
const MORE_PLAIN: [&str; 3] = ["LockRows", "Limit", "Hash"];

/// Whether the node is of a kind that EXPLAIN is known to print.
pub(crate) fn is_known(kind: &str) -> bool {
    PLAIN.contains(&kind) || MORE_PLAIN.contains(&kind)
}

/// The head of a node, if the line is one.
pub(super) fn head(text: &str) -> Option<Head> {
    let (arrow, inner) = match text.strip_prefix("->") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let at = text.len() - inner.len();
    let numbers_at = ["(cost=", "(actual time=", "(actual rows=", "(never executed)"]
        .iter()
        .filter_map(|mark| inner.find(mark))
        .min()
        .unwrap_or(inner.len());
    let (words, numbers) = inner.split_at(numbers_at);
    let words = words.trim_end();
    let measured = !numbers.is_empty();
    let (kind, rest) = match kind(words) {
        Some(found) => found,
        // A kind that nobody knows yet: its numbers, or its arrow, say that it is one.
        None if (measured || arrow) && !words.is_empty() && !words.contains(':') => {
            let end = [" using ", " on "].iter().filter_map(|word| words.find(word)).min().unwrap_or(words.len());
            (Kind { node: words[..end].to_owned(), ..Kind::default() }, words[end..].trim().to_owned())
        }
        None => return None,
    };
    if !measured && !arrow && !is_object(&rest) {
        return None;
    }
    let length = words.len() - rest.len();
    let length = words[..length.min(words.len())].trim_end().len();
    Some(Head { arrow, at, length, kind, rest, numbers: groups(numbers) })
}

/// Without numbers and arrow, a line is a node when nothing follows its kind but what it reads.
fn is_object(rest: &str) -> bool {
    let mut words = rest.split_whitespace();
    match words.next() {
        None => true,
        Some("on" | "using") => words.count() <= 4 && !rest.contains(['=', ';', ',']),
        Some(_) => false,
    }
}

/// `(cost=1) (actual rows=2)`: what is in each pair of parentheses.
fn groups(text: &str) -> Vec<String> {
    text.split('(').skip(1).map(|part| part.split(')').next().unwrap_or(part).to_owned()).collect()
}

fn kind(words: &str) -> Option<(Kind, String)> {
    let mut kind = Kind::default();
    let mut rest = words;
    if let Some(inner) = rest.strip_prefix("Async ") {
        kind.asynchronous = true;
        rest = inner;
    }
    if let Some(inner) = rest.strip_prefix("Parallel ") {
        kind.parallel = true;
        rest = inner;
    }
    for (word, name) in [("Partial ", "Partial"), ("Finalize ", "Finalize")] {
        if let Some(inner) = rest.strip_prefix(word) {
            kind.partial = Some(name);
            rest = inner;
        }
    }
    // At the end of a word, so that `Sorting` is no sort.
    let after = |text: &str, name: &str| -> Option<String> {
        let rest = text.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with([' ', '('])).then(|| rest.trim_start().to_owned())
    };
    for (name, strategy) in [("GroupAggregate", "Sorted"), ("HashAggregate", "Hashed"), ("MixedAggregate", "Mixed")] {
        if let Some(rest) = after(rest, name) {
            return Some((Kind { node: "Aggregate".to_owned(), strategy: Some(strategy), ..kind }, rest));
        }
    }
    if let Some((join, left)) = join(rest) {
        let Kind { parallel, asynchronous, partial, .. } = kind;
        return Some((Kind { parallel, asynchronous, partial, ..join }, left));
    }
    for (name, strategy) in [("HashSetOp", "Hashed"), ("SetOp", "Sorted")] {
        if let Some(rest) = after(rest, name) {
            let node = "SetOp".to_owned();
            return Some((Kind { node, strategy: Some(strategy), command: Some(rest), ..kind }, String::new()));
        }
    }
    for operation in ["Insert", "Update", "Delete", "Merge"] {
        if let Some(rest) = after(rest, operation).filter(|rest| rest.starts_with("on ")) {
            let operation = Some(operation.to_owned());
            return Some((Kind { node: "ModifyTable".to_owned(), operation, ..kind }, rest));
        }
        if let Some(rest) = rest.strip_prefix("Foreign ").and_then(|rest| after(rest, operation)) {
            let operation = Some(operation.to_owned());
            return Some((Kind { node: "Foreign Scan".to_owned(), operation, ..kind }, rest));
        }
    }
    let (node, mut rest) = PLAIN.iter().chain(&MORE_PLAIN).find_map(|name| Some((*name, after(rest, name)?)))?;
    if let Some(inner) = after(&rest, "Backward") {
        kind.backward = true;
        rest = inner;
    }
    kind.node = node.to_owned();
    Some((kind, rest))
}

/// `Hash Left Join`, `Nested Loop Anti Join`, `Merge Right Semi Join`
fn join(words: &str) -> Option<(Kind, String)> {
    let (node, rest) = [("Nested Loop", "Nested Loop "), ("Hash Join", "Hash "), ("Merge Join", "Merge ")]
        .into_iter()
        .find_map(|(node, word)| Some((node, words.strip_prefix(word)?)))?;
    let end = rest.find("Join")?;
    let middle = rest[..end].trim();
    let known = ["", "Left", "Right", "Full", "Semi", "Anti", "Right Semi", "Right Anti"].contains(&middle);
    let left = rest[end + "Join".len()..].trim_start().to_owned();
    let join = (!middle.is_empty()).then(|| middle.to_owned());
    known.then(|| (Kind { node: node.to_owned(), join, ..Kind::default() }, left))
}

/// `InitPlan 1 (returns $0)`, `SubPlan 2`, `CTE recent`: what the next node is.
pub(super) fn side_plan(text: &str) -> Option<&str> {
    let rest = ["InitPlan ", "SubPlan ", "CTE "].iter().find_map(|word| text.strip_prefix(word))?;
    let name = !rest.is_empty() && !rest.contains(": ") && !rest.contains("(cost=");
    (name && !text.starts_with("CTE Scan")).then_some(text)
}

impl Head {
    /// It has numbers behind its words.
    pub(super) fn measured(&self) -> bool {
        !self.numbers.is_empty()
    }

    pub(super) fn fields(&self, place: Place) -> Map {
        let mut map = Map::default();
        let Kind { node, parallel, asynchronous, backward, partial, strategy, join, operation, command } = &self.kind;
        map.text("Node Type", node, place);
        for (key, value) in [("Parallel Aware", parallel), ("Async Capable", asynchronous)] {
            if *value {
                map.push(key, Value::Bool(true), place);
            }
        }
        if *backward {
            map.text("Scan Direction", "Backward", place);
        }
        let join = join.as_deref();
        let words = [("Partial Mode", *partial), ("Strategy", *strategy), ("Join Type", join)];
        let more = [("Operation", operation.as_deref()), ("Command", command.as_deref())];
        for (key, value) in words.into_iter().chain(more) {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                map.text(key, value, place);
            }
        }
        objects(&mut map, node, &self.rest, place);
        for group in &self.numbers {
            if let Some(rest) = group.strip_prefix("cost=") {
                estimate(&mut map, rest, place);
            } else if let Some(rest) = group.strip_prefix("actual ") {
                actual(&mut map, rest, place);
            } else if group == "never executed" {
                map.text("Actual Rows", "0", place);
                map.text("Actual Loops", "0", place);
            }
        }
        map
    }
}

/// `using index on schema.table alias`
fn objects(map: &mut Map, node: &str, rest: &str, place: Place) {
    let mut rest = rest;
    if let Some(inner) = rest.strip_prefix('(') {
        // The provider of a custom scan.
        let (name, after) = inner.split_once(')').unwrap_or((inner, ""));
        map.text("Custom Plan Provider", name, place);
        rest = after.trim_start();
    }
    if let Some(inner) = rest.strip_prefix("using ") {
        let (name, after) = identifier(inner);
        map.text("Index Name", &name, place);
        rest = after.trim_start();
    }
    let Some(inner) = rest.strip_prefix("on ") else {
        return;
    };
    let (first, after) = identifier(inner.trim_start());
    let (schema, name, after) = match after.strip_prefix('.') {
        Some(after) => {
            let (name, after) = identifier(after);
            (Some(first), name, after)
        }
        None => (None, first, after),
    };
    let (alias, _) = identifier(after.trim_start());
    let key = match node {
        "Bitmap Index Scan" => "Index Name",
        "Function Scan" => "Function Name",
        "Table Function Scan" => "Table Function Name",
        "CTE Scan" | "WorkTable Scan" => "CTE Name",
        "Named Tuplestore Scan" => "Tuplestore Name",
        "Subquery Scan" | "Values Scan" | "Result" => "Alias",
        _ => "Relation Name",
    };
    if let Some(schema) = schema {
        map.text("Schema", &schema, place);
    }
    map.text(key, &name, place);
    if !alias.is_empty() {
        map.text("Alias", &alias, place);
    }
}

/// A word, or what is in double quotes, and the rest.
fn identifier(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find([' ', '.', '(']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut out = String::new();
    let mut letters = inner.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '"' {
            out.push(letter);
        } else if letters.next_if(|(_, next)| *next == '"').is_some() {
            out.push('"');
        } else {
            return (out, &inner[at + 1..]);
        }
    }
    (out, "")
}

/// `1.00..2.00 rows=3 width=4`
fn estimate(map: &mut Map, text: &str, place: Place) {
    let mut words = text.split_whitespace();
    if let Some((startup, total)) = words.next().and_then(|range| range.split_once("..")) {
        map.text("Startup Cost", startup, place);
        map.text("Total Cost", total, place);
    }
    for word in words {
        match word.split_once('=') {
            Some(("rows", rows)) => map.text("Plan Rows", rows, place),
            Some(("width", width)) => map.text("Plan Width", width, place),
            Some((key, value)) => map.text(key, value, place),
            None => {}
        }
    }
}

/// `time=1.000..2.000 rows=3 loops=4`
pub(super) fn actual(map: &mut Map, text: &str, place: Place) {
    for word in text.split_whitespace() {
        match word.split_once('=') {
            Some(("time", range)) => {
                if let Some((startup, total)) = range.split_once("..") {
                    map.text("Actual Startup Time", startup, place);
                    map.text("Actual Total Time", total, place);
                }
            }
            Some(("rows", rows)) => map.text("Actual Rows", rows, place),
            Some(("loops", loops)) => map.text("Actual Loops", loops, place),
            Some((key, value)) => map.text(key, value, place),
            None => {}
        }
    }
}
