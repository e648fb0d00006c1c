//! Comments that silence rules: `-- palladio: ignore[rule, rule] reason`, `ignore-file`, and squawk's own.

use std::ops::Range;

use model::reading::{Scope, Suppression};
use model::{FileId, Name, Place};

/// Every such comment of a file. `statements` are the ranges of its statements, in order.
pub(crate) fn suppressions(file: FileId, text: &str, statements: &[Range<usize>]) -> Vec<Suppression> {
    let mut found = Vec::new();
    if !text.contains("palladio") && !text.contains("squawk-ignore") {
        return found;
    }
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        for (at, _) in line.match_indices("--") {
            let Some(Directive { whole_file, rules, reason }) = directive(line[at..].trim_end()) else { continue };
            let comment = start + at..start + line.trim_end().len();
            let scope = match whole_file {
                true => Scope::File,
                false => Scope::Range(place(file, spoken_of(text, start, &comment, statements))),
            };
            found.push(Suppression { place: place(file, comment), rules, reason, scope });
            break;
        }
    }
    found
}

struct Directive {
    whole_file: bool,
    rules: Vec<Name>,
    reason: String,
}

fn directive(comment: &str) -> Option<Directive> {
    let words = comment.trim_start_matches('-').trim_start();
    ours(words).or_else(|| squawk(words))
}

/// `palladio: ignore[rule, rule] reason`; without the brackets every rule is meant.
fn ours(words: &str) -> Option<Directive> {
    let words = words.strip_prefix("palladio:")?.trim_start().strip_prefix("ignore")?;
    let (whole_file, words) = match words.strip_prefix("-file") {
        Some(rest) => (true, rest),
        None => (false, words),
    };
    if !(words.is_empty() || words.starts_with([' ', '\t', '['])) {
        return None;
    }
    let (rules, reason) = match words.trim_start().strip_prefix('[').and_then(|list| list.split_once(']')) {
        Some((list, reason)) => (names(list), reason),
        None => (Vec::new(), words),
    };
    Some(Directive { whole_file, rules, reason: reason.trim().to_owned() })
}

/// `squawk-ignore rule, rule` and `squawk-ignore-file rule`, as people write them already.
fn squawk(words: &str) -> Option<Directive> {
    let words = words.strip_prefix("squawk-ignore")?;
    let (whole_file, words) = match words.strip_prefix("-file") {
        Some(rest) => (true, rest),
        None => (false, words),
    };
    if !(words.is_empty() || words.starts_with([' ', '\t', ':'])) {
        return None;
    }
    Some(Directive { whole_file, rules: names(words.trim_start_matches(':')), reason: String::new() })
}

fn names(list: &str) -> Vec<Name> {
    list.split([',', ' ', '\t']).filter(|name| !name.is_empty()).map(Name::new).collect()
}

/// What the comment speaks of. Outside a statement it is the next one, or the one that ends on its line; inside, its
/// line if that says something, else the next that does.
pub(crate) fn spoken_of(
    text: &str,
    line_start: usize,
    comment: &Range<usize>,
    statements: &[Range<usize>],
) -> Range<usize> {
    let before = statements.partition_point(|statement| statement.start <= comment.start);
    let around = before.checked_sub(1).map(|index| &statements[index]);
    let says_something = !text[line_start..comment.start].trim().is_empty();
    match around {
        Some(statement) if comment.start < statement.end => {
            let clause = if says_something { line_start..comment.end } else { next_line(text, comment.end) };
            clause.start.max(statement.start)..clause.end.min(statement.end)
        }
        Some(statement) if says_something && statement.end > line_start => statement.clone(),
        _ => statements.get(before).cloned().unwrap_or(comment.clone()),
    }
}

/// The next line that is neither empty nor a comment.
fn next_line(text: &str, from: usize) -> Range<usize> {
    let mut offset = from;
    for line in text[from..].split_inclusive('\n') {
        let range = offset..offset + line.len();
        offset = range.end;
        let words = line.trim();
        if !words.is_empty() && !words.starts_with("--") {
            return range;
        }
    }
    from..text.len()
}

pub(crate) fn place(file: FileId, range: Range<usize>) -> Place {
    Place::new(file, range.start as u32, range.end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each comment's rules and reason, and the text that it silences. Statements end at each `;`.
    fn check(text: &str, expected: &str) {
        let mut statements = Vec::new();
        let mut start = 0;
        for (end, _) in text.match_indices(';') {
            let words = text[start..=end].lines().skip_while(|line| line.trim().is_empty() || line.starts_with("--"));
            let first = words.clone().next().unwrap_or("");
            let at = start + text[start..].find(first).unwrap();
            let at = at + text[at..].len() - text[at..].trim_start().len();
            statements.push(at..end + 1);
            start = end + 1;
        }
        let mut found = String::new();
        for suppression in suppressions(FileId(0), text, &statements) {
            let scope = match suppression.scope {
                Scope::File => "the file".to_owned(),
                Scope::Range(place) => format!("{:?}", &text[place.start as usize..place.end as usize].trim()),
            };
            found += &format!("{} ({}): {scope}\n", suppression.rules.join(" "), suppression.reason);
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn before_a_statement() {
        check(
            "-- palladio: ignore[M012, unsafe-x] small table\nCREATE INDEX i ON t (a);\nSELECT 1;\n",
            "M012 unsafe-x (small table): \"CREATE INDEX i ON t (a);\"\n",
        );
    }

    #[test]
    fn behind_a_statement() {
        check("SELECT 1;\nDROP TABLE t; -- palladio: ignore because\n", " (because): \"DROP TABLE t;\"\n");
    }

    #[test]
    fn inside_a_statement() {
        check(
            "CREATE TABLE t (\n  -- palladio: ignore[T001] local time\n  at timestamp,\n  b text -- palladio: ignore\n);\n",
            "T001 (local time): \"at timestamp,\"\n (): \"b text -- palladio: ignore\"\n",
        );
    }

    #[test]
    fn a_whole_file() {
        check("-- palladio: ignore-file[M012]\nSELECT 1;\n", "M012 (): the file\n");
        check("-- squawk-ignore-file prefer-big-int\nSELECT 1;\n", "prefer-big-int (): the file\n");
    }

    #[test]
    fn as_squawk_writes_it() {
        check("-- squawk-ignore ban-drop-column, other\nSELECT 1;\n", "ban-drop-column other (): \"SELECT 1;\"\n");
    }

    #[test]
    fn other_comments_are_left_alone() {
        check("-- palladio: ignored\n-- palladio is a goddess\nSELECT '--palladio';\n", "");
    }
}
