//! Comments that say what a thing was called before: `-- palladio: was orders.customer`.

use std::ops::Range;

use model::FileId;
use model::reading::Former;

use crate::suppress::{place, spoken_of};

/// Every such comment of a file. `statements` are the ranges of its statements, in order.
pub(crate) fn formers(file: FileId, text: &str, statements: &[Range<usize>]) -> Vec<Former> {
    let mut found = Vec::new();
    if !text.contains("palladio") {
        return found;
    }
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let Some((at, old)) = line.match_indices("--").find_map(|(at, _)| Some((at, former(line[at..].trim_end())?)))
        else {
            continue;
        };
        let comment = start + at..start + line.trim_end().len();
        let about = spoken_of(text, start, &comment, statements);
        found.push(Former { place: place(file, comment), about: place(file, about), old: old.to_owned() });
    }
    found
}

fn former(comment: &str) -> Option<&str> {
    let words = comment.trim_start_matches('-').trim_start().strip_prefix("palladio:")?.trim_start();
    let old = words.strip_prefix("was")?.strip_prefix([' ', '\t'])?.trim();
    (!old.is_empty()).then_some(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_a_column_say_what_they_were() {
        let text =
            "-- palladio: was orders\nCREATE TABLE purchases (\n  id int,\n  name text -- palladio: was customer\n);\n";
        let start = text.find("CREATE").expect("a statement");
        let statement = start..text.find(';').expect("an end") + 1;
        let found = formers(FileId(0), text, &[statement]);
        let shown: Vec<_> = found
            .iter()
            .map(|one| (one.old.as_str(), text[one.about.start as usize..one.about.end as usize].trim()))
            .collect();
        assert_eq!(shown[0].0, "orders");
        assert!(shown[0].1.starts_with("CREATE TABLE"));
        assert_eq!(shown[1], ("customer", "name text -- palladio: was customer"));
    }
}
