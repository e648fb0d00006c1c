//! The small words that every statement is made of: lists, options, roles, literals.

use model::name::{literal, quoted};
use model::object::{Options, Persistence};
use model::{Name, QName};

/// How far the parts of an object are set in.
pub(super) const INDENT: &str = "    ";

/// A list that is longer than this goes one item to a line.
const WIDTH: usize = 100;

/// Identifiers, separated by commas.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    names.into_iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// Qualified names, separated by commas.
pub(super) fn qnames<'a>(names: impl IntoIterator<Item = &'a QName>) -> String {
    names.into_iter().map(QName::to_string).collect::<Vec<_>>().join(", ")
}

/// Items in parentheses: on one line when they fit behind `head`, else one to a line.
pub(super) fn list(head: &str, items: &[String]) -> String {
    let line = format!("{head} ({})", items.join(", "));
    if line.len() <= WIDTH && !line.contains('\n') { line } else { block(head, items) }
}

/// Items in parentheses, one to a line.
pub(super) fn block(head: &str, items: &[String]) -> String {
    if items.is_empty() {
        return format!("{head} ()");
    }
    format!("{head} (\n{INDENT}{}\n)", items.join(&format!(",\n{INDENT}")))
}

/// `WITH (fillfactor = 70)` and its like, with a space before it; nothing when there are no options.
pub(super) fn with(options: &Options) -> String {
    if options.is_empty() { String::new() } else { format!(" WITH ({})", parameters(options)) }
}

/// Storage parameters: `fillfactor = 70, toast.autovacuum_enabled = false`.
pub(super) fn parameters(options: &Options) -> String {
    options.iter().map(|(name, value)| parameter(name, value)).collect::<Vec<_>>().join(", ")
}

pub(super) fn parameter(name: &str, value: &str) -> String {
    let name = name.split('.').map(quoted).collect::<Vec<_>>().join(".");
    if value.is_empty() { name } else { format!("{name} = {}", value_of(value)) }
}

/// The value of a parameter: numbers and plain words bare, everything else as a string.
fn value_of(value: &str) -> String {
    let word = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let number = value.parse::<f64>().is_ok();
    let bare = number || (word && !value.starts_with(|first: char| first.is_ascii_digit()));
    if bare && !value.is_empty() { value.to_owned() } else { literal(value) }
}

/// The options of a foreign table, server or column: `OPTIONS (name 'value')`, with a space before it.
pub(super) fn foreign_options(options: &Options) -> String {
    if options.is_empty() {
        return String::new();
    }
    let options: Vec<String> =
        options.iter().map(|(name, value)| format!("{} {}", quoted(name), literal(value))).collect();
    format!(" OPTIONS ({})", options.join(", "))
}

/// A role where SQL allows also `CURRENT_USER` and its like, which the model keeps in capitals.
pub(super) fn role(name: &str) -> String {
    if is_role_keyword(name) { name.to_owned() } else { quoted(name).into_owned() }
}

/// Roles that SQL names by a key word: they are nobody's name.
pub(super) fn is_role_keyword(name: &str) -> bool {
    matches!(name, "CURRENT_USER" | "SESSION_USER" | "CURRENT_ROLE" | "PUBLIC" | "public")
}

pub(super) fn tablespace(tablespace: Option<&Name>) -> String {
    tablespace.map(|name| format!(" TABLESPACE {}", quoted(name))).unwrap_or_default()
}

/// The word before TABLE, SEQUENCE or VIEW, with a space behind it.
pub(super) fn persistence(persistence: Persistence) -> &'static str {
    match persistence {
        Persistence::Permanent => "",
        Persistence::Unlogged => "UNLOGGED ",
        Persistence::Temporary => "TEMPORARY ",
    }
}

/// The name that a CREATE statement gives: temporary objects choose their schema themselves.
pub(super) fn created(name: &QName, persistence: Persistence) -> String {
    if persistence == Persistence::Temporary { quoted(&name.name).into_owned() } else { name.to_string() }
}

/// The body of a routine between dollar quotes that do not occur in it, byte for byte.
pub(super) fn dollar_quoted(body: &str) -> String {
    // The dollar behind the body belongs to the closing quote and must not complete another one inside.
    let closed = format!("{body}$");
    let numbered = (1..).map(|number| format!("$body{number}$"));
    let mut quotes = ["$$".to_owned(), "$body$".to_owned()].into_iter().chain(numbered);
    let quote = quotes.find(|quote| !closed.contains(quote.as_str())).expect("a text holds finitely many quotes");
    format!("{quote}{body}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_never_closes_its_own_quote() {
        for (body, sql) in [
            ("BEGIN END", "$$BEGIN END$$"),
            ("EXECUTE $$x$$", "$body$EXECUTE $$x$$$body$"),
            ("costs 5$", "$body$costs 5$$body$"),
            ("$$ $body", "$body1$$$ $body$body1$"),
        ] {
            assert_eq!(dollar_quoted(body), sql);
        }
    }

    #[test]
    fn option_values_are_bare_where_they_can_be() {
        for (value, sql) in [("70", "x = 70"), ("0.05", "x = 0.05"), ("off", "x = off"), ("a, b", "x = 'a, b'")] {
            assert_eq!(parameter("x", value), sql);
        }
        assert_eq!(parameter("toast.autovacuum_enabled", "false"), "toast.autovacuum_enabled = false");
    }
}
