//! Names in the order that people mean: the numbers in them compare as numbers.

/// A name cut into numbers and what stands between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chunk {
    /// Digits without leading zeros, the count first, so that any length compares.
    Number(usize, String),
    Text(String),
}

pub(super) fn natural(name: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let number = first.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != number).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(end);
        chunks.push(if number { digits(chunk) } else { Chunk::Text(chunk.to_owned()) });
        rest = after;
    }
    chunks
}

fn digits(chunk: &str) -> Chunk {
    let digits = chunk.trim_start_matches('0');
    Chunk::Number(digits.len(), digits.to_owned())
}

/// The numbers of a version, `1_2` and `1.2.0` alike: trailing zeros say nothing.
pub(super) fn numbers(version: &str) -> Vec<Chunk> {
    let mut numbers: Vec<Chunk> = version.split(['.', '_']).map(digits).collect();
    while numbers.len() > 1 && numbers.last() == Some(&digits("0")) {
        numbers.pop();
    }
    numbers
}

/// The digits that the name starts with, and what follows them.
pub(super) fn leading_digits(name: &str) -> Option<(&str, &str)> {
    let end = name.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(name.len());
    (end > 0).then(|| name.split_at(end))
}

/// `14`, `v1.0`, `V2_3`: a version and nothing else.
pub(super) fn is_version(name: &str) -> bool {
    let numbers = name.strip_prefix(['v', 'V']).unwrap_or(name);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split(['.', '_']).all(digits)
}

/// A number or time at the start, set off from the words: `0001_x`, `2024-01-02-x`, `1.2.3_x`, `7`.
pub(super) fn is_numbered(stem: &str) -> bool {
    leading_digits(stem).is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(['_', '-', '.', ' ', 'T']))
}
