//! The known word that somebody probably meant.

/// The nearest of the known words, when it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + word.chars().count() / 4;
    let distances = known.into_iter().map(|other| (distance(word, other), other));
    distances.min().filter(|(distance, _)| *distance <= allowed).map(|(_, other)| other)
}

/// How many letters must be added, taken away or changed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_only() {
        let known = ["select", "ignore", "fail-on"];
        for (word, expected) in [("selct", Some("select")), ("fail_on", Some("fail-on")), ("colour", None)] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
