//! From files to a reading: which file is what, in which order they apply, and what came of each statement.

mod queries;
mod scripts;
mod units;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use model::dialect::Version;
use model::place::{Place, Places, SourceFile, Sources};
use model::reading::{FoundSource, SourceKind};
use model::step::Layout;
use model::{FileId, Path, Problem, ProblemKind, Reading};

use crate::ahead;
use crate::layout::{self, Arrangement, Databases, Foreign, Unit};
use crate::session::Database;
use crate::{queryplan, stats};
use scripts::Scripts;

/// A file to be read, as [`load`](crate::load::load) gives it.
#[derive(Clone, Debug)]
pub struct Input {
    pub file: SourceFile,
    /// Why its bytes could not be taken as text; the text is empty then.
    pub problem: Option<String>,
}

impl Input {
    /// A text that is at hand already, under the path by which the user knows it.
    pub fn new(path: &str, text: &str) -> Input {
        Input { file: SourceFile::new(path, text, Vec::new()), problem: None }
    }
}

#[derive(Clone, Debug)]
pub struct Options {
    /// The database's version.
    pub version: Version,
    /// The migrations that are not released yet, by path: they are released together, so what one of them makes is
    /// new to the others. Without it, every migration is judged against the one before.
    pub unreleased: Option<BTreeSet<String>>,
}

/// The parser and the readers call themselves as deep as a statement is nested.
pub const STACK: usize = 64 * 1024 * 1024;

/// Reads everything into one model, on a stack that is deep enough.
pub fn read(inputs: Vec<Input>, options: &Options) -> Reading {
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("read".to_owned()).stack_size(STACK);
        let reader = reader.spawn_scoped(scope, || read_here(inputs, options)).expect("the system gives one thread");
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The same on the stack of the caller, which is as deep as [`STACK`]: a short text is read in the time that another
/// thread takes to start.
pub fn read_here(inputs: Vec<Input>, options: &Options) -> Reading {
    let mut reading = Reading::default();
    for (index, Input { file, problem }) in inputs.into_iter().enumerate() {
        if let Some(problem) = problem {
            let place = Some(Place::new(FileId(index as u32), 0, 0));
            let message = format!("{} was not read: {problem}", file.path);
            reading.problems.push(Problem { kind: ProblemKind::Unreadable, place, message });
        }
        reading.sources.files.push(file);
    }
    let Arrangement { units, queries, plans, stats: stat_files, foreign } = layout::arrange(&reading.sources.files);
    reading.problems.extend(foreign.iter().map(not_ours));
    let mut databases = layout::databases(units);
    // Where a dump knows better, what it says comes first.
    databases.databases.sort_by_key(|database| !database.wins);
    let queries = queries::sections(&reading.sources, &queries);
    let texts: Vec<Arc<str>> = reading.sources.files.iter().map(|file| Arc::clone(&file.text)).collect();
    let sections = databases.sections().chain(&queries).collect();
    (reading.suppressions, reading.formers) = thread::scope(|scope| {
        let ahead = ahead::start(scope, STACK, &texts, sections);
        let mut scripts = Scripts::new(&ahead);
        read_databases(&mut reading, &mut scripts, &databases, options);
        queries::read(&mut reading, &mut scripts, &queries);
        scripts.comments(&reading.sources)
    });
    for id in plans {
        let (found, problems) = queryplan::read(id, &reading.sources.file(id).text);
        reading.plans.extend(found);
        reading.problems.extend(problems);
        reading.found.push(found_file(&reading.sources, id, SourceKind::QueryPlan));
    }
    for id in stat_files {
        let (found, problems) = stats::read(id, &reading.sources.file(id).text);
        if let Some(found) = found {
            stats::join(&mut reading.stats, found);
        }
        reading.problems.extend(problems);
        reading.found.push(found_file(&reading.sources, id, SourceKind::Stats));
    }
    let place = |problem: &Problem| problem.place.map(|place| (place.file, place.start, place.end));
    reading.problems.sort_by_key(place);
    reading
}

fn read_databases(reading: &mut Reading, scripts: &mut Scripts<'_, '_>, found: &Databases, options: &Options) {
    let mut first = true;
    for found in &found.databases {
        let mut database = Database::default();
        for unit in &found.units {
            units::run(reading, scripts, &mut database, unit, options);
            reading.found.push(found_unit(unit));
        }
        if first {
            reading.schema = database.schema;
            reading.places = database.places;
        } else {
            join(reading, &database);
        }
        first = false;
        reading.queries.extend(database.definitions.into_queries());
    }
    reading.found.extend(found.repeated.iter().map(found_unit));
}

/// Adds another database to the schema, with the places of what is taken over.
fn join(reading: &mut Reading, database: &Database) {
    let taken: BTreeSet<Path> = reading.schema.absorb(&database.schema).into_iter().collect();
    copy_places(&mut reading.places, &database.places, &taken);
}

fn copy_places(into: &mut Places, from: &Places, taken: &BTreeSet<Path>) {
    use model::Kind::{MaterializedView, Table, View};
    for (path, marks) in from.iter() {
        let owners = [Table, View, MaterializedView].map(|kind| Path::object(kind, &path.qname()));
        let is_taken =
            taken.contains(&path) || (path.kind.is_part() && owners.iter().any(|owner| taken.contains(owner)));
        if is_taken {
            marks.iter().for_each(|mark| into.add(path.clone(), *mark));
        }
    }
}

/// A database as it is, not how it came to be.
fn is_schema(layout: Layout) -> bool {
    matches!(layout, Layout::Schema | Layout::Rails)
}

fn not_ours(foreign: &Foreign) -> Problem {
    let Foreign { folder, database, files } = foreign;
    let count = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
    let message = format!("{count} in {folder} left out: written for {database}, and only PostgreSQL is read");
    let place = files.first().map(|file| Place::new(*file, 0, 0));
    Problem { kind: ProblemKind::NotUnderstood, place, message }
}

fn found_unit(unit: &Unit) -> FoundSource {
    let kind = if is_schema(unit.layout) { SourceKind::Schema } else { SourceKind::Migrations(unit.layout) };
    FoundSource { path: unit.path.clone(), kind, files: unit.files, note: unit.note.clone() }
}

fn found_file(sources: &Sources, id: FileId, kind: SourceKind) -> FoundSource {
    FoundSource { path: sources.file(id).path.to_string(), kind, files: 1, note: None }
}
