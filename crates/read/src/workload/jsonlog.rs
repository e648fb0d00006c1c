//! `jsonlog` (PostgreSQL 15 and later): an object a line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde_json::Value;

use super::gather::Gather;
use super::lines::Lines;
use super::message::{Entry, Severity};
use super::stderr::time;

pub(super) fn read(reader: impl BufRead, most: usize, gather: &mut Gather) -> io::Result<()> {
    let mut lines = Lines::new(reader, most);
    let mut entry = Entry::default();
    let mut broken = false;
    while lines.next()? {
        let (line, number) = (lines.line(), lines.number);
        if lines.cut {
            gather.problem(number, format!("an entry of more than {} MB is left out", most >> 20));
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        let Some(object) = object(line) else {
            if !broken {
                gather.problem(number, "no entry of a jsonlog: it is no JSON object, or says not how serious it is");
            }
            broken = true;
            continue;
        };
        broken = false;
        let text = |key: &str| match object.get(key) {
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Some(Value::Number(number)) => Cow::Owned(number.to_string()),
            _ => Cow::Borrowed(""),
        };
        entry.clear();
        entry.line = number;
        entry.severity = Severity::of(&text("error_severity")).unwrap_or_default();
        entry.at = time(&text("timestamp"));
        entry.session.push_str(&text("session_id"));
        if entry.session.is_empty() {
            entry.session.push_str(&text("pid"));
        }
        entry.message.push_str(&text("message"));
        entry.detail.push_str(&text("detail"));
        entry.statement.push_str(&text("statement"));
        entry.tell(gather);
    }
    Ok(())
}

/// The object of a line, if it is one of a log.
pub(super) fn object(line: &str) -> Option<BTreeMap<String, Value>> {
    let object: BTreeMap<String, Value> = serde_json::from_str(line).ok()?;
    let is_severity = |value: &Value| value.as_str().is_some_and(|word| Severity::of(word).is_some());
    object.get("error_severity").is_some_and(is_severity).then_some(object)
}
