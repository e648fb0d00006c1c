//! What a text is about, from the words that its lines start with: a quick look, not a reading.

use std::collections::BTreeSet;

/// Which kinds of statements a file holds, and the tables that it makes and uses.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    pub(super) made: BTreeSet<String>,
    pub(super) used: BTreeSet<String>,
    /// The lines that start with `--`, without the space around them.
    pub(super) comments: Vec<&'a str>,
    creates: bool,
    drops: bool,
    asks: bool,
    /// It names its queries for a code generator.
    named: bool,
}

impl<'a> Content<'a> {
    pub(super) fn of(text: &'a str) -> Content<'a> {
        let mut content = Content::default();
        for line in text.lines() {
            content.line(line.trim_ascii_start());
        }
        content
    }

    /// The application runs it; it defines nothing.
    pub(super) fn is_queries(&self) -> bool {
        self.named || (self.asks && !self.defines())
    }

    /// It takes things away and makes nothing: the undo of something else.
    pub(super) fn is_teardown(&self) -> bool {
        self.drops && !self.creates
    }

    pub(super) fn defines(&self) -> bool {
        self.creates || self.drops
    }

    fn line(&mut self, line: &'a str) {
        self.references(line);
        if line.starts_with("--") {
            self.comments.push(line.trim_ascii_end());
            self.named |= query_name(line).is_some();
            return;
        }
        let mut words = line.split_ascii_whitespace();
        let Some(first) = words.next().filter(|first| (2..=LONGEST).contains(&first.len())) else { return };
        let mut letters = [0; LONGEST];
        let word = lowered(first.trim_end_matches(';'), &mut letters);
        match word {
            "create" => {
                let mut kind = words.next().unwrap_or("").to_ascii_lowercase();
                if matches!(kind.as_str(), "temp" | "temporary" | "local") {
                    return;
                }
                self.creates = true;
                if matches!(kind.as_str(), "unlogged" | "foreign") {
                    kind = words.next().unwrap_or("").to_ascii_lowercase();
                }
                if kind == "table" {
                    self.made.extend(table(words));
                }
            }
            "alter" => {
                self.creates = true;
                if words.next().is_some_and(|kind| kind.eq_ignore_ascii_case("table")) {
                    self.used.extend(table(words));
                }
            }
            "comment" | "grant" | "revoke" | "do" => self.creates = true,
            "drop" => self.drops = true,
            "select" | "insert" | "update" | "delete" | "with" | "merge" | "values" => self.asks = true,
            "/*" => self.named |= line.contains("@name "),
            _ => {}
        }
    }

    /// The table that a foreign key in this line points at.
    fn references(&mut self, line: &str) {
        if let Some(behind) = behind_references(line.as_bytes()) {
            self.used.extend(name(line[behind..].trim_start()));
        }
    }
}

/// No word that tells something is longer.
const LONGEST: usize = 8;

/// The word in small letters, written into the room: each line of a file has one to look at.
fn lowered<'r>(word: &str, room: &'r mut [u8; LONGEST]) -> &'r str {
    let room = &mut room[..word.len()];
    room.copy_from_slice(word.as_bytes());
    room.make_ascii_lowercase();
    std::str::from_utf8(room).expect("small letters of a text are a text")
}

const REFERENCES: &[u8; 11] = b"references ";

/// How far the word may move when this byte stands under its end, whatever else is there (Horspool).
const STEPS: [u8; 256] = {
    let mut steps = [REFERENCES.len() as u8; 256];
    let mut at = 0;
    while at + 1 < REFERENCES.len() {
        let left = (REFERENCES.len() - 1 - at) as u8;
        steps[REFERENCES[at] as usize] = left;
        steps[REFERENCES[at].to_ascii_uppercase() as usize] = left;
        at += 1;
    }
    steps
};

/// Where the word and the space behind it end, the first time they stand in the line.
fn behind_references(line: &[u8]) -> Option<usize> {
    let mut end = REFERENCES.len();
    loop {
        let last = *line.get(end - 1)?;
        if last == b' ' && line[end - REFERENCES.len()..end].eq_ignore_ascii_case(REFERENCES) {
            return Some(end);
        }
        end += usize::from(STEPS[usize::from(last)]);
    }
}

/// The name after `TABLE`, past `IF NOT EXISTS` and `ONLY`.
fn table<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    const FILLERS: [&str; 4] = ["if", "not", "exists", "only"];
    let mut words = words.skip_while(|word| FILLERS.iter().any(|filler| word.eq_ignore_ascii_case(filler)));
    name(words.next()?)
}

/// A name as it can be compared: without quotes, without `public`, in small letters.
fn name(text: &str) -> Option<String> {
    let end = text.find(|letter: char| letter.is_whitespace() || "(),;".contains(letter)).unwrap_or(text.len());
    let name = text[..end].replace('"', "").to_lowercase();
    let name = name.strip_prefix("public.").unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The name in `-- name: GetUser :one` (sqlc), `-- :name get-user :? :1` (HugSQL) and `-- name: get-user` (yesql).
pub(crate) fn query_name(line: &str) -> Option<&str> {
    let comment = line.trim_start().strip_prefix("--")?.trim_start();
    let rest = comment.strip_prefix("name:").or_else(|| comment.strip_prefix(":name "))?;
    let word = rest.split_ascii_whitespace().next()?;
    Some(word.trim_end_matches(['!', '^', '$', '*', '#', '<']))
}

/// Whether a text holds what EXPLAIN prints.
pub(super) fn is_query_plan(text: &str) -> bool {
    const MARKS: [&str; 4] = ["(cost=", "(actual ", "Node Type:", "<Node-Type>"];
    MARKS.iter().any(|mark| text.contains(mark))
}

pub(super) enum Json {
    QueryPlan,
    Stats,
}

/// What a JSON file is, when it is one that we read. A broken one goes by its name.
pub(super) fn json(path: &str, text: &str) -> Option<Json> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let has = |key: &str| text.contains(key);
    if has("\"Plan\"") && has("\"Node Type\"") || name.contains("explain") || name.ends_with("plan.json") {
        Some(Json::QueryPlan)
    } else if (has("\"tables\"") || has("\"indexes\"")) && (has("\"rows\"") || has("\"scans\"") || has("\"bytes\""))
        || name == "stats.json"
    {
        Some(Json::Stats)
    } else {
        None
    }
}
