//! The keys of a value, as the operator classes of GIN take it apart (`jsonb_gin.c`, `ginarrayproc.c`, `tsginidx.c`,
//! `trgm_gin.c`). A key is told from others by a number, and has a width.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::super::super::file::By;

/// How wide an element of an array is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Width {
    Fixed(u32),
    Text,
    /// Of a numeric: four of them take two bytes.
    Digits,
}

/// Keys of one value, each once, with the bytes that it takes.
pub(super) type Keys = BTreeMap<u64, f64>;

pub(super) fn of(by: By, width: Width, text: &str) -> Keys {
    let mut keys = Keys::new();
    if by == By::Trigrams {
        trigrams(text, &mut keys);
        return keys;
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else { return keys };
    match by {
        By::Jsonb => document(&value, true, &mut keys),
        By::JsonbPaths => paths(&value, 0, &mut keys),
        By::Words => elements(&value, Width::Text, &mut keys),
        By::Elements | By::Trigrams => elements(&value, width, &mut keys),
    }
    keys
}

fn number(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A length of its own stands before it.
fn stored(bytes: usize) -> f64 {
    (bytes + if bytes < 127 { 1 } else { 4 }) as f64
}

fn elements(value: &Value, width: Width, keys: &mut Keys) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| elements(one, width, keys)),
        one => {
            let text = one.as_str().map_or_else(|| one.to_string(), str::to_owned);
            let bytes = match width {
                Width::Fixed(bytes) => f64::from(bytes),
                Width::Text => stored(text.len()),
                Width::Digits => 3.0 + 2.0 * (text.len() as f64 / 4.0).ceil(),
            };
            keys.insert(number(text), bytes);
        }
    }
}

/// `jsonb_ops`: each key, and each scalar. A string in an array counts as a key.
fn document(value: &Value, in_array: bool, keys: &mut Keys) {
    /// What is longer is hashed, to eight digits.
    const LONGEST: usize = 125;
    let mut add = |kind: char, text: &str| {
        let bytes = if text.len() > LONGEST { 8 } else { text.len() };
        keys.insert(number((kind, text)), stored(bytes + 1));
    };
    match value {
        Value::Null => add('z', ""),
        Value::Bool(is) => add('b', if *is { "t" } else { "f" }),
        Value::Number(own) => add('n', &own.to_string()),
        Value::String(text) => add(if in_array { 'k' } else { 's' }, text),
        Value::Array(all) => all.iter().for_each(|one| document(one, true, keys)),
        Value::Object(all) => {
            all.keys().for_each(|name| add('k', name));
            all.values().for_each(|one| document(one, false, keys));
        }
    }
}

/// `jsonb_path_ops`: a hash of each scalar with the keys that lead to it.
fn paths(value: &Value, above: u64, keys: &mut Keys) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| paths(one, above, keys)),
        Value::Object(all) => all.iter().for_each(|(name, one)| paths(one, number((above, name)), keys)),
        scalar => {
            keys.insert(number((above, scalar.to_string())), 4.0);
        }
    }
}

/// Three letters in turn of each word, which has two spaces before it and one behind.
fn trigrams(text: &str, keys: &mut Keys) {
    let lower = text.to_lowercase();
    for word in lower.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = "  ".chars().chain(word.chars()).chain([' ']).collect();
        for three in letters.windows(3) {
            keys.insert(number(three), 4.0);
        }
    }
}
