//! The words of DBML: names, strings, code and settings.

use model::Type;

/// A name: bare where the parser takes it for nothing else.
pub(super) fn word(name: &str) -> String {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !is_keyword(name) { name.to_string() } else { quoted(name) }
}

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 13] = [
        "checks",
        "enum",
        "false",
        "indexes",
        "not",
        "note",
        "null",
        "project",
        "records",
        "ref",
        "table",
        "tablegroup",
        "true",
    ];
    KEYWORDS.contains(&name.to_ascii_lowercase().as_str())
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", escaped(name, '"'))
}

pub(super) fn string(text: &str) -> String {
    format!("'{}'", escaped(text, '\''))
}

fn escaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => {}
            '\t' => out.push_str("\\t"),
            c if c == quote || c == '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// An expression. There is no way to write a backtick inside one.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace(['\n', '\r'], " "))
}

/// The type as one word, so that `varchar(20)` and the name of an enum stay what they are.
pub(super) fn ty(ty: &Type) -> String {
    if let Some(name) = ty.user_defined() {
        let brackets = ty.to_string();
        let brackets = &brackets[brackets.trim_end_matches("[]").len()..];
        let modifiers = match ty.element() {
            Type::Named(named) if !named.modifiers.is_empty() => format!("({})", named.modifiers.join(",")),
            _ => String::new(),
        };
        let last = word(&format!("{}{modifiers}{brackets}", name.name));
        return if name.schema == model::name::PUBLIC || name.schema.is_empty() {
            last
        } else {
            format!("{}.{last}", word(&name.schema))
        };
    }
    let text = ty.to_string();
    let (name, size) = text.split_once('(').unwrap_or((&text, ""));
    let is_size = size.is_empty()
        || size.strip_suffix(')').is_some_and(|size| size.bytes().all(|b| b.is_ascii_digit() || b == b','));
    if is_size && word(name) == name { text } else { quoted(&text) }
}

/// `[pk, not null]`, with the space before it.
pub(super) fn settings(said: &[String]) -> String {
    if said.is_empty() { String::new() } else { format!(" [{}]", said.join(", ")) }
}

/// Lines that the parser would refuse, kept for the reader with the reason.
pub(super) fn commented(block: &str, reason: &str) -> String {
    let lines: String = block.lines().map(|line| format!("// {line}\n")).collect();
    format!("// {reason}:\n{lines}")
}
