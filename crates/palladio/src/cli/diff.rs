//! `diff` on the command line: two sources, the questions about renames, and the changes.

use std::io::{self, BufRead, IsTerminal};

use model::dialect::Version;
use read::Options;
use report::differences;

use super::args::{DiffArgs, DiffFormat};
use super::output::{Output, remark};
use super::progress::Progress;
use super::{End, World};
use crate::diff::{self, Asked, Side, Sides};
use crate::sources::{self, Request};
use crate::{Failure, database, inspection};

pub(super) fn diff(world: &World, args: &DiffArgs) -> Result<End, Failure> {
    let asked = Asked { renames: args.renames.clone(), drops: args.drops.clone(), fills: Vec::new() };
    let sides = compared(world, [&args.before, &args.after], &asked, args.pg_version)?;
    let found = sides.diff();
    let changes = sides.differences(&found);
    let text = match args.format {
        DiffFormat::Sql => differences::sql(&changes, found.makes_routines()),
        DiffFormat::Json => differences::json(&changes, &found.left),
        DiffFormat::Markdown => differences::markdown(&changes, &found.left),
    };
    let mut output = Output::to(args.output.as_deref());
    output.print(&text)?;
    output.finish()?;
    if found.is_empty() {
        return Ok(End::Clean);
    }
    if !found.left.is_empty() && args.format == DiffFormat::Sql {
        let left: Vec<String> =
            found.left.iter().map(|path| format!("{} {path}", path.kind.sql().to_lowercase())).collect();
        return Err(Failure::new(format!("no ALTER leads there: {}", left.join(", ")))
            .hint("A table is made beside the old one, and its rows are moved: palladio migrate plan A B"));
    }
    Ok(if args.exit_zero { End::Clean } else { End::Findings })
}

/// Reads both sources, asks what has to be asked, and says what has to be said.
pub(super) fn compared(
    world: &World,
    words: [&String; 2],
    asked: &Asked,
    pg_version: Option<u16>,
) -> Result<Sides, Failure> {
    let progress = Progress::start(world.global.quiet, "reading both sides".to_owned());
    let [before, after] = words.map(|word| side(world, word, pg_version));
    let (before, after) = (before?, after?);
    let servers = after.database.or(before.database);
    let loaded = world.load(&words.map(String::clone))?;
    let version = pg_version.map(|major| Version(major, 0)).or(servers).unwrap_or(Version(loaded.config.pg_version, 0));
    progress.now("comparing".to_owned());
    let mut sides = diff::sides(before, after, asked, version)?;
    drop(progress);
    let questions = sides.questions(asked);
    if !questions.is_empty() {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Err(diff::unanswered(&questions));
        }
        for question in questions {
            if ask(&format!("Is {} now called {}? Otherwise it is dropped. [y/n] ", question.old, question.new))? {
                sides.answer(question.rename);
            }
        }
    }
    let lost = sides.lost(asked);
    if !lost.is_empty() {
        return Err(diff::unmapped(&lost));
    }
    if !world.global.quiet {
        for reading in sides.readings.iter().filter(|reading| !reading.problems.is_empty()) {
            remark(&report::reading_summary(reading, false));
        }
        sides.remarks.iter().for_each(|said| remark(&format!("{said}\n")));
    }
    Ok(sides)
}

pub(super) fn side(world: &World, word: &String, pg_version: Option<u16>) -> Result<Side, Failure> {
    if let Some(db) = database::of_source(word) {
        let (reading, version) = inspection::read(&database::resolve(db, &world.load(&[])?.config)?)?;
        let name = reading.found.first().map_or_else(|| word.clone(), |found| found.path.clone());
        return Ok(Side { name, reading, database: Some(version) });
    }
    let loaded = world.load(std::slice::from_ref(word))?;
    let exclude = sources::globs(&loaded.config.exclude)?;
    let request = Request {
        folder: &world.folder,
        sources: std::slice::from_ref(word),
        exclude: &exclude,
        root: &loaded.root,
        stdin_filename: "stdin.sql",
        logs: false,
    };
    let found = sources::find(&request)?;
    if found.is_empty() {
        return Err(Failure::new(format!("no SQL in {word}")));
    }
    let version = Version(pg_version.unwrap_or(loaded.config.pg_version), 0);
    let inputs = sources::load(&world.folder, &found)?;
    let reading = read::read(inputs, &Options { version, unreleased: None });
    Ok(Side { name: word.clone(), reading, database: None })
}

fn ask(question: &str) -> Result<bool, Failure> {
    loop {
        remark(question);
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        let count = read.map_err(|cause| Failure::new(format!("the answer cannot be read: {cause}")))?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ if count == 0 => return Err(Failure::new("nobody answered")),
            _ => {}
        }
    }
}
