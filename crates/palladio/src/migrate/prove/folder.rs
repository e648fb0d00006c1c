//! `migrate prove FOLDER`: migrations that somebody wrote.

use std::path::Path;

use live::prove::history::{self, Script};
use live::sample::Ahead;
use model::dialect::Version;
use model::proven::Proven;
use model::{Migration, Reading, Schema};

use super::{Private, differences};
use crate::migrate::run::folder::{pieces, read};
use crate::{Failure, files};

/// Which migrations of a folder are proven; those before them are only run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    All,
    Last,
    /// Its version or its name, and all behind it.
    From(&'a str),
}

pub fn folder(base: &Path, source: &Path, which: Which<'_>, rows: u32, version: Version) -> Result<Proven, Failure> {
    let (reading, _) = read(base, source, version)?;
    let ups: Vec<&Migration> = reading.migrations.iter().filter(|migration| !migration.down).collect();
    let first = match which {
        Which::All => 0,
        Which::Last => ups.len().saturating_sub(1),
        Which::From(word) => ups.iter().position(|up| is_called(&up.name, word)).ok_or_else(|| {
            let names = ups.iter().map(|up| up.name.as_str());
            let failure = Failure::new(format!("no migration of {} is called {word}", files::shown(source)));
            match crate::nearest::nearest(word, names) {
                Some(near) => failure.hint(format!("Did you mean --from {near}?")),
                None => failure.hint(format!("The last one is {}", ups.last().map_or("", |up| up.name.as_str()))),
            }
        })?,
    };
    let mut stage = Private::start(version.0)?;
    let ahead = ahead(&reading, &ups, first);
    let scripts = scripts(&reading, &ups, &ahead, first);
    let proven = history::prove(&scripts, first, rows, &mut stage, &differences(version));
    let mut proven = stage.explained(proven)?;
    proven.notes.extend(super::ahead::note(&proven.obeyed));
    proven.notes.extend(stage.note(version.0));
    Ok(proven)
}

/// By the whole name, or by the number that it begins with.
fn is_called(name: &str, word: &str) -> bool {
    let number = |text: &str| {
        let text = text.strip_prefix(['V', 'v']).unwrap_or(text);
        let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
        let digits = text[..end].trim_start_matches('0');
        (end > 0).then(|| (digits.to_owned(), end == text.len()))
    };
    if name == word {
        return true;
    }
    match (number(name), number(word)) {
        (Some((name, _)), Some((word, true))) => name == word,
        _ => false,
    }
}

/// The schema before each of them and after the last, with what is asked of its rows from the first that is proven on.
fn ahead(reading: &Reading, ups: &[&Migration], first: usize) -> Vec<Ahead> {
    // Of one without statements the schema is that of the next.
    let before = |index: usize| {
        let next = ups[index..].iter().find_map(|up| up.steps.first());
        next.map_or(&reading.schema, |step| &step.before)
    };
    let schemas: Vec<&Schema> = (first..=ups.len()).map(before).collect();
    (0..schemas.len()).map(|index| super::ahead::of(schemas[index], &schemas[index + 1..], &|_, _| true)).collect()
}

fn scripts<'a>(reading: &Reading, ups: &[&Migration], ahead: &'a [Ahead], first: usize) -> Vec<Script<'a>> {
    let file = |migration: &Migration| reading.sources.file(migration.place.file).path.to_string();
    let script = |(index, up): (usize, &&Migration)| {
        let down = reading.migrations.iter().find(|down| down.down && down.name == up.name);
        Script {
            name: up.name.to_string(),
            file: file(up),
            up: pieces(reading, up),
            down: down.map(|down| (file(down), pieces(reading, down))),
            // Those before the first are run on no rows, and need none.
            before: &ahead[index.saturating_sub(first)],
            after: &ahead[(index + 1).saturating_sub(first)],
        }
    };
    ups.iter().enumerate().map(script).collect()
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn a_migration_is_found_by_its_number() {
        for (name, word) in [
            ("20260311_orders", "20260311_orders"),
            ("20260311_orders", "20260311"),
            ("V12__add_orders", "12"),
            ("000007_orders", "7"),
        ] {
            assert!(is_called(name, word), "{name} {word}");
        }
        assert!(!is_called("V12__add_orders", "1") && !is_called("orders", "7") && !is_called("7_a", "7_b"));
    }
}
