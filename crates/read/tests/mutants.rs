//! Whatever the text, reading it ends and does not panic: 100,000 statements with their tokens torn about.

use std::io::Cursor;

use model::dialect::Version;
use read::Options;

/// Statements of every kind, from the files that this project owns.
fn seeds() -> Vec<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut files = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(root).join("examples"), format!("{root}/crates").into()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the project's folders can be read").flatten() {
            let path = entry.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() && !path.ends_with("target") => folders.push(path),
                Some("sql") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("the project's SQL is UTF-8"));
    texts.flat_map(|text| text.split_inclusive(';').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A small generator (SplitMix64): the same mutants in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) % bound.max(1) as u64) as usize
    }
}

/// Words, numbers and single signs, spaces kept apart.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| (first.is_alphanumeric() || first == '_') && (c.is_alphanumeric() || c == '_');
        let end = rest.char_indices().skip(1).find(|(_, c)| !same(*c)).map_or(rest.len(), |(at, _)| at);
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    found
}

fn mutant(seeds: &[String], random: &mut Random) -> String {
    const STRANGERS: [&str; 16] =
        ["(", ")", "'", "\"", "$$", ";", ",", "NULL", "SELECT", "--", "/*", "\0", "é", "[", "::", "."];
    let seed = &seeds[random.below(seeds.len())];
    let other = &seeds[random.below(seeds.len())];
    let (mut words, others) = (tokens(seed), tokens(other));
    for _ in 0..=random.below(4) {
        let at = random.below(words.len());
        match random.below(6) {
            0 if !words.is_empty() => drop(words.remove(at)),
            1 if !words.is_empty() => words.insert(at, words[at]),
            2 if words.len() > 1 => words.swap(at, random.below(seed.len()) % seed.len().min(2)),
            3 => words.insert(at, STRANGERS[random.below(STRANGERS.len())]),
            4 if !others.is_empty() => words.insert(at, others[random.below(others.len())]),
            _ => words.truncate(at),
        }
    }
    words.concat()
}

#[test]
fn mutated_statements_are_read_without_a_panic() {
    let seeds = seeds();
    assert!(seeds.len() > 100, "the project's own SQL is the seed");
    let mut random = Random(20_261_121);
    let options = Options { version: Version(17, 0), unreleased: None };
    // A hundred to a file, so that later mutants meet the objects that earlier ones made.
    for round in 0..1000 {
        let mutants: Vec<String> = (0..100).map(|_| mutant(&seeds, &mut random)).collect();
        let text = mutants.join("\n;\n");
        let loaded = read::load::load("mutants.sql", Cursor::new(text.as_bytes())).expect("memory can be read");
        let reading = read::read(vec![loaded], &options);
        assert!(reading.coverage.understood <= reading.coverage.statements, "round {round}");
    }
}
