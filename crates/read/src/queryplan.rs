//! Query plans: what EXPLAIN prints, in each of its four formats, of every version, as it comes out of terminals,
//! clients and logs.
//!
//! All formats become fields with names ([`tree`]), and these one plan ([`fields`]): the same plan is the same value,
//! whatever it was written in. A field that is not understood is told by its name.

mod condition;
mod fields;
mod json;
mod log;
mod paste;
mod text;
mod tree;
mod xml;
mod yaml;

use std::thread;

use model::place::SourceFile;
use model::plan::QueryPlan;
use model::{FileId, Place, Problem, ProblemKind};

use paste::{Line, Spots};
use tree::{Map, Value};

/// The conditions of a plan are read by a parser that calls itself as deep as they are nested.
const STACK: usize = 64 * 1024 * 1024;

/// Every plan of a file, and what was not understood of it.
pub fn query_plans(file: FileId, source: &SourceFile) -> (Vec<QueryPlan>, Vec<Problem>) {
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("read".to_owned()).stack_size(STACK);
        let reader = reader.spawn_scoped(scope, || read(file, &source.text)).expect("the system gives one thread");
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Every plan of a text.
pub(crate) fn read(file: FileId, text: &str) -> (Vec<QueryPlan>, Vec<Problem>) {
    let mut found = Found { file, plans: Vec::new(), problems: Vec::new(), depth: 0 };
    let raw = [Line { text: String::new(), start: 0, end: text.len() }];
    let (_, spots) = Spots::join(file, &raw);
    let entries = log::entries(text, &spots);
    if entries.is_empty() {
        found.lines(&paste::lines(text, 0));
    }
    for entry in entries {
        let before = found.plans.len();
        found.lines(&entry.lines);
        for plan in &mut found.plans[before..] {
            plan.duration_ms = entry.duration_ms;
        }
    }
    let Found { plans, mut problems, .. } = found;
    if plans.is_empty() && problems.is_empty() {
        let place = Some(Place::new(file, 0, text.len() as u32));
        let message = "no query plan: no node of one is in it".to_owned();
        problems.push(Problem { kind: ProblemKind::Syntax, place, message });
    }
    for plan in &plans {
        for field in &plan.unknown {
            let whose = field.node.and_then(|node| plan.nodes.get(node));
            let whose = whose.map_or("the plan".to_owned(), |node| node.label());
            let message = format!("a field of {whose} is not understood: {}", field.name);
            problems.push(Problem { kind: ProblemKind::NotUnderstood, place: Some(field.place), message });
        }
    }
    (plans, problems)
}

struct Found {
    file: FileId,
    plans: Vec<QueryPlan>,
    problems: Vec<Problem>,
    /// Plans in strings of plans in strings.
    depth: u32,
}

/// What a run of lines is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Xml,
    Yaml,
    Text,
}

fn format(line: &str) -> Format {
    let bare = line.trim_start();
    let yaml = ["- Plan:", "Plan:", "- Query Text:", "- Query Identifier:"];
    match bare.chars().next() {
        Some('[' | '{') => Format::Json,
        Some('"' | '\'') if bare.contains("Plan") || bare.contains("Node Type") => Format::Json,
        Some('<') if bare.starts_with("<explain") || bare.starts_with("<?xml") || bare.starts_with("<Query") => {
            Format::Xml
        }
        _ if yaml.iter().any(|start| bare.starts_with(start)) => Format::Yaml,
        _ => Format::Text,
    }
}

impl Found {
    fn lines(&mut self, lines: &[Line]) {
        let mut at = 0;
        let mut text: Vec<Line> = Vec::new();
        while let Some(line) = lines.get(at) {
            let taken = match format(&line.text) {
                Format::Text => {
                    text.push(line.clone());
                    at += 1;
                    continue;
                }
                Format::Json => self.json(&lines[at..]),
                Format::Xml => self.xml(&lines[at..]),
                Format::Yaml => self.yaml(&lines[at..]),
            };
            self.text(&std::mem::take(&mut text));
            at += taken.max(1);
        }
        self.text(&text);
    }

    fn text(&mut self, lines: &[Line]) {
        let drafts = text::parse(self.file, lines);
        let mut drafts = drafts.into_iter().filter(|draft| !draft.nodes.is_empty()).peekable();
        while let Some(draft) = drafts.next() {
            let start = draft.nodes[0].1.entries.first().map_or(0, |entry| entry.place.start);
            let next = drafts.peek().and_then(|next| next.nodes[0].1.entries.first());
            let last = lines.last().map_or(start, |line| line.end as u32);
            let end = next.map_or(last, |entry| entry.place.start);
            self.plans.push(fields::plan(draft, Place::new(self.file, start, end.max(start))));
        }
    }

    /// The document that starts with the first line; how many lines it takes.
    fn json(&mut self, lines: &[Line]) -> usize {
        let (text, spots) = Spots::join(self.file, lines);
        let parsed = json::parse(&text, 0, &spots);
        if let Some((at, why)) = parsed.error {
            let place = spots.place(at, at);
            let message = format!("no JSON of a query plan: {why}");
            self.problems.push(Problem { kind: ProblemKind::Syntax, place: Some(place), message });
        }
        let place = spots.place(0, parsed.end);
        self.collect(parsed.value, place);
        match parsed.error {
            Some(_) => lines.len(),
            None => text[..parsed.end].matches('\n').count() + 1,
        }
    }

    fn xml(&mut self, lines: &[Line]) -> usize {
        let (text, spots) = Spots::join(self.file, lines);
        let (value, end, whole) = xml::parse(&text, &spots);
        if !whole {
            let place = spots.place(text.len(), text.len());
            let message = "no XML of a query plan: it breaks off".to_owned();
            self.problems.push(Problem { kind: ProblemKind::Syntax, place: Some(place), message });
        }
        self.collect(value, spots.place(0, end));
        text[..end].matches('\n').count() + 1
    }

    fn yaml(&mut self, lines: &[Line]) -> usize {
        // Up to what is no part of it: a line at the left that is no item.
        let inside = |line: &&Line| {
            let text = line.text.as_str();
            !text.trim().is_empty()
                && format(text) != Format::Xml
                && (text.starts_with([' ', '-']) || text.contains(':'))
        };
        let count = 1 + lines.iter().skip(1).take_while(inside).count();
        let lines = &lines[..count];
        let (_, spots) = Spots::join(self.file, lines);
        let value = yaml::parse(lines, &spots);
        let end = lines.last().map_or(0, |line| line.end as u32);
        self.collect(value, Place::new(self.file, lines[0].start as u32, end.max(lines[0].start as u32)));
        count
    }

    fn collect(&mut self, value: Value, place: Place) {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::List(items) => {
                    // Rows of a client: one for each line of the text.
                    let rows: Option<Vec<&str>> = items.iter().map(row).collect();
                    match rows.filter(|rows| rows.len() > 1) {
                        Some(rows) => {
                            let text = rows.join("\n");
                            self.inner(&text, place);
                        }
                        None => open.extend(items.into_iter().rev()),
                    }
                }
                Value::Map(map) if map.get("Plan").is_some_and(is_map) || map.get("Node-Type").is_some() => {
                    self.plans.push(fields::plan(fields::nested(map), place));
                }
                Value::Map(map) => open.extend(map.entries.into_iter().rev().map(|entry| entry.value)),
                Value::Text(text)
                    if ["Node Type", "(cost=", "(actual ", "Node-Type"].iter().any(|word| text.contains(word)) =>
                {
                    self.inner(&text, place);
                }
                Value::Nothing | Value::Bool(_) | Value::Text(_) => {}
            }
        }
    }

    /// A plan in a string: its places are that of the string.
    fn inner(&mut self, text: &str, place: Place) {
        const DEEPEST: u32 = 3;
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        let mut lines = paste::lines(text, 0);
        for line in &mut lines {
            (line.start, line.end) = (place.start as usize, place.end as usize);
        }
        self.lines(&lines);
        self.depth -= 1;
    }
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}

/// `{"QUERY PLAN": "Seq Scan …"}`, or the text alone.
fn row(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Map(Map { entries }) => match &entries[..] {
            [entry] if entry.key == "QUERY-PLAN" => entry.value.as_text(),
            _ => None,
        },
        _ => None,
    }
}
