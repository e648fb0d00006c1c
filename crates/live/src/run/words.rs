//! The words of a statement, as far as it must be known what kind it is and what it names.

/// The words in order. What stands in quotes is part of its word; signs that belong to no name are left out.
pub(super) fn words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in statement.chars() {
        let inside = quoted || character.is_alphanumeric() || matches!(character, '_' | '.' | '$' | '"');
        if character == '"' {
            quoted = !quoted;
        }
        if inside {
            word.push(character);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// What follows these words at the beginning of the statement. `[x y]` may stand there or not.
pub(super) fn after<'a>(words: &'a [String], start: &[&str]) -> Option<&'a [String]> {
    let same = |(word, wanted): (&String, &&str)| word.eq_ignore_ascii_case(wanted);
    let long_enough = words.len() > start.len();
    (long_enough && words.iter().zip(start).all(same)).then(|| &words[start.len()..])
}

/// The index that `DROP INDEX CONCURRENTLY` drops.
pub(super) fn dropped_index(statement: &str) -> Option<String> {
    let words = words(statement);
    let rest = after(&words, &["drop", "index", "concurrently"])?;
    after(rest, &["if", "exists"]).unwrap_or(rest).first().cloned()
}

/// The parent and the partition of `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`.
pub(super) fn detached(statement: &str) -> Option<(String, String)> {
    let words = words(statement);
    let rest = after(&words, &["alter", "table"])?;
    let rest = after(rest, &["if", "exists"]).unwrap_or(rest);
    let (parent, rest) = rest.split_first()?;
    match after(rest, &["detach", "partition"])? {
        [partition, how] if how.eq_ignore_ascii_case("concurrently") => Some((parent.clone(), partition.clone())),
        _ => None,
    }
}

/// Whether the statement works beside others: what it waits for keeps no reader and no writer from their work.
pub(super) fn is_concurrent(statement: &str) -> bool {
    words(statement).iter().any(|word| word.eq_ignore_ascii_case("concurrently"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_statements() {
        assert_eq!(dropped_index("DROP INDEX CONCURRENTLY a_b"), Some("a_b".to_owned()));
        assert_eq!(dropped_index("drop index concurrently if exists s.\"a b\";"), Some("s.\"a b\"".to_owned()),);
        assert_eq!(dropped_index("DROP INDEX a_b"), None);
        assert_eq!(
            detached("ALTER TABLE events DETACH PARTITION s.\"old ones\" CONCURRENTLY"),
            Some(("events".to_owned(), "s.\"old ones\"".to_owned())),
        );
        assert_eq!(detached("ALTER TABLE events DETACH PARTITION e1"), None);
        assert!(is_concurrent("CREATE INDEX CONCURRENTLY ON a (b)"));
        assert!(!is_concurrent("CREATE INDEX \"CONCURRENTLY x\" ON a (b)"));
    }
}
