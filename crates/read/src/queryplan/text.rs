//! The text that EXPLAIN writes for people, as far as it survived the way through terminals, mails and clients. It
//! becomes the same fields that the other formats have.

mod field;
mod head;
mod rejoin;
mod shape;

use model::{FileId, Place};

use super::paste::Line;
use super::tree::{Draft, Map, Value};
use head::Head;
pub(super) use head::is_known;
use shape::Shape;

/// More nodes than any planner makes are cut off.
pub(super) const MOST_NODES: usize = 20_000;

/// Every plan in these lines. Lines before the first one that are none are passed over.
pub(super) fn parse(file: FileId, lines: &[Line]) -> Vec<Draft> {
    let lines = rejoin::rejoin(lines);
    let mut reader = Text { file, done: Vec::new(), now: None, before: Map::default() };
    let flat = shape::is_flat(&lines);
    for line in &lines {
        reader.line(line, flat);
    }
    reader.finish();
    reader.done
}

struct Text {
    file: FileId,
    done: Vec<Draft>,
    now: Option<Now>,
    /// What was said before the first node: the query of a log entry.
    before: Map,
}

/// The plan that is being read.
struct Now {
    draft: Draft,
    shape: Shape,
    /// Where properties go.
    into: Into,
    /// The worker whose lines these are: its number, and how far right it stands.
    worker: Option<(u32, usize)>,
    /// How far right the root stands, and whether it has numbers.
    root: (usize, bool),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    Node(usize),
    Planning,
    Jit,
    /// A part of a plan as a whole that has lines of its own.
    Serialization,
    Whole,
}

impl Text {
    fn line(&mut self, line: &Line, flat: bool) {
        let text = line.text.trim();
        if text.is_empty() {
            return;
        }
        let indent = line.text.chars().take_while(|letter| letter.is_whitespace()).count();
        let place = |from: usize, length: usize| {
            let start = (line.start + line.text.len() - line.text.trim_start().len() + from).min(line.end);
            Place::new(self.file, start as u32, (start + length).min(line.end).max(start) as u32)
        };
        // A line that is a node by its words alone is none in a plan whose nodes have numbers.
        let root = self.now.as_ref().map(|now| now.root);
        let is_node = |head: &Head| {
            head.arrow || head.measured() || root.is_none_or(|(column, measured)| !measured && indent <= column)
        };
        if let Some(head) = head::head(text).filter(is_node) {
            let place = place(head.at, head.length);
            return self.node(head, indent, place, flat);
        }
        let place = place(0, text.len());
        if let Some(side) = head::side_plan(text) {
            if let Some(now) = &mut self.now {
                now.shape.side_plan(side, indent);
                now.worker = None;
            }
            return;
        }
        match &mut self.now {
            Some(now) => now.property(text, indent, place),
            None => self.lead(text, place),
        }
    }

    /// A line before any node.
    fn lead(&mut self, text: &str, place: Place) {
        match text.strip_prefix("Query Text:").map(|rest| ("Query-Text", rest)) {
            Some((key, rest)) => self.before.text(key, rest.trim(), place),
            None if field::pair(text)
                .is_some_and(|(key, _)| key == "Query Parameters" || key == "Query Identifier") =>
            {
                let (key, value) = field::pair(text).unwrap_or_default();
                self.before.text(key, value, place);
            }
            None => {
                // The query goes on.
                if let Some(entry) = self.before.entries.iter_mut().find(|entry| entry.key == "Query-Text")
                    && let Value::Text(query) = &mut entry.value
                {
                    query.push('\n');
                    query.push_str(text);
                }
            }
        }
    }

    fn node(&mut self, head: Head, indent: usize, place: Place, flat: bool) {
        if !head.arrow {
            self.finish();
        }
        let now = self.now.get_or_insert_with(|| Now {
            draft: Draft { nodes: Vec::new(), whole: std::mem::take(&mut self.before) },
            shape: Shape::new(flat),
            into: Into::Whole,
            worker: None,
            root: (indent, head.measured()),
        });
        if now.draft.nodes.len() >= MOST_NODES {
            return;
        }
        let (parent, side) = now.shape.node(&head, indent, &now.draft.nodes);
        let mut map = head.fields(place);
        let relationship = match (&side, parent) {
            (Some(name), _) => {
                map.text("Subplan Name", name, place);
                Some(if name.starts_with("SubPlan") { "SubPlan" } else { "InitPlan" })
            }
            (None, None) => None,
            (None, Some(parent)) => Some(now.shape.relationship(parent, &now.draft.nodes)),
        };
        if let Some(relationship) = relationship {
            map.text("Parent Relationship", relationship, place);
        }
        now.into = Into::Node(now.draft.nodes.len());
        now.worker = None;
        now.draft.nodes.push((parent, map));
    }

    fn finish(&mut self) {
        self.done.extend(self.now.take().map(|now| now.draft));
    }
}

impl Now {
    fn property(&mut self, text: &str, indent: usize, place: Place) {
        let Some((key, value)) = field::pair(text) else {
            // Further targets of a statement that writes stand there like nodes; of other lines nobody knows.
            if let Some(target) = field::target(text) {
                field::add_to_list(self.map(), "Target Tables", target, place);
            } else {
                self.map().text(text.get(..40).unwrap_or(text), text, place);
            }
            return;
        };
        if let Some(number) = key.strip_prefix("Worker ").and_then(|number| number.parse::<u32>().ok()) {
            return self.worker(number, value, indent, place);
        }
        if self.worker.is_some_and(|(_, column)| indent <= column) && !(field::is_shared(key) && indent == 0) {
            self.worker = None;
        }
        match (key, self.into) {
            ("Planning", _) if value.is_empty() => self.into = Into::Planning,
            ("JIT", _) if value.is_empty() => self.into = Into::Jit,
            ("Planning Time" | "Execution Time" | "Total runtime" | "Planning time" | "Execution time", _) => {
                let name = match key {
                    "Planning Time" | "Planning time" => "Planning Time",
                    _ => "Execution Time",
                };
                self.draft.whole.text(name, value.trim_end_matches("ms").trim(), place);
                self.into = Into::Whole;
            }
            ("Settings", _) => self.draft.whole.push("Settings", field::settings(value, place), place),
            ("Query Identifier", _) => self.draft.whole.text(key, value, place),
            ("Serialization", _) => {
                self.draft.whole.push("Serialization", Value::Map(field::serialization(value, place)), place);
                self.into = Into::Serialization;
            }
            _ if key.starts_with("Trigger ") => {
                let trigger = Value::Map(field::trigger(key, value, place));
                match self.draft.whole.entries.iter_mut().find(|entry| entry.key == "Triggers") {
                    Some(entry) => {
                        if let Value::List(all) = &mut entry.value {
                            all.push(trigger);
                        }
                    }
                    None => self.draft.whole.push("Triggers", Value::List(vec![trigger]), place),
                }
                self.into = Into::Whole;
            }
            _ if key.starts_with("JIT for worker") => self.into = Into::Whole,
            ("Functions" | "Options" | "Timing", Into::Jit) => {
                let jit = field::map_in(&mut self.draft.whole, "JIT", place);
                field::jit(jit, key, value, place);
            }
            // What several processes made of their code stands with theirs, and the sum at the end.
            ("Functions" | "Options" | "Timing", _) => {}
            _ => field::fields(self.map(), key, value, place),
        }
    }

    /// `Worker 0:  actual time=… rows=… loops=…`, or one of the lines of a node for this worker.
    fn worker(&mut self, number: u32, value: &str, indent: usize, place: Place) {
        let Into::Node(node) = self.into else { return };
        let Some((_, map)) = self.draft.nodes.get_mut(node) else { return };
        let worker = field::worker_in(map, number, place);
        if let Some(rest) = value.strip_prefix("actual ") {
            head::actual(worker, rest, place);
        } else if let Some((key, value)) = field::pair(value) {
            field::fields(worker, key, value, place);
        }
        self.worker = Some((number, indent));
    }

    /// Where fields go now.
    fn map(&mut self) -> &mut Map {
        let place = Place::new(FileId(0), 0, 0);
        match self.into {
            Into::Node(node) => {
                let map = &mut self.draft.nodes[node].1;
                match self.worker {
                    Some((number, _)) => field::worker_in(map, number, place),
                    None => map,
                }
            }
            Into::Planning => field::map_in(&mut self.draft.whole, "Planning", place),
            Into::Serialization => field::map_in(&mut self.draft.whole, "Serialization", place),
            Into::Jit | Into::Whole => &mut self.draft.whole,
        }
    }
}
