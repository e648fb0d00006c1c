//! Which units speak of one database. Histories of different folders may build it together, may be separate
//! databases, and a dump beside a history says the same again.

use std::collections::BTreeSet;

use model::step::Layout;

use super::{Section, Unit};

/// Units that are applied one after the other to one database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) units: Vec<Unit>,
    /// A dump that knows more than the history beside it: where both say something, the dump is right.
    pub(crate) wins: bool,
}

/// Every database, and the units that only repeat what another says.
#[derive(Debug, Default)]
pub(crate) struct Databases {
    pub(crate) databases: Vec<Database>,
    pub(crate) repeated: Vec<Unit>,
}

impl Databases {
    /// What will be run, in that order: of each migration what it does, then what undoes it.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        let drafts = self.databases.iter().flat_map(|database| &database.units).flat_map(|unit| &unit.drafts);
        drafts.flat_map(|draft| draft.up.iter().chain(&draft.down))
    }
}

/// A table made by two histories tells that they are not the same database; one made by a history and a schema
/// tells that they are.
pub(crate) fn databases(units: Vec<Unit>) -> Databases {
    let mut found = Databases::default();
    let (histories, mut schemas): (Vec<Unit>, Vec<Unit>) = units.into_iter().partition(Unit::is_history);
    for unit in histories {
        found.place(unit);
    }
    // Of two schemas that say the same, the larger is read.
    schemas.sort_by_key(|unit| std::cmp::Reverse(unit.tables.made.len()));
    for mut unit in schemas {
        let known = found.databases.iter().filter(|database| !database.wins).flat_map(|database| &database.units);
        let shared = known.map(|other| (unit.shared(other), other)).filter(|(shared, _)| *shared > 0);
        let Some((shared, other)) = shared.max_by_key(|(shared, _)| *shared) else {
            found.place(unit);
            continue;
        };
        let same = format!("describes the same database as {}", other.path);
        if shared * 2 >= unit.tables.made.len() {
            unit.note = Some(same);
            found.repeated.push(unit);
        } else if other.is_history() && shared * 2 >= other.tables.made.len() {
            // The history starts in the middle.
            unit.note = Some(same);
            found.databases.push(Database { units: vec![unit], wins: true });
        } else {
            found.place(unit);
        }
    }
    for database in &mut found.databases {
        order(&mut database.units);
    }
    found
}

impl Unit {
    fn is_history(&self) -> bool {
        !matches!(self.layout, Layout::Schema | Layout::Rails)
    }

    /// How many tables both make.
    fn shared(&self, other: &Unit) -> usize {
        self.tables.made.intersection(&other.tables.made).count()
    }

    /// How many tables it uses that the other makes.
    fn leans_on(&self, other: &Unit) -> usize {
        self.needs().intersection(&other.tables.made.iter().collect()).count()
    }

    fn needs(&self) -> BTreeSet<&String> {
        self.tables.used.difference(&self.tables.made).collect()
    }
}

impl Databases {
    /// Joins the database on which the unit leans most, of those that do not make its tables already.
    fn place(&mut self, unit: Unit) {
        let free = self.databases.iter_mut().filter(|database| !database.wins);
        let free = free.filter(|database| database.units.iter().all(|other| unit.shared(other) == 0));
        let leaning = |database: &Database| -> usize {
            database.units.iter().map(|other| unit.leans_on(other) + other.leans_on(&unit)).sum()
        };
        // The first of equals.
        let best = free.rev().max_by_key(|database| leaning(database));
        match best {
            Some(database) => database.units.push(unit),
            None => {
                let other =
                    self.databases.iter().flat_map(|database| &database.units).find(|other| unit.shared(other) > 0);
                let note =
                    other.map(|other| format!("a database of its own: {} makes some of its tables too", other.path));
                self.databases.push(Database { units: vec![Unit { note, ..unit }], wins: false });
            }
        }
    }
}

/// What others use comes before them; otherwise schemas before histories, then by path.
fn order(units: &mut Vec<Unit>) {
    let mut waiting = std::mem::take(units);
    waiting.sort_by_key(Unit::is_history);
    while !waiting.is_empty() {
        let ready = |unit: &&Unit| waiting.iter().all(|other| other.path == unit.path || unit.leans_on(other) == 0);
        let next = waiting.iter().position(|unit| ready(&unit)).unwrap_or(0);
        units.push(waiting.remove(next));
    }
}
