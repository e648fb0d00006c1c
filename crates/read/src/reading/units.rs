//! Running a unit: its migrations in order, each undo on what its migration left.

use std::mem;

use model::place::Place;
use model::step::{Layout, Migration};
use model::{Reading, Schema, Step};

use super::scripts::Scripts;
use super::{Options, is_schema};
use crate::layout::{Draft, Section, Unit};
use crate::session::{self, Database, Purpose, Ran, Waiting};

/// Applies the unit to the database and adds its migrations to the reading.
pub(super) fn run(
    reading: &mut Reading,
    scripts: &mut Scripts<'_, '_>,
    database: &mut Database,
    unit: &Unit,
    options: &Options,
) {
    let start = database.schema.clone();
    let mut unreleased: Option<Schema> = None;
    let unordered = unit.layout == Layout::Schema && unit.drafts.len() > 1;
    let purpose = if unordered { Purpose::Unordered } else { Purpose::Apply };
    let mut waiting = Vec::new();
    for draft in &unit.drafts {
        let before = database.schema.clone();
        let base = match is_schema(unit.layout) {
            // The files of one schema are run together.
            true => start.clone(),
            false if is_unreleased(draft, reading, options) => unreleased.get_or_insert(before).clone(),
            false => before,
        };
        let mut steps = Vec::new();
        for section in &draft.up {
            let mut ran = scripts.run(section, |script| session::run(database, script, purpose, &base));
            if !ran.waiting.is_empty() {
                waiting.push((reading.migrations.len(), section, mem::take(&mut ran.waiting)));
            }
            gather(reading, ran, &mut steps);
        }
        push(reading, unit, draft, &draft.up, steps, false);
        if !draft.down.is_empty() {
            let mut undone = Database::at(database.schema.clone());
            let base = database.schema.clone();
            let mut steps = Vec::new();
            for section in &draft.down {
                let ran = scripts.run(section, |script| session::run(&mut undone, script, Purpose::Undo, &base));
                gather(reading, ran, &mut steps);
            }
            push(reading, unit, draft, &draft.down, steps, true);
        }
    }
    run_waiting(reading, scripts, database, &start, waiting);
}

/// Statements of unordered files lacked what stood in later ones: again, as long as that helps.
fn run_waiting(
    reading: &mut Reading,
    scripts: &mut Scripts<'_, '_>,
    database: &mut Database,
    base: &Schema,
    mut waiting: Vec<(usize, &Section, Vec<Waiting>)>,
) {
    let count =
        |waiting: &[(usize, &Section, Vec<Waiting>)]| waiting.iter().map(|(.., list)| list.len()).sum::<usize>();
    let mut left = count(&waiting);
    let mut last = false;
    while left > 0 {
        for (migration, section, list) in &mut waiting {
            let again = mem::take(list);
            let mut ran = scripts.run(section, |script| session::run_again(database, script, again, last, base));
            *list = mem::take(&mut ran.waiting);
            let mut steps = mem::take(&mut reading.migrations[*migration].steps);
            gather(reading, ran, &mut steps);
            reading.migrations[*migration].steps = steps;
        }
        // Once nothing moves any more, what is missing is said.
        let now = count(&waiting);
        last = now == left;
        left = now;
    }
}

fn is_unreleased(draft: &Draft, reading: &Reading, options: &Options) -> bool {
    let Some(unreleased) = &options.unreleased else { return false };
    draft.up.iter().any(|section| unreleased.contains(&*reading.sources.file(section.file).path))
}

/// Adds what a script said to the reading, and its steps to those of its migration.
fn gather(reading: &mut Reading, ran: Ran, steps: &mut Vec<Step>) {
    reading.problems.extend(ran.problems);
    reading.queries.extend(ran.queries);
    reading.coverage.statements += ran.coverage.statements;
    reading.coverage.understood += ran.coverage.understood;
    match steps.is_empty() {
        true => *steps = ran.steps,
        false => steps.extend(ran.steps),
    }
}

/// Adds the migration of one side. One that has only an undo is none.
fn push(reading: &mut Reading, unit: &Unit, draft: &Draft, side: &[Section], steps: Vec<Step>, down: bool) {
    let Some(first) = side.first() else { return };
    let (start, end) =
        (first.ranges.first().map_or(0, |range| range.start), first.ranges.last().map_or(0, |range| range.end));
    let place = Place::new(first.file, start as u32, end as u32);
    let has_down = !draft.down.is_empty();
    reading.migrations.push(Migration {
        name: draft.name.as_str().into(),
        layout: unit.layout,
        down,
        place,
        steps,
        has_down,
    });
}
