//! JSON, as EXPLAIN writes it, and as Python prints what it made of that: single quotes, `True`, `None`.
//!
//! What was understood before a text breaks off is kept.

use super::paste::Spots;
use super::tree::{Map, Value};

/// Deeper documents than any planner makes are cut off: two levels for a node.
const DEEPEST: usize = 2_000;

pub(super) struct Parsed {
    pub(super) value: Value,
    /// Where in the text the document ends.
    pub(super) end: usize,
    pub(super) error: Option<(usize, &'static str)>,
}

/// The document that starts here.
pub(super) fn parse(text: &str, at: usize, spots: &Spots) -> Parsed {
    let mut json = Json { text, at, depth: 0, spots, error: None };
    let value = json.value();
    Parsed { value, end: json.at.min(text.len()), error: json.error }
}

struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    spots: &'a Spots,
    error: Option<(usize, &'static str)>,
}

impl Json<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn fail<T>(&mut self, message: &'static str) -> Option<T> {
        self.error.get_or_insert((self.at, message));
        None
    }

    fn value(&mut self) -> Value {
        if self.depth > DEEPEST {
            self.fail::<()>("it is nested too deeply");
            return Value::Nothing;
        }
        self.depth += 1;
        let value = match self.peek() {
            Some(b'{') => self.map(),
            Some(b'[') => self.list(),
            Some(b'"' | b'\'') => self.string().map_or(Value::Nothing, Value::Text),
            Some(_) => self.word(),
            None => {
                self.fail::<()>("it breaks off");
                Value::Nothing
            }
        };
        self.depth -= 1;
        value
    }

    fn map(&mut self) -> Value {
        let mut map = Map::default();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'"' | b'\'') => {
                    let start = self.at;
                    let Some(key) = self.string() else { break };
                    if self.peek() != Some(b':') {
                        self.fail::<()>("a colon is missing");
                        break;
                    }
                    self.at += 1;
                    let value = self.value();
                    map.push(&key, value, self.spots.place(start, self.at));
                    if self.error.is_some() {
                        break;
                    }
                }
                Some(_) => {
                    self.fail::<()>("the name of a field is missing");
                    break;
                }
                None => {
                    self.fail::<()>("it breaks off");
                    break;
                }
            }
        }
        Value::Map(map)
    }

    fn list(&mut self) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    items.push(self.value());
                    if self.error.is_some() {
                        break;
                    }
                }
                None => {
                    self.fail::<()>("it breaks off");
                    break;
                }
            }
        }
        Value::List(items)
    }

    fn string(&mut self) -> Option<String> {
        let quote = char::from(*self.text.as_bytes().get(self.at)?);
        let mut out = String::new();
        let mut letters = self.text[self.at + 1..].char_indices();
        let start = self.at + 1;
        while let Some((at, letter)) = letters.next() {
            match letter {
                _ if letter == quote => {
                    self.at = start + at + 1;
                    return Some(out);
                }
                '\\' => match letters.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'b' => out.push('\u{8}'),
                    'f' => out.push('\u{c}'),
                    kind @ ('u' | 'x') => {
                        let digits = if kind == 'u' { 4 } else { 2 };
                        let code: String = letters.by_ref().take(digits).map(|(_, digit)| digit).collect();
                        let code = u32::from_str_radix(&code, 16).unwrap_or(0xfffd);
                        out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                    }
                    other => out.push(other),
                },
                other => out.push(other),
            }
        }
        self.at = self.text.len();
        self.fail("a string has no end")
    }

    fn word(&mut self) -> Value {
        let rest = &self.text[self.at..];
        let length = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"+-._".contains(letter));
        let word = &rest[..length.unwrap_or(rest.len())];
        if word.is_empty() {
            self.fail::<()>("a value is missing");
            return Value::Nothing;
        }
        let value = match word {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" => Value::Nothing,
            _ if word.parse::<f64>().is_ok() => Value::Text(word.to_owned()),
            _ => {
                self.fail::<()>("a value is missing");
                Value::Nothing
            }
        };
        if self.error.is_none() {
            self.at += word.len();
        }
        value
    }
}
