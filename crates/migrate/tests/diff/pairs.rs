//! Pairs of schemas that nobody wrote: the second is the first with random edits, or another one altogether. What
//! `diff` says leads from one to the other, in the model and on real servers.
//!
//! `PALLADIO_PAIRS=2000` makes more of them, `PALLADIO_SEED=17` starts elsewhere.

mod dice;
mod model_law;
mod plan_law;
mod rows;
mod script;
mod server_law;
pub(crate) mod sql;

use std::collections::BTreeSet;

use migrate::diff::{Rename, Settings, likely};
use model::dialect::Version;
use model::{Kind, Path, Schema};
use read::Input;

use crate::servers;
use dice::{Chance, World};
use script::Statement;

/// Two schemas, as dice and as statements.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) before: World,
    pub(crate) after: World,
    /// Whether things that have another name in the second one are the same things.
    pub(crate) renames: bool,
    /// Whether the tables have rows.
    pub(crate) rows: bool,
    /// How many edits lead from one to the other; none where they are two.
    pub(crate) edits: usize,
}

impl Pair {
    pub(crate) fn of(seed: u64, major: u16) -> Pair {
        let mut chance = Chance::new(seed);
        let before = World::roll(&mut chance, major);
        let mut after = before.clone();
        let edits = [0, 1, 2, 3, 5, 8, 12, 20, 35, 60][chance.below(10) as usize];
        match edits {
            0 => after = World::roll(&mut chance, major),
            edits => (0..edits).for_each(|_| after.edit(&mut chance)),
        }
        Pair { before, after, edits, renames: chance.below(2) == 0, rows: chance.below(3) == 0 }
    }

    /// The second schema is the first with so many things under their other names, among that many other edits.
    pub(crate) fn renaming(seed: u64, major: u16) -> Pair {
        let mut chance = Chance::new(seed);
        let before = World::roll(&mut chance, major);
        let mut after = before.clone();
        let edits = [0, 2, 5, 10][chance.below(4) as usize];
        (0..edits).for_each(|_| after.edit(&mut chance));
        (0..=chance.below(3)).for_each(|_| after.rename(&mut chance));
        Pair { before, after, edits, renames: true, rows: false }
    }

    /// The things that both have, under two names.
    pub(crate) fn renamed(&self, before: &Schema, after: &Schema) -> Vec<Rename> {
        if !self.renames {
            return Vec::new();
        }
        let slots = self.before.things.keys().filter(|slot| self.after.things.contains_key(slot));
        let paths = slots.filter_map(|slot| Some((sql::path(&self.before, *slot)?, sql::path(&self.after, *slot)?)));
        let renamed = paths.filter_map(|(from, to)| {
            let there = before.contains(&from) && after.contains(&to);
            let own = |schema: &Schema, path: &Path| {
                schema.column(&path.qname(), &path.part).is_none_or(|column| !column.inherited)
            };
            if !there || !own(before, &from) || !own(after, &to) {
                return None;
            }
            let to = if from.kind.is_part() { Path { part: to.part, ..from.clone() } } else { to };
            (from != to).then_some(Rename::Object { from, to })
        });
        let inside = self.before.things.keys().filter(|slot| self.after.things.contains_key(slot));
        let inside = inside.flat_map(|slot| sql::renamed_inside(&self.before, &self.after, *slot));
        let there = |rename: &Rename| match rename {
            Rename::Value { ty, .. } | Rename::Attribute { ty, .. } => before.contains(ty),
            Rename::Object { .. } => true,
        };
        let objects: Vec<Rename> = renamed.collect();
        objects.into_iter().chain(inside.filter(there)).collect()
    }

    /// The renames of tables, columns and values, and those that would be asked about.
    pub(crate) fn renames_and_questions(&self) -> Option<(BTreeSet<Rename>, BTreeSet<Rename>)> {
        let read = |world: &World| read(&texts(&sql::statements(world)), world.major).ok();
        let (before, after) = (read(&self.before)?, read(&self.after)?);
        let is_asked = |rename: &Rename| match rename {
            Rename::Object { from, to } => {
                // One that moves to another schema alone is another question.
                matches!(from.kind, Kind::Table | Kind::Column) && from.last() != to.last()
            }
            Rename::Value { .. } => true,
            Rename::Attribute { .. } => false,
        };
        let real = self.renamed(&before, &after).into_iter().filter(is_asked).collect();
        let asked = likely(&before, &after).into_iter().map(|likely| likely.rename).filter(is_asked).collect();
        Some((real, asked))
    }

    /// The smallest pair that this still holds of.
    pub(crate) fn shrunk(self, fails: &mut dyn FnMut(&Pair) -> bool) -> Pair {
        let mut smallest = self;
        loop {
            let mut less = false;
            for step in smallest.before.steps(&smallest.after) {
                let (before, after) = step.of(&smallest.before, &smallest.after);
                if (&before, &after) == (&smallest.before, &smallest.after) {
                    continue;
                }
                let pair = Pair { before, after, ..smallest };
                if fails(&pair) {
                    smallest = pair;
                    less = true;
                }
            }
            if !less {
                return smallest;
            }
        }
    }
}

pub(crate) fn settings(major: u16, renames: Vec<Rename>) -> Settings {
    Settings { renames, ..servers::settings(major) }
}

pub(crate) fn read(statements: &[String], major: u16) -> Result<Schema, String> {
    let options = read::Options { version: Version(major, 0), unreleased: None };
    let text = statements.join("\n");
    let reading = read::read(vec![Input::new("schema.sql", &text)], &options);
    match reading.problems.first() {
        None => Ok(reading.schema),
        Some(problem) => {
            let text = problem.place.map_or("", |place| reading.sources.text(place));
            Err(format!("{}: {text}", problem.message))
        }
    }
}

pub(crate) fn texts(statements: &[Statement]) -> Vec<String> {
    statements.iter().map(|statement| statement.sql.clone()).filter(|sql| sql.len() > 1).collect()
}

pub(crate) fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// What two lists of lines do not share, for a report.
pub(crate) fn changed(before: &[String], after: &[String]) -> String {
    let mut shown = String::new();
    before.iter().for_each(|line| shown += &format!("{} {line}\n", if after.contains(line) { " " } else { "-" }));
    let come = after.iter().filter(|line| !before.contains(line));
    come.for_each(|line| shown += &format!("+ {line}\n"));
    shown
}
