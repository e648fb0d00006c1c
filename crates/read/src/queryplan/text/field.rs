//! The lines below a node. Each becomes the fields that the other formats have for it.

use model::Place;

use crate::queryplan::tree::{Map, Value, canonical};

/// `Sort Key: a, b`: a name of a few words, and the rest.
pub(super) fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.split_once(':')?;
    let words = key.len() <= 80 && key.starts_with(|first: char| first.is_ascii_uppercase());
    let named = words && (key.starts_with("Trigger ") || !key.contains(['(', ')', '=', '\'', '"', ',']));
    (named && (rest.is_empty() || rest.starts_with(' '))).then(|| (key.trim(), rest.trim()))
}

/// Fields that nodes and workers share; without indentation nobody knows whose they are.
pub(super) fn is_shared(key: &str) -> bool {
    matches!(key, "Buffers" | "I/O Timings" | "WAL" | "Sort Method")
}

/// `Update on orders_2024 o`
pub(super) fn target(text: &str) -> Option<&str> {
    let rest = ["Insert on ", "Update on ", "Delete on ", "Merge on ", "Foreign Update on ", "Foreign Delete on "]
        .iter()
        .find_map(|word| text.strip_prefix(word))?;
    let name = rest.split_whitespace().next()?;
    Some(name.rsplit('.').next().unwrap_or(name))
}

/// The fields of one line.
pub(super) fn fields(map: &mut Map, key: &str, value: &str, place: Place) {
    match key {
        "Buffers" => buffers(map, value, place),
        "I/O Timings" => timings(map, value, place),
        "WAL" => wal(map, value, place),
        "Memory" if value.starts_with("used=") => {
            for (name, number) in equations(value) {
                let field = if name == "used" { "Memory Used" } else { "Memory Allocated" };
                map.text(field, number.trim_end_matches("kB"), place);
            }
        }
        "Heap Blocks" => {
            for (name, number) in equations(value) {
                let field = if name == "exact" { "Exact Heap Blocks" } else { "Lossy Heap Blocks" };
                map.text(field, number, place);
            }
        }
        "Tuples" => {
            for (name, number) in equations(value) {
                let mut letters = name.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                let name: String = first.into_iter().chain(letters).collect();
                map.text(&format!("Tuples {name}"), number, place);
            }
        }
        "Sort Method" | "Sort Methods" | "Buckets" | "Batches" | "Planned Partitions" | "Hits" | "Storage"
        | "Full-sort Groups" | "Pre-sorted Groups" => several(map, key, value, place),
        "Group Key" | "Hash Key" => {
            let keys = if value == "()" { Vec::new() } else { split(value) };
            let keys = Value::List(keys.into_iter().map(Value::Text).collect());
            add_to(map, "Group Keys", keys, place);
        }
        "Sort Key" | "Presorted Key" | "Output" | "Params Evaluated" | "Conflict Arbiter Indexes" => {
            for item in split(value) {
                add_to(map, key, Value::Text(item), place);
            }
            if value.is_empty() {
                map.push(key, Value::List(Vec::new()), place);
            }
        }
        "Sampling" => {
            let (method, rest) = value.split_once(" (").unwrap_or((value, ""));
            map.text("Sampling Method", method, place);
            let (parameters, seed) = rest.split_once(") REPEATABLE (").unwrap_or((rest, ""));
            map.text("Sampling Parameters", parameters.trim_end_matches(')'), place);
            if !seed.is_empty() {
                map.text("Repeatable Seed", seed.trim_end_matches(')'), place);
            }
        }
        _ => map.text(key, value, place),
    }
}

/// A line of several fields: `Buckets: 1024  Batches: 1  Memory Usage: 9kB`.
fn several(map: &mut Map, key: &str, value: &str, place: Place) {
    let line = format!("{key}: {value}");
    let pairs = known_pairs(&line);
    if key.ends_with("sort Groups") || key.ends_with("sorted Groups") {
        let groups = Value::Map(groups(&pairs, place));
        return map.push(key, groups, place);
    }
    // A hash table has buckets, an aggregate has not.
    let hash = key == "Buckets";
    let batches = if hash { "Hash Batches" } else { "HashAgg Batches" };
    for (name, text) in pairs {
        let number = text.trim_end_matches("kB");
        let (first, original) = match text.split_once(" (originally ") {
            Some((first, original)) => (first, Some(original.trim_end_matches(')'))),
            None => (number, None),
        };
        match name {
            "Sort Method" | "Sort Methods" => map.text("Sort Method", text, place),
            "Memory" | "Disk" => {
                map.text("Sort Space Type", name, place);
                map.text("Sort Space Used", number, place);
            }
            "Buckets" => {
                map.text("Hash Buckets", first, place);
                map.text("Original Hash Buckets", original.unwrap_or(first), place);
            }
            "Batches" => {
                map.text(batches, first, place);
                if hash {
                    map.text("Original Hash Batches", original.unwrap_or(first), place);
                }
            }
            "Memory Usage" => map.text("Peak Memory Usage", number, place),
            "Hits" | "Misses" | "Evictions" | "Overflows" => map.text(&format!("Cache {name}"), number, place),
            _ => map.text(name, number, place),
        }
    }
}

fn groups(pairs: &[(&str, &str)], place: Place) -> Map {
    let mut map = Map::default();
    let mut memory = Map::default();
    let mut disk = Map::default();
    for (name, text) in pairs {
        let number = text.trim_end_matches("kB");
        match *name {
            "Full-sort Groups" | "Pre-sorted Groups" => map.text("Group Count", text, place),
            "Sort Method" | "Sort Methods" => {
                let methods = text.split(", ").map(|method| Value::Text(method.to_owned())).collect();
                map.push("Sort Methods Used", Value::List(methods), place);
            }
            "Average Memory" => memory.text("Average Sort Space Used", number, place),
            "Peak Memory" => memory.text("Peak Sort Space Used", number, place),
            "Average Disk" => disk.text("Average Sort Space Used", number, place),
            "Peak Disk" => disk.text("Peak Sort Space Used", number, place),
            _ => map.text(name, text, place),
        }
    }
    for (name, space) in [("Sort Space Memory", memory), ("Sort Space Disk", disk)] {
        if !space.entries.is_empty() {
            map.push(name, Value::Map(space), place);
        }
    }
    map
}

/// Longer names before those that they end with.
const NAMES: [&str; 21] = [
    "Full-sort Groups",
    "Pre-sorted Groups",
    "Sort Methods",
    "Sort Method",
    "Average Memory",
    "Peak Memory",
    "Average Disk",
    "Peak Disk",
    "Planned Partitions",
    "Buckets",
    "Batches",
    "Memory Usage",
    "Disk Usage",
    "Hits",
    "Misses",
    "Evictions",
    "Overflows",
    "Maximum Storage",
    "Storage",
    "Memory",
    "Disk",
];

/// The known names in a line with what stands between them; how many blanks part them does not matter.
fn known_pairs(line: &str) -> Vec<(&'static str, &str)> {
    let mut starts: Vec<(usize, &'static str)> = Vec::new();
    for name in NAMES {
        for (at, found) in line.match_indices(name) {
            let begins = at == 0 || line[..at].ends_with(' ');
            let ends = line[at + found.len()..].starts_with(':');
            let inside = starts.iter().any(|(start, other)| *start <= at && at < start + other.len());
            if begins && ends && !inside {
                starts.push((at, name));
            }
        }
    }
    starts.sort_unstable();
    let next = starts.iter().skip(1).map(|(at, _)| *at).chain([line.len()]);
    starts.iter().zip(next).map(|((at, name), end)| (*name, line[at + name.len() + 1..end].trim())).collect()
}

/// `shared hit=1 read=2, temp written=3`
fn buffers(map: &mut Map, value: &str, place: Place) {
    for part in value.split(',') {
        let mut words = part.split_whitespace();
        let Some(kind) = words.next() else { continue };
        for (name, number) in words.filter_map(|word| word.split_once('=')) {
            let verb = match name {
                "hit" => "Hit",
                "read" => "Read",
                "dirtied" => "Dirtied",
                "written" => "Written",
                other => other,
            };
            map.text(&format!("{} {verb} Blocks", title(kind)), number, place);
        }
    }
}

/// `shared read=1.0 write=2.0, temp read=3.0`; before version 17 there is no word, or `shared/local`.
fn timings(map: &mut Map, value: &str, place: Place) {
    for part in value.split(',') {
        let mut kind = String::new();
        for word in part.split_whitespace() {
            match word.split_once('=') {
                Some((name, number)) => {
                    let verb = if name == "read" { "Read" } else { "Write" };
                    map.text(&format!("{kind}I/O {verb} Time"), number, place);
                }
                None if word == "shared/local" => kind.clear(),
                None => kind = format!("{} ", title(word)),
            }
        }
    }
}

fn wal(map: &mut Map, value: &str, place: Place) {
    // `buffers full=3` is a name of two words.
    for (name, number) in equations(&value.replace("buffers full", "buffers_full")) {
        let field = match name.as_str() {
            "records" => "WAL Records",
            "fpi" => "WAL FPI",
            "bytes" => "WAL Bytes",
            "buffers_full" => "WAL Buffers Full",
            other => other,
        };
        map.text(field, number, place);
    }
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn equations(text: &str) -> Vec<(String, &str)> {
    let words = text.split_whitespace().filter_map(|word| word.split_once('='));
    words.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The items of a list: commas inside parentheses and quotes part nothing.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let (mut depth, mut quote, mut start) = (0_i32, None, 0);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth <= 0 => {
                items.push(text[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(text[start..].trim().to_owned());
    items.retain(|item| !item.is_empty());
    items
}

/// `work_mem = '64kB', jit = 'off'`
pub(super) fn settings(value: &str, place: Place) -> Value {
    let mut map = Map::default();
    for item in split(value) {
        if let Some((name, value)) = item.split_once(" = ") {
            let value = value.trim().trim_matches('\'').replace("''", "'");
            map.text(name.trim(), &value, place);
        }
    }
    Value::Map(map)
}

/// `time=0.1 ms  output=1kB  format=text`
pub(super) fn serialization(value: &str, place: Place) -> Map {
    let mut map = Map::default();
    for (name, text) in equations(value) {
        match name.as_str() {
            "time" => map.text("Time", text, place),
            "output" => map.text("Output Volume", text.trim_end_matches("kB"), place),
            "format" => map.text("Format", text, place),
            other => map.text(other, text, place),
        }
    }
    map
}

/// `Trigger for constraint a on b: time=1.0 calls=2`, `Trigger a: time=…`, `Trigger a for constraint b on c: …`
pub(super) fn trigger(key: &str, value: &str, place: Place) -> Map {
    let mut map = Map::default();
    let words = key.trim_start_matches("Trigger").trim();
    let (words, relation) = match words.rsplit_once(" on ") {
        Some((words, relation)) => (words, Some(relation)),
        None => (words, None),
    };
    match words.split_once("for constraint ") {
        Some((name, constraint)) => {
            if !name.trim().is_empty() {
                map.text("Trigger Name", name.trim(), place);
            }
            map.text("Constraint Name", constraint, place);
        }
        None => map.text("Trigger Name", words, place),
    }
    if let Some(relation) = relation {
        map.text("Relation", relation, place);
    }
    for (name, text) in equations(value) {
        map.text(if name == "time" { "Time" } else { "Calls" }, text, place);
    }
    map
}

/// `Functions: 4`, `Options: Inlining false, …`, `Timing: Generation 0.6 ms, …, Total 1.2 ms`
pub(super) fn jit(map: &mut Map, key: &str, value: &str, place: Place) {
    if key == "Functions" {
        return map.text(key, value, place);
    }
    let mut inner = Map::default();
    // `Generation 0.6 ms (Deform 0.2 ms)`, since version 17.
    let flat = value.replace(" (", ", ").replace(')', "");
    for part in flat.split(',') {
        if let Some((name, rest)) = part.trim().split_once(' ') {
            inner.text(name, rest.trim_end_matches("ms").trim(), place);
        }
    }
    map.push(key, Value::Map(inner), place);
}

/// The map of that name; made if there is none.
pub(super) fn map_in<'a>(map: &'a mut Map, key: &str, place: Place) -> &'a mut Map {
    let name = canonical(key);
    let at = match map.entries.iter().position(|entry| entry.key == name) {
        Some(at) => at,
        None => {
            map.push(key, Value::Map(Map::default()), place);
            map.entries.len() - 1
        }
    };
    if !matches!(map.entries[at].value, Value::Map(_)) {
        map.entries[at].value = Value::Map(Map::default());
    }
    match &mut map.entries[at].value {
        Value::Map(inner) => inner,
        _ => unreachable!("it was made a map above"),
    }
}

pub(super) fn add_to_list(map: &mut Map, key: &str, item: &str, place: Place) {
    add_to(map, key, Value::Text(item.to_owned()), place);
}

fn add_to(map: &mut Map, key: &str, item: Value, place: Place) {
    let name = canonical(key);
    match map.entries.iter_mut().find(|entry| entry.key == name) {
        Some(entry) => match &mut entry.value {
            Value::List(items) => items.push(item),
            other => *other = item,
        },
        None => map.push(key, Value::List(vec![item]), place),
    }
}

/// The worker of that number among those of a node.
pub(super) fn worker_in(map: &mut Map, number: u32, place: Place) -> &mut Map {
    let is_it = |value: &Value| {
        let map = value.as_map();
        map.and_then(|map| map.get("Worker-Number")).and_then(Value::number) == Some(f64::from(number))
    };
    if map.get("Workers").is_none() {
        map.push("Workers", Value::List(Vec::new()), place);
    }
    let entry = map.entries.iter_mut().find(|entry| entry.key == "Workers").expect("it was added above");
    if !matches!(entry.value, Value::List(_)) {
        entry.value = Value::List(Vec::new());
    }
    let Value::List(workers) = &mut entry.value else { unreachable!("it was made a list above") };
    let at = match workers.iter().position(is_it) {
        Some(at) => at,
        None => {
            let mut worker = Map::default();
            worker.text("Worker Number", &number.to_string(), place);
            workers.push(Value::Map(worker));
            workers.len() - 1
        }
    };
    match &mut workers[at] {
        Value::Map(worker) => worker,
        _ => unreachable!("workers are maps"),
    }
}
