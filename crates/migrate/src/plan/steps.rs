//! Drafts become steps: in order, with a deployment of the application where the next ones count on it, each tried on
//! the model, which gives its statements and its undo.

use std::collections::BTreeSet;

use model::object::Object;
use model::planned::{Backfill, Cost, Fingerprint, Phase, Planned, PlannedStep, Undo, Work};
use model::step::How;
use model::{Aspect, Change, Kind, LockMode, Path, QName, Schema, apply};
use write::sql::postgres::change_as;

use super::{Back, Draft, DraftWork, Plan, Planner, locks, numbering, partitions, promises};
use crate::diff::{Act, Diff, Rename, Settings, diff};

pub(super) fn assemble(planner: Planner<'_>) -> Plan {
    let Planner {
        before,
        after,
        settings,
        mut drafts,
        switch,
        switch_titles,
        switch_lost,
        switch_note,
        switch_back,
        ..
    } = planner;
    if !switch.is_empty() {
        // What stands on the new shape comes behind it.
        let title = titled(&switch_titles);
        let work = DraftWork::Together(switch);
        drafts.insert(
            0,
            Draft {
                deploys: 0,
                phase: Phase::Switch,
                title,
                work,
                after: switch_note,
                lost: switch_lost,
                back: switch_back,
            },
        );
    }
    drafts.sort_by_key(|draft| (draft.deploys, draft.phase, goes_last(draft)));
    let drafts = joined(drafts);
    let mut maker = Maker {
        before,
        now: before.clone(),
        settings: &settings.diff,
        steps: Vec::new(),
        left: Vec::new(),
        made: BTreeSet::new(),
    };
    let mut deploys = 0;
    for at in 0..drafts.len() {
        let draft = &drafts[at];
        if draft.deploys > deploys {
            let next: Vec<&Draft> = drafts[at..].iter().take_while(|own| own.deploys == draft.deploys).collect();
            maker.deploy(draft.phase, promises::needed(before, after, &next));
        }
        deploys = draft.deploys;
        maker.step(draft.clone());
    }
    let Maker { now, mut steps, mut left, .. } = maker;
    promises::told(before, after, &drafts, &mut steps);
    let rest = diff(&now, after, &Settings { renames: Vec::new(), ..settings.diff.clone() });
    left.extend(rest.acts.iter().map(|act| act.change.path().clone()).chain(rest.left));
    left.sort();
    left.dedup();
    let planned = Planned {
        title: title(&steps),
        version: settings.diff.version,
        from: Fingerprint::of(before),
        to: Fingerprint::of(after),
        steps,
    };
    Plan { planned, left }
}

/// A type goes behind the columns of it, also those that are only dropped in this release; a schema or an extension
/// behind all that is in it.
fn goes_last(draft: &Draft) -> u8 {
    let DraftWork::Together(acts) = &draft.work else { return 0 };
    let rank = |act: &Act| match &act.change {
        Change::Drop { path, .. } => match path.kind {
            Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range => 1,
            Kind::Namespace | Kind::Extension => 2,
            _ => 0,
        },
        _ => 0,
    };
    acts.iter().map(rank).min().unwrap_or(0)
}

/// Backfills of one table are one walk through its rows.
fn joined(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut joined: Vec<Draft> = Vec::new();
    for draft in drafts {
        let same = joined.iter_mut().find(|known| match (&known.work, &draft.work) {
            (DraftWork::Backfill(known_work), DraftWork::Backfill(own)) => {
                known_work.into.is_none()
                    && own.into.is_none()
                    && known_work.table == own.table
                    && known_work.key == own.key
                    && known.deploys == draft.deploys
            }
            _ => false,
        });
        match (same.map(|same| (&mut same.work, &mut same.title)), &draft.work) {
            (Some((DraftWork::Backfill(known), title)), DraftWork::Backfill(own)) => {
                join(known, own);
                let columns: Vec<_> = known.set.iter().map(|(column, _)| model::name::quoted(column)).collect();
                *title = format!("fill {} in the rows of {}", columns.join(", "), known.table);
            }
            _ => joined.push(draft),
        }
    }
    joined
}

/// Each column is only written in the rows that need it.
fn join(known: &mut Backfill, other: &Backfill) {
    let guarded = |own: &Backfill| -> Vec<(model::Name, String)> {
        let guard = |(column, value): &(model::Name, String)| {
            let name = model::name::quoted(column);
            let value = match value.starts_with("CASE WHEN ") {
                true => value.clone(),
                false => format!("CASE WHEN {} THEN {value} ELSE {name} END", own.condition),
            };
            (column.clone(), value)
        };
        own.set.iter().map(guard).collect()
    };
    known.set = guarded(known).into_iter().chain(guarded(other)).collect();
    known.condition = format!("{} OR {}", bracketed(&known.condition), bracketed(&other.condition));
}

fn bracketed(condition: &str) -> String {
    if condition.contains(" AND ") && !condition.starts_with('(') {
        format!("({condition})")
    } else {
        condition.to_owned()
    }
}

fn titled(titles: &[String]) -> String {
    match titles {
        [] => "change places".to_owned(),
        [only] => only.clone(),
        // The drops are only there to make way.
        several => {
            let mut main = several.iter().filter(|title| !title.starts_with("drop "));
            match (main.next(), main.next()) {
                (Some(only), None) if several.len() == 2 => only.clone(),
                (first, _) => format!("{}, with what stands on it", first.unwrap_or(&several[0])),
            }
        }
    }
}

fn title(steps: &[PlannedStep]) -> String {
    let mut titles = steps.iter().filter(|step| step.work != Work::Deploy).map(|step| step.title.as_str());
    match (titles.next(), titles.count()) {
        (None, _) => "nothing to do".to_owned(),
        (Some(only), 0) => only.to_owned(),
        (Some(first), more) => format!("{first}, and {more} more"),
    }
}

struct Maker<'a> {
    before: &'a Schema,
    now: Schema,
    settings: &'a Settings,
    steps: Vec<PlannedStep>,
    left: Vec<Path>,
    /// Tables that this plan makes: they have no rows but those that it gives them.
    made: BTreeSet<QName>,
}

/// What came of the acts of a step.
struct Run {
    statements: Vec<String>,
    locks: Vec<(QName, LockMode)>,
    cost: Cost,
    done: Vec<Act>,
}

impl Maker<'_> {
    fn release(&self) -> u32 {
        self.steps.last().map_or(1, |step| step.release)
    }

    fn deploy(&mut self, next: Phase, title: String) {
        self.steps.push(PlannedStep {
            // Where nothing comes before it, it is the beginning.
            release: self.steps.last().map_or(1, |step| step.release + 1),
            phase: next,
            title,
            work: Work::Deploy,
            locks: Vec::new(),
            cost: Cost::Instant,
            undo: Undo::Nothing,
            after: None,
        });
    }

    fn step(&mut self, draft: Draft) {
        let was = self.now.clone();
        let (work, locks, cost, acts) = match draft.work {
            DraftWork::Together(acts) => {
                let Run { statements, locks, cost, done } = self.run(acts);
                if done.is_empty() {
                    return;
                }
                (Work::Together(statements), locks, cost, done)
            }
            DraftWork::Alone(act) => {
                let index = match &act.change {
                    Change::Create { path, object: Object::Index(_) } => {
                        Some(QName::new(path.schema.clone(), path.part.clone()))
                    }
                    _ => None,
                };
                let Run { statements, locks, cost, done } = self.run(vec![act]);
                let Some(statement) = statements.into_iter().next() else { return };
                (Work::Alone { statement, index }, locks, cost, done)
            }
            DraftWork::Backfill(backfill) => {
                let locks = vec![(backfill.table.clone(), LockMode::RowExclusive)];
                (Work::Backfill(backfill), locks, Cost::Rows, Vec::new())
            }
            DraftWork::Update { table, statement } => {
                (Work::Together(vec![statement]), vec![(table, LockMode::RowExclusive)], Cost::Rows, Vec::new())
            }
        };
        let undo = match (draft.lost, draft.back) {
            (Some(why), _) => Undo::Lost(why),
            (None, back) => self.undo(&was, &acts, &work, back),
        };
        let step = PlannedStep {
            release: self.release(),
            phase: draft.phase,
            title: draft.title,
            work,
            locks,
            cost,
            undo,
            after: draft.after,
        };
        self.steps.push(step);
    }

    /// Does the acts on the model; what cannot be done is left out and shows in the end.
    fn run(&mut self, acts: Vec<Act>) -> Run {
        let mut statements = Vec::new();
        let mut locked: Vec<(QName, LockMode)> = Vec::new();
        let mut cost = Cost::Instant;
        let mut done = Vec::new();
        for act in acts {
            let made = change_as(&self.now, &act.change, &act.how);
            let mut wanted = locks::of(&self.now, &act.change);
            if act.how.concurrently {
                // A partition that leaves is locked out itself in the end.
                let leaves = |table: &QName| matches!(&act.change, Change::Alter { aspect: Aspect::DetachPartition { partition }, .. } if partition == table);
                let others = wanted.iter_mut().filter(|(table, _)| !leaves(table));
                others.for_each(|(_, mode)| *mode = LockMode::ShareUpdateExclusive);
            }
            // What this plan made itself is nobody's yet.
            wanted.retain(|(table, _)| self.is_used(table));
            let one = locks::cost(&self.now, &act.change);
            if apply(&mut self.now, &act.change).is_err() {
                self.left.push(act.change.path().clone());
                continue;
            }
            // What was made a moment ago has no rows to work through.
            let owner = act.change.path().qname();
            let is_empty = match &act.change {
                Change::Alter { aspect: Aspect::AttachPartition { partition, .. }, .. } => {
                    self.made.contains(partition) && !locks::has_default(&self.now, &owner)
                }
                _ => self.made.contains(&owner),
            };
            if !is_empty && (!locked.is_empty() || !wanted.is_empty()) {
                cost = cost.max(one);
            }
            if let Change::Create { object: Object::Table(_), .. } = act.change {
                self.made.insert(owner);
            }
            merge(&mut locked, wanted);
            statements.extend(made);
            done.push(act);
        }
        Run { statements, locks: locked, cost, done }
    }

    fn is_used(&self, table: &QName) -> bool {
        let there = |schema: &Schema| schema.table(table).is_some() || schema.view(table).is_some();
        let renamed = self.settings.renames.iter().any(|rename| match rename {
            Rename::Object { to, from } => !from.kind.is_part() && to.qname() == *table,
            _ => false,
        });
        there(self.before) || renamed
    }

    fn undo(&self, was: &Schema, acts: &[Act], work: &Work, mut own: Back) -> Undo {
        let changes = || acts.iter().map(|act| &act.change);
        if acts.is_empty()
            || changes().all(|change| {
                matches!(change, Change::Alter { aspect: Aspect::Validate | Aspect::ValidateDomainCheck(_), .. })
            })
        {
            return Undo::Nothing;
        }
        if changes().any(|change| matches!(change, Change::Alter { aspect: Aspect::AddValue { .. }, .. })) {
            return Undo::Lost("a value of an enum cannot be taken away again".to_owned());
        }
        let lost = changes().filter_map(|change| match change {
            Change::Drop { path, .. } if path.kind == Kind::Table => Some(path),
            Change::Drop { path, .. } if path.kind == Kind::Sequence && self.before.contains(path) => Some(path),
            Change::Drop { path, .. } if path.kind == Kind::Column => {
                let generated = was.column(&path.qname(), &path.part).is_some_and(|column| column.generated.is_some());
                (!generated).then_some(path)
            }
            _ => None,
        });
        let lost: Vec<String> = lost.map(ToString::to_string).collect();
        if !lost.is_empty() {
            return Undo::Lost(format!("the values of {} are gone", super::listed(&lost)));
        }
        if let (Work::Alone { .. }, [Act { change: Change::Create { path, .. }, how }]) = (work, acts) {
            let statements = change_as(&self.now, &Change::drop(path.clone()), how);
            return statements.into_iter().next().map_or(Undo::Nothing, |drop| Undo::Alone(if_exists(&drop)));
        }
        if let Some(index) = changes().find_map(|change| match change {
            Change::Alter { path, aspect: Aspect::AttachIndex(_) } => Some(path),
            _ => None,
        }) {
            // Parts cannot leave the index again; they go with it.
            return Undo::Together(change_as(&self.now, &Change::drop(index.clone()), &How::default()));
        }
        let detached = acts.iter().find_map(|act| match &act.change {
            Change::Alter { aspect: Aspect::DetachPartition { partition }, .. } if act.how.concurrently => {
                Some(partition)
            }
            _ => None,
        });
        let back = diff(&self.now, was, &Settings { renames: inverse(acts), ..self.settings.clone() });
        let back = without_partitions(&self.now, back);
        if let Some(partition) = detached {
            own.last.push(partitions::forget_bounds(was.table(partition).into_iter(), partition) + ";");
        }
        for column in numbered(was, &self.now, &back) {
            own.first.extend(self.counts(&column).then(|| numbering::remember(&column) + ";"));
            own.last.push(numbering::go_on(&column) + ";");
        }
        let statements = back.statements(&self.now).into_iter().map(|own| if_exists(&own));
        let statements: Vec<String> = own.first.into_iter().chain(statements).chain(own.last).collect();
        match statements.as_slice() {
            [] => Undo::Nothing,
            [only] if matches!(work, Work::Alone { .. }) => Undo::Alone(only.clone()),
            _ => Undo::Together(statements),
        }
    }

    /// The column has a sequence of its own, which knows the last number.
    fn counts(&self, column: &Path) -> bool {
        let owner = Some((column.qname(), column.part.clone()));
        let identity = self.now.column(&column.qname(), &column.part).is_some_and(|own| own.identity.is_some());
        identity || self.now.sequences().any(|sequence| sequence.owned_by == owner)
    }
}

/// Partitions go with the table that they are of.
fn without_partitions(now: &Schema, mut back: Diff) -> Diff {
    let dropped: BTreeSet<Path> = back
        .acts
        .iter()
        .filter(|act| matches!(act.change, Change::Drop { .. }))
        .map(|act| act.change.path().clone())
        .collect();
    let goes_along = |act: &Act| {
        let path = act.change.path();
        if matches!(act.change, Change::Alter { aspect: Aspect::DetachPartition { .. }, .. }) {
            return dropped.contains(path);
        }
        let parent =
            now.table(&path.qname()).and_then(|table| table.partition_of.as_ref()).map(|of| Path::table(&of.parent));
        dropped.contains(path) && path.kind == Kind::Table && parent.is_some_and(|parent| dropped.contains(&parent))
    };
    let without: Vec<Act> = back.acts.iter().filter(|act| !goes_along(act)).cloned().collect();
    let mut then = now.clone();
    if without.iter().all(|act| apply(&mut then, &act.change).is_ok()) {
        back.acts = without;
    }
    back
}

/// Columns that get another sequence on the way back, which has to go on from the last number.
fn numbered(was: &Schema, now: &Schema, back: &Diff) -> BTreeSet<Path> {
    let gives_up = |path: &Path| {
        back.acts.iter().any(|act| match &act.change {
            Change::Rename { path: own, .. } | Change::Alter { path: own, aspect: Aspect::Identity(None) } => {
                own == path || own.kind == Kind::Table && own.qname() == path.qname()
            }
            _ => false,
        })
    };
    let columns = back.acts.iter().filter_map(|act| match &act.change {
        Change::Create { object: Object::Sequence(sequence), .. } => {
            let (table, column) = sequence.owned_by.as_ref()?;
            Some(Path::column(table, column.clone()))
        }
        // One that it has already counts on.
        Change::Alter { path, aspect: Aspect::Identity(Some(_)) } => {
            let same = now.column(&path.qname(), &path.part).is_some_and(|own| own.identity.is_some());
            (!same || gives_up(path)).then(|| path.clone())
        }
        _ => None,
    });
    columns.filter(|column| was.column(&column.qname(), &column.part).is_some()).collect()
}

/// An index that was joined to another goes with that.
fn if_exists(statement: &str) -> String {
    for head in ["DROP INDEX CONCURRENTLY ", "DROP INDEX "] {
        if let Some(rest) = statement.strip_prefix(head) {
            return format!("{head}IF EXISTS {rest}");
        }
    }
    statement.to_owned()
}

/// Keeps the strongest mode of each table, the strongest first.
fn merge(locks: &mut Vec<(QName, LockMode)>, more: Vec<(QName, LockMode)>) {
    for (table, mode) in more {
        match locks.iter_mut().find(|(known, _)| *known == table) {
            Some((_, known)) => *known = (*known).max(mode),
            None => locks.push((table, mode)),
        }
    }
    locks.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
}

/// The renames of a step, taken back: the last first.
fn inverse(acts: &[Act]) -> Vec<Rename> {
    let renames = acts.iter().enumerate().rev().filter_map(|(at, act)| match &act.change {
        Change::Rename { path, to } => {
            let renamed = match path.kind.is_part() {
                true => {
                    let owner = owner_after(path.qname(), &acts[at..]);
                    Path { part: to.clone(), schema: owner.schema, name: owner.name, kind: path.kind }
                }
                false => Path { name: to.clone(), ..path.clone() },
            };
            Some(Rename::Object { from: renamed, to: path.clone() })
        }
        Change::Move { path, to } => {
            let moved = Path { schema: to.clone(), ..path.clone() };
            Some(Rename::Object { from: moved, to: path.clone() })
        }
        Change::Alter { path, aspect: Aspect::RenameValue { from, to } } => {
            Some(Rename::Value { ty: path.clone(), from: to.clone(), to: from.clone() })
        }
        Change::Alter { path, aspect: Aspect::RenameAttribute { from, to } } => {
            Some(Rename::Attribute { ty: path.clone(), from: to.clone(), to: from.clone() })
        }
        _ => None,
    });
    renames.collect()
}

/// What the table of a part is called when the acts are done.
fn owner_after(mut owner: QName, acts: &[Act]) -> QName {
    for act in acts {
        match &act.change {
            Change::Rename { path, to } if path.kind == Kind::Table && path.qname() == owner => owner.name = to.clone(),
            Change::Move { path, to } if path.kind == Kind::Table && path.qname() == owner => owner.schema = to.clone(),
            _ => {}
        }
    }
    owner
}
