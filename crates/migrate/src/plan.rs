//! A difference as a migration that keeps the application running: steps in phases, phases in releases.
//!
//! Each act of the difference becomes drafts: changes with the phase that they belong to. What stands on a thing of a
//! later phase goes there too. Columns whose rows would be rewritten are not altered: a shadow is filled beside them
//! and takes their place. The drafts are put in order and applied one by one to the model, which gives each step its
//! statements, its locks and its undo, and shows that the plan arrives.

mod act;
mod fresh;
mod locks;
mod moved;
mod names;
mod numbering;
mod partitions;
mod promises;
mod remade;
mod replace;
mod required;
mod rights;
mod shadow;
mod steps;
mod successors;
mod trigger;

use std::collections::{BTreeMap, BTreeSet};

use model::planned::{Backfill, Phase, Planned};
use model::{Expr, Kind, Name, Path, QName, Schema, apply};

use crate::diff::{Act, Diff, Rename, Settings as DiffSettings};
pub use moved::Move;

/// What the planner knows besides the schemas.
#[derive(Clone, Debug)]
pub struct Settings {
    pub diff: DiffSettings,
    pub fills: Vec<Fill>,
    pub moves: Vec<Move>,
    pub grace: Grace,
    /// Rows of each table, where statistics say so.
    pub rows: BTreeMap<QName, f64>,
}

impl Settings {
    /// Nothing else is known.
    pub fn new(diff: DiffSettings) -> Settings {
        Settings { diff, fills: Vec::new(), moves: Vec::new(), grace: Grace::Tables, rows: BTreeMap::new() }
    }
}

/// The value of a column, from the others of its row: what old rows get in a new column or in one that becomes
/// required, and what an old column gets from new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    pub column: Path,
    pub value: Expr,
}

/// What is renamed in one release and dropped in the next, so that it can be had back at once when somebody misses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grace {
    None,
    Tables,
    /// Columns as well.
    Columns,
}

/// A plan, and what it does not reach.
#[derive(Clone, Debug)]
pub struct Plan {
    pub planned: Planned,
    /// What is still different after it.
    pub left: Vec<Path>,
}

/// Tables of fewer rows are rewritten before anybody waits for them.
const FEW: f64 = 10_000.0;

/// How much is done for those who go on working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// Shadows stand beside the columns whose rows would be rewritten.
    Shadows,
    /// Columns are altered where they are, all at one moment.
    Phases,
    /// The difference itself, act by act: what the other two cannot put in order.
    Plain,
}

/// The way from one schema to another, without stopping anybody where that is possible.
pub fn plan(before: &Schema, after: &Schema, diff: &Diff, settings: &Settings) -> Plan {
    let attempts = [Care::Shadows, Care::Phases].into_iter().map(|care| attempt(before, after, diff, settings, care));
    let arrived = attempts.into_iter().find(|plan| plan.left.is_empty());
    arrived.unwrap_or_else(|| attempt(before, after, diff, settings, Care::Plain))
}

fn attempt(before: &Schema, after: &Schema, diff: &Diff, settings: &Settings, care: Care) -> Plan {
    let mut planner = Planner::new(before, after, settings);
    let remade = if care == Care::Shadows { planner.find_remade(diff) } else { None };
    let (mut now, acts) = remade.unwrap_or_else(|| (before.clone(), diff.acts.clone()));
    if care == Care::Shadows {
        planner.find_shadows(&now, &acts);
    }
    planner.find_successors(&acts);
    planner.find_moved(&acts);
    planner.find_replaced(&acts);
    for act in &acts {
        match care {
            Care::Plain => planner.plainly(&now, act),
            _ => planner.act(&now, act),
        }
        apply(&mut now, &act.change).expect("the acts of a difference were tried in this order");
    }
    planner.fill_moved();
    planner.fill_shadows();
    steps::assemble(planner)
}

/// Changes that belong together, before it is known in which release they run.
#[derive(Clone, Debug)]
struct Draft {
    /// How many deployments of the application come before it.
    deploys: u32,
    phase: Phase,
    title: String,
    work: DraftWork,
    /// What may be relied on after it.
    after: Option<String>,
    /// Why it cannot be taken back, where the changes do not say so themselves.
    lost: Option<String>,
    back: Back,
}

/// What it takes to go back besides the changes: before they are taken back, and after.
#[derive(Clone, Debug, Default)]
struct Back {
    first: Vec<String>,
    last: Vec<String>,
}

#[derive(Clone, Debug)]
enum DraftWork {
    Together(Vec<Act>),
    Alone(Act),
    Backfill(Backfill),
    /// Rows without a key to go by are written by one statement.
    Update {
        table: QName,
        statement: String,
    },
}

struct Planner<'a> {
    before: &'a Schema,
    after: &'a Schema,
    settings: &'a Settings,
    drafts: Vec<Draft>,
    /// In which phase a thing gets the shape that others may stand on.
    ready: BTreeMap<Path, (u32, Phase)>,
    /// Things that are dropped and made again, in one moment with everything else that changes places.
    replaced: BTreeSet<Path>,
    /// The same, with what the shadows bring and take.
    remade: BTreeSet<Path>,
    /// Partitions that are attached with other bounds than they had.
    rebound: BTreeSet<QName>,
    /// Something that is dropped is kept for a while under another name.
    keeps: bool,
    /// Keys that take over an index that is there, by the index's name.
    taken_over: BTreeMap<Path, Name>,
    /// Columns whose type changes where they are.
    retyped: BTreeSet<Path>,
    /// Things on which something is granted.
    given: BTreeSet<QName>,
    /// Renames of a table that has not got its last name yet.
    moving: Vec<Act>,
    shadows: Vec<shadow::Shadow>,
    remakes: Vec<remade::Remade>,
    /// What stands on a table that is made anew.
    holders: BTreeSet<Path>,
    successors: Vec<successors::Successors>,
    moved: Vec<moved::Moved>,
    /// Constraints and indexes by their last path, and what they are called before.
    renamed_parts: BTreeMap<Path, Name>,
    /// What the shadows bring and take with them: no act of the difference is needed for it.
    consumed: BTreeSet<Path>,
    switch: Vec<Act>,
    switch_titles: Vec<String>,
    /// Why the switch cannot be taken back, if so.
    switch_lost: Option<String>,
    /// What holds after it.
    switch_note: Option<String>,
    switch_back: Back,
    /// The shadows have their turn in the switch.
    swapped: bool,
}

impl<'a> Planner<'a> {
    fn new(before: &'a Schema, after: &'a Schema, settings: &'a Settings) -> Planner<'a> {
        Planner {
            before,
            after,
            settings,
            drafts: Vec::new(),
            ready: BTreeMap::new(),
            replaced: BTreeSet::new(),
            remade: BTreeSet::new(),
            rebound: BTreeSet::new(),
            keeps: false,
            taken_over: BTreeMap::new(),
            retyped: BTreeSet::new(),
            given: BTreeSet::new(),
            moving: Vec::new(),
            shadows: Vec::new(),
            remakes: Vec::new(),
            holders: BTreeSet::new(),
            successors: Vec::new(),
            moved: Vec::new(),
            renamed_parts: BTreeMap::new(),
            consumed: BTreeSet::new(),
            switch: Vec::new(),
            switch_titles: Vec::new(),
            switch_lost: None,
            switch_note: None,
            switch_back: Back::default(),
            swapped: false,
        }
    }

    /// What a table or view was called before its renames; none if it is new.
    fn name_before(&self, name: &QName) -> Option<QName> {
        let renamed = self.settings.diff.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if !from.kind.is_part() && to.qname() == *name => Some(from.qname()),
            _ => None,
        });
        let there = |name: &QName| self.before.table(name).is_some() || self.before.view(name).is_some();
        renamed.or_else(|| there(name).then(|| name.clone()))
    }

    /// Others use the table already.
    fn is_used(&self, name: &QName) -> bool {
        self.name_before(name).is_some()
    }

    fn is_small(&self, table: &QName) -> bool {
        let name = self.name_before(table).unwrap_or_else(|| table.clone());
        self.settings.rows.get(&name).is_some_and(|rows| *rows < FEW)
    }

    fn draft(&mut self, deploys: u32, phase: Phase, title: impl Into<String>, work: DraftWork) {
        self.drafts.push(Draft {
            deploys,
            phase,
            title: title.into(),
            work,
            after: None,
            lost: None,
            back: Back::default(),
        });
    }

    /// What holds after the draft that was made last.
    fn says(&mut self, after: impl Into<String>) {
        if let Some(draft) = self.drafts.last_mut() {
            draft.after = Some(after.into());
        }
    }

    /// What the draft that was made last needs besides its changes, to be taken back.
    fn also_back(&mut self, statement: String) {
        if let Some(draft) = self.drafts.last_mut() {
            draft.back.last.push(statement);
        }
    }

    fn together(&mut self, deploys: u32, phase: Phase, title: impl Into<String>, acts: Vec<Act>) {
        self.draft(deploys, phase, title, DraftWork::Together(acts));
    }

    /// Everything that changes places does so in one transaction.
    fn switch(&mut self, title: impl Into<String>, acts: Vec<Act>) {
        self.switch.extend(acts);
        self.switch_titles.push(title.into());
    }

    /// When everything that the thing names is there in its new shape.
    fn ready_for(&self, path: &Path) -> (u32, Phase) {
        let relations = [Kind::Table, Kind::View, Kind::MaterializedView];
        let whole = match path.kind.is_part() {
            true => relations
                .into_iter()
                .map(|kind| Path { kind, part: Name::default(), ..path.clone() })
                .find(|path| self.after.object(path).is_some()),
            false => Some(path.clone()),
        };
        let Some((whole, object)) = whole.and_then(|whole| self.after.object(&whole).map(|object| (whole, object)))
        else {
            return (0, Phase::Expand);
        };
        let ties = model::apply::references::ties(self.after, &whole, object);
        let own = ties.into_iter().filter(|(holder, _)| holder == path || !path.kind.is_part());
        own.filter_map(|(_, target)| self.ready.get(&target).copied()).max().unwrap_or((0, Phase::Expand))
    }
}

/// `a, b and c`
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
