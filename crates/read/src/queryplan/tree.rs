//! What all formats have in common: fields with names, and lists. Names are as XML has them, because that is what can be
//! made of all others: `Sort-Key`, `I-O-Read-Time`.

use model::Place;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Nothing,
    Bool(bool),
    /// Numbers too, where a format does not tell them from text.
    Text(String),
    List(Vec<Value>),
    Map(Map),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Map {
    pub(super) entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A plan whose nodes stand in a row, each with the position of its parent.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) nodes: Vec<(Option<usize>, Map)>,
    /// What stands beside the nodes: times, triggers, settings.
    pub(super) whole: Map,
}

/// The name of a field as XML writes it.
pub(super) fn canonical(key: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || "_.".contains(letter) { letter } else { '-' };
    key.trim().chars().map(letter).collect()
}

impl Map {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(super) fn push(&mut self, key: &str, value: Value, place: Place) {
        self.entries.push(Entry { key: canonical(key), value, place });
    }

    pub(super) fn text(&mut self, key: &str, value: &str, place: Place) {
        self.push(key, Value::Text(value.to_owned()), place);
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }
}

impl Value {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        let number = self.as_text()?.trim().parse::<f64>().ok()?;
        number.is_finite().then_some(number)
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::Bool(value) => *value,
            Value::Text(text) => text == "true",
            _ => false,
        }
    }

    /// A list; one thing alone is a list of one.
    pub(super) fn items(&self) -> Vec<&Value> {
        match self {
            Value::List(items) => items.iter().collect(),
            Value::Nothing => Vec::new(),
            other => vec![other],
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whatever it is, in one line.
    pub(super) fn shown(&self) -> String {
        match self {
            Value::Nothing => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Text(text) => text.clone(),
            Value::List(items) => items.iter().map(Value::shown).collect::<Vec<_>>().join(", "),
            Value::Map(map) => {
                let named = map.get("Relation-Name").or_else(|| map.get("Alias"));
                named.map(Value::shown).unwrap_or_default()
            }
        }
    }
}
