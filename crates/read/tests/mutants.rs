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
                Some("sql" | "rs") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    let texts = files.iter().map(|file| {
        let text = std::fs::read_to_string(file).expect("the project's files are UTF-8");
        if file.extension().is_some_and(|extension| extension == "rs") { examples(&text) } else { text }
    });
    texts.flat_map(|text| text.split_inclusive(';').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The SQL on the pages of rules.
fn examples(source: &str) -> String {
    let lines = source.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    let mut is_sql = false;
    let mut found = String::new();
    for line in lines.map(|line| line.strip_prefix(' ').unwrap_or(line)) {
        match line.strip_prefix("```") {
            Some(kind) => is_sql = kind.starts_with("sql"),
            None if is_sql => found.extend([line, "\n"]),
            None => {}
        }
    }
    found
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

/// A short history is read statement by statement; a long one is read ahead by others, as far as that can be done.
#[test]
fn what_is_read_ahead_is_what_is_read_in_its_turn() {
    let seeds = seeds();
    let mut random = Random(20_261_128);
    let options = Options { version: Version(17, 0), unreleased: None };
    let long = format!("-- {}\n", "long ".repeat(4000));
    let reading = |text: &str, last: &str| {
        let inputs = vec![read::Input::new("m/1_a.sql", text), read::Input::new("m/2_b.sql", last)];
        let reading = read::read(inputs, &options);
        let places: Vec<_> = reading.places.iter().collect();
        let steps: Vec<_> = reading.migrations.iter().flat_map(|migration| &migration.steps).collect();
        let (schema, problems, queries) = (&reading.schema, &reading.problems, &reading.queries);
        format!("{steps:#?}\n{schema:#?}\n{problems:#?}\n{queries:#?}\n{places:#?}")
    };
    for round in 0..500 {
        // Every other statement is whole, so that most of them meet what they speak of.
        let statement = |number: usize, random: &mut Random| match number % 2 {
            0 => seeds[random.below(seeds.len())].clone(),
            _ => mutant(&seeds, random),
        };
        let start = random.below(seeds.len());
        let neighbours = seeds[start..].iter().take(8).cloned();
        let others: Vec<String> = (0..4).map(|number| statement(number, &mut random)).collect();
        let text: String = neighbours.chain(others).collect::<Vec<_>>().join("\n;\n");
        if text.len() < 10_000 {
            let (ahead, in_turn) = (reading(&text, &long), reading(&text, "--\n"));
            let line = ahead.lines().zip(in_turn.lines()).find(|(one, other)| one != other);
            assert!(ahead == in_turn, "round {round}: {line:?}\n{text}");
        }
    }
}
