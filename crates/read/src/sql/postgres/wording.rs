//! What the parser found wrong, in words that people use.

/// The parser's message about the place `at` of a statement's text.
pub(super) fn worded(message: &str, text: &str, at: usize) -> String {
    let found = word_at(text, at);
    if message.starts_with("expected command") {
        let words: Vec<&str> = text.split_whitespace().take(2).collect();
        return match at {
            0 => format!("no statement of PostgreSQL starts with {}", words.join(" ")),
            _ => format!("{found} is not expected here"),
        };
    }
    let message = message.split(", found ").next().and_then(|message| message.split(", got ").next());
    let words: Vec<&str> = message.unwrap_or("").split(' ').map(spoken).collect();
    let message = words.join(" ");
    match message.starts_with("expected") {
        true => format!("{message}, found {found}"),
        false => message,
    }
}

/// The parser's name of a token, as people would say it.
fn spoken(word: &str) -> &str {
    const NAMES: [(&str, &str); 16] = [
        ("COMMA", "a comma"),
        ("SEMICOLON", "a semicolon"),
        ("L_PAREN", "("),
        ("R_PAREN", ")"),
        ("L_BRACK", "["),
        ("R_BRACK", "]"),
        ("EQ", "="),
        ("DOT", "."),
        ("STAR", "*"),
        ("COLON", ":"),
        ("IDENT", "a name"),
        ("STRING", "a string"),
        ("INT_NUMBER", "a number"),
        ("expr", "an expression"),
        ("expression", "an expression"),
        ("numeric", "a number"),
    ];
    let known = NAMES.iter().find(|(name, _)| *name == word).map(|(_, spoken)| *spoken);
    known.unwrap_or(word.strip_suffix("_KW").unwrap_or(word))
}

/// The word or sign that stands there.
fn word_at(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or("").trim_start();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let end = match rest.chars().next() {
        None => return "the end of the statement",
        Some(first) if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
        Some(first) => first.len_utf8(),
    };
    &rest[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_was_found() {
        let check =
            |message: &str, text: &str, at: usize, expected: &str| assert_eq!(worded(message, text, at), expected);
        check("expected COMMA", "(b int c text)", 7, "expected a comma, found c");
        check("expected R_PAREN", "VALUES (1", 9, "expected ), found the end of the statement");
        check(
            "expected command, found DROP_KW",
            "DROP TABEL a",
            0,
            "no statement of PostgreSQL starts with DROP TABEL",
        );
        check("expected command, found INT_KW", "ADD b int int", 10, "int is not expected here");
        check("expected from item, got WHERE_KW", "FROM WHERE", 5, "expected from item, found WHERE");
        check("missing comma", "a b c", 4, "missing comma");
    }
}
