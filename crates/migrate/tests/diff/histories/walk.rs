//! Two databases side by side: one runs the migrations, the other what `diff` says.

use live::{Client, Lab, testing};
use migrate::diff::diff;
use model::Reading;
use model::place::Place;
use model::query::QueryKind;
use model::step::{Action, Step};

use super::{Leg, settings};
use crate::servers;

/// How many migrations pass between two looks: to look at everything takes longer than to make a migration.
fn stride() -> usize {
    std::env::var("PALLADIO_STRIDE")
        .ok()
        .and_then(|stride| stride.parse().ok())
        .filter(|stride| *stride > 0)
        .unwrap_or(10)
}

#[derive(Default)]
pub(crate) struct Walk {
    pub(crate) statements: usize,
    pub(crate) refused: usize,
    pub(crate) looks: usize,
    /// Where nothing was different.
    pub(crate) alike: usize,
    /// At the last look.
    pub(crate) different: usize,
    pub(crate) complaints: Vec<String>,
}

pub(crate) fn walk(lab: &Lab, reading: &Reading, legs: &[Leg<'_>]) -> Walk {
    let (major, stride) = (servers::major(lab), stride());
    let mut walk = Walk::default();
    let written = testing::database(lab);
    let mut own = testing::database(lab);
    let mut one = lab.connect(&written).expect("the lab answers");
    let mut other = lab.connect(&own).expect("the lab answers");
    for (at, leg) in legs.iter().enumerate() {
        for text in texts(reading, leg.steps) {
            // What a server refuses of a migration (an extension that is not there) is missed by both.
            let _ = one.batch_execute(text);
        }
        let statements = diff(&leg.before, &leg.after, &settings(major)).statements(&leg.before);
        walk.statements += statements.len();
        let mut failed = false;
        for statement in &statements {
            if let Err(error) = servers::run(&mut other, &format!("SET check_function_bodies = off; {statement}")) {
                walk.refused += 1;
                walk.complaints.push(format!("{}: {error}: {statement}", leg.name));
                failed = true;
            }
        }
        if failed {
            drop(other);
            lab.drop_database(&own).expect("a database can be dropped");
            own = testing::database(lab);
            other = lab.connect(&own).expect("the lab answers");
            let script = write::sql::postgres::schema(&leg.after);
            let _ = servers::run(&mut other, &format!("RESET ALL; {script}"));
        }
        if (at + 1) % stride == 0 || at + 1 == legs.len() {
            look(&mut walk, &mut one, &mut other, &leg.name, major);
        }
    }
    drop((one, other));
    for name in [written, own] {
        lab.drop_database(&name).expect("a database can be dropped");
    }
    walk
}

fn look(walk: &mut Walk, one: &mut Client, other: &mut Client, name: &str, major: u16) {
    for client in [&mut *one, &mut *other] {
        client.batch_execute("ROLLBACK; RESET ALL").expect("the session goes on");
    }
    let (wanted, found) = (servers::look(one), servers::look(other));
    let rest = diff(&found, &wanted, &settings(major));
    walk.looks += 1;
    let mut paths: Vec<_> = rest.acts.iter().map(|act| act.change.path().clone()).chain(rest.left.clone()).collect();
    paths.sort();
    paths.dedup();
    walk.different = paths.len();
    walk.alike += usize::from(paths.is_empty());
    let shown = rest.statements(&found);
    walk.complaints.extend(shown.iter().map(|statement| format!("after {name}, still: {statement}")));
}

/// The statements that speak for themselves: no rows, and nothing that a function makes when it is called.
fn texts<'a>(reading: &'a Reading, steps: &'a [Step]) -> Vec<&'a str> {
    let mut found: Vec<Place> = Vec::new();
    for step in steps {
        let speaks = match &step.action {
            Action::Copy { .. } | Action::Call(_) | Action::Begin | Action::Commit | Action::Rollback => false,
            Action::Query(query) => query.kind != QueryKind::Select,
            _ => true,
        };
        // What is inside a DO block runs with it.
        let inside = found.last().is_some_and(|last| {
            last.file == step.place.file && last.start <= step.place.start && step.place.end <= last.end
        });
        if speaks && !inside && !reading.sources.text(step.place).trim_start().starts_with('\\') {
            found.push(step.place);
        }
    }
    found.into_iter().map(|place| reading.sources.text(place).trim()).collect()
}
