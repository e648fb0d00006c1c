//! The way of a plan, forwards and backwards, on one database.

use std::collections::{BTreeMap, BTreeSet};

use model::planned::{PlannedStep, Undo, Work};
use model::proven::{Back, Queries, Shown};
use model::{Change, LockMode, Name, Path, QName, Schema};
use postgres::Client;

use super::images::{self, Image};
use super::query::Panel;
use super::{Differences, Subject, relations, run};
use crate::{Error, introspect};

/// A database at one moment: its schema, and its rows as numbers.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) schema: Schema,
    pub(super) rows: BTreeMap<QName, Image>,
}

impl State {
    /// `but` are columns whose values are not looked at.
    pub(super) fn of(client: &mut Client, but: &BTreeSet<(QName, Name)>) -> Result<State, Error> {
        let schema = introspect(client)?.schema;
        let rows = images::whole(client, &schema, but)?;
        Ok(State { schema, rows })
    }
}

pub(super) struct Walk<'a> {
    subject: &'a Subject<'a>,
    differences: &'a Differences<'a>,
    /// What others use while the migration runs.
    used: BTreeSet<QName>,
    panel: Panel<'a>,
    start: State,
    /// Before each step that was run, with its place in the plan.
    passed: Vec<(usize, State)>,
    now: State,
    client: Client,
    observer: Client,
}

impl<'a> Walk<'a> {
    pub(super) fn begin(
        subject: &'a Subject<'a>,
        differences: &'a Differences<'a>,
        [mut client, observer]: [Client; 2],
    ) -> Result<Walk<'a>, Error> {
        let start = State::of(&mut client, &subject.filled)?;
        let panel = Panel::new(&mut client, subject.plan, &subject.queries)?;
        let (used, now) = (relations(&start.schema), start.clone());
        Ok(Walk { subject, differences, used, panel, start, passed: Vec::new(), now, client, observer })
    }

    /// As it is now.
    pub(super) fn schema(&self) -> &Schema {
        &self.now.schema
    }

    pub(super) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    pub(super) fn judged(self) -> (Queries, Vec<String>) {
        self.panel.judged()
    }

    /// Does the step, takes it back, and does it again; at the end of a phase goes all the way back, and forth again.
    /// Whether the plan can go on behind it.
    pub(super) fn step(&mut self, index: usize) -> Result<(Shown, bool), Error> {
        let step = &self.subject.plan.steps[index];
        let mut shown = Shown {
            number: index + 1,
            phase: Some((step.release, step.phase)),
            title: step.title.clone(),
            deploys: step.work == Work::Deploy,
            ..Shown::default()
        };
        if !shown.deploys {
            let done = self.rehearse(index, step, &mut shown)?
                && (!self.ends_phase(index) || shown.back == Back::Astray || self.all_the_way(index, &mut shown)?);
            if !done {
                return Ok((shown, false));
            }
        }
        self.panel.ask(&mut self.client, index)?;
        Ok((shown, true))
    }

    fn look(&mut self) -> Result<(), Error> {
        self.now = State::of(&mut self.client, &self.subject.filled)?;
        Ok(())
    }

    fn rehearse(&mut self, index: usize, step: &PlannedStep, shown: &mut Shown) -> Result<bool, Error> {
        let traced = {
            let about = step.locks.first().map(|(table, _)| table);
            run::traced(&step.work, [&mut self.client, &mut self.observer], &self.used, about)?
        };
        let seen = match traced {
            Ok(seen) => seen,
            Err(refusal) => {
                shown.wrong.push(run::said(&refusal));
                return Ok(false);
            }
        };
        (shown.locks, shown.rewritten, shown.scanned) = (seen.locks, seen.rewritten, seen.scanned);
        // In what the plan made itself nobody has rows yet.
        shown.scanned.retain(|table| self.used.contains(table));
        shown.wrong.extend(self.unplanned(step, &shown.locks));
        let undo = match &step.undo {
            Undo::Together(statements) => Work::Together(statements.clone()),
            Undo::Alone(statement) => Work::Alone { statement: statement.clone(), index: None },
            Undo::Nothing => {
                self.look()?;
                return Ok(true);
            }
            Undo::Lost(why) => {
                shown.back = Back::Lost(why.clone());
                self.look()?;
                return Ok(true);
            }
        };
        shown.back = Back::Walked;
        if let Err(refusal) = run::plainly(&mut self.client, &undo)? {
            shown.wrong.push(format!("the way back: {}", run::said(&refusal)));
            shown.back = Back::Astray;
            self.look()?;
            return Ok(true);
        }
        let is = State::of(&mut self.client, &self.subject.filled)?;
        let left = self.apart(&is, &self.now);
        let mut from = index;
        if !left.is_empty() {
            // What cannot be parted again is taken back together: then it is as it was before an earlier step.
            match self.passed.iter().rev().find(|(_, earlier)| self.apart(&is, earlier).is_empty()) {
                Some((earlier, _)) => from = *earlier,
                None => {
                    shown.back = Back::Astray;
                    shown.wrong.extend(left.into_iter().map(|left| format!("the way back leaves {left}")));
                }
            }
        }
        self.passed.push((index, self.now.clone()));
        for step in &self.subject.plan.steps[from..=index] {
            if let Err(refusal) = run::plainly(&mut self.client, &step.work)? {
                shown.wrong.push(format!("once more: {}", run::said(&refusal)));
                return Ok(false);
            }
        }
        self.look()?;
        Ok(true)
    }

    /// Locks that the plan does not speak of. Rows are locked by whoever reads a constraint; that keeps nobody waiting.
    fn unplanned(&self, step: &PlannedStep, locks: &[(QName, LockMode)]) -> Vec<String> {
        // Who names a table names what is below it as well.
        let planned = |relation: &QName| {
            let whole = self.above(relation);
            step.locks.iter().filter(|(table, _)| whole.contains(table)).map(|(_, mode)| *mode).max()
        };
        let unplanned = locks.iter().filter(|(relation, mode)| {
            self.used.contains(relation)
                && *mode > LockMode::RowExclusive
                && planned(relation).is_none_or(|planned| planned < *mode)
        });
        unplanned
            .map(|(relation, mode)| format!("takes {} on {relation}, which the plan does not say", mode.name()))
            .collect()
    }

    /// The table and all that it is a part or a child of.
    fn above(&self, relation: &QName) -> Vec<QName> {
        let mut whole = vec![relation.clone()];
        let mut at = 0;
        while let Some(name) = whole.get(at).cloned() {
            at += 1;
            let Some(table) = self.now.schema.table(&name).or_else(|| self.start.schema.table(&name)) else { continue };
            let parents = table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits);
            let new: Vec<QName> = parents.filter(|parent| !whole.contains(parent)).cloned().collect();
            whole.extend(new);
        }
        whole
    }

    /// What is different between two moments, in words.
    fn apart(&self, is: &State, was: &State) -> Vec<String> {
        let mut schema = is.schema.clone();
        validated(&mut schema, &was.schema);
        let apart = (self.differences)(&schema, &was.schema);
        if apart.is_empty() { images::apart(&was.rows, &is.rows) } else { apart }
    }

    /// The next step is of another phase.
    fn ends_phase(&self, index: usize) -> bool {
        let steps = &self.subject.plan.steps;
        let next = steps[index + 1..].iter().find(|step| step.work != Work::Deploy);
        next.is_none_or(|next| (next.release, next.phase) != (steps[index].release, steps[index].phase))
    }

    /// From here to the start, as far as nothing was lost, and forth again.
    fn all_the_way(&mut self, index: usize, shown: &mut Shown) -> Result<bool, Error> {
        let done = &self.subject.plan.steps[..=index];
        // Where each step was taken back by itself, all of them were.
        let stays = |step: &PlannedStep| step.undo == Undo::Nothing && step.work != Work::Deploy;
        if done.iter().any(|step| matches!(step.undo, Undo::Lost(_))) || !done.iter().any(stays) {
            return Ok(true);
        }
        for step in done.iter().rev() {
            let undo = match &step.undo {
                Undo::Together(statements) => Work::Together(statements.clone()),
                Undo::Alone(statement) => Work::Alone { statement: statement.clone(), index: None },
                Undo::Nothing | Undo::Lost(_) => continue,
            };
            if let Err(refusal) = run::plainly(&mut self.client, &undo)? {
                shown.back = Back::Astray;
                shown.wrong.push(format!("from here back, at “{}”: {}", step.title, run::said(&refusal)));
                return Ok(false);
            }
        }
        let is = State::of(&mut self.client, &self.subject.filled)?;
        let left = self.apart(&is, &self.start);
        if !left.is_empty() {
            shown.back = Back::Astray;
            shown.wrong.extend(left.into_iter().map(|left| format!("the way back to the start leaves {left}")));
        }
        for step in done {
            if let Err(refusal) = run::plainly(&mut self.client, &step.work)? {
                shown.wrong.push(format!("from the start again, at “{}”: {}", step.title, run::said(&refusal)));
                return Ok(false);
            }
        }
        // What is random is another value each time.
        self.look()?;
        Ok(true)
    }
}

/// What was made sure of stays so, and takes nothing from anybody: a constraint that was validated counts as it was.
fn validated(is: &mut Schema, was: &Schema) {
    let mut unproven = Vec::new();
    for table in was.tables() {
        for constraint in table.constraints.iter().filter(|own| !own.valid) {
            let now = is.table(&table.name).and_then(|table| table.constraint(&constraint.name));
            if now.is_some_and(|now| now.valid && now.kind == constraint.kind) {
                unproven.push((Path::constraint(&table.name, constraint.name.clone()), constraint.clone()));
            }
        }
    }
    for (path, constraint) in unproven {
        let again = [
            Change::drop(path.clone()),
            Change::Create { path, object: model::object::Object::Constraint(Box::new(constraint)) },
        ];
        let mut other = is.clone();
        if again.iter().all(|change| model::apply(&mut other, change).is_ok()) {
            *is = other;
        }
    }
}
