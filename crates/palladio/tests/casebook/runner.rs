//! A page on a server: run by the real runner to its end, and taken back as far as nothing was lost.

use std::time::Duration;

use live::run::{Event, Job, Options, Outcome, Undoing, Until, Watch};
use live::sample::{self, Ahead};
use live::{Lab, testing};
use model::name::PUBLIC;
use model::planned::{PlannedStep, Undo, Work};

use crate::page::Page;

/// What the runner warns of.
#[derive(Default)]
struct Warnings(Vec<String>);

impl Watch for Warnings {
    fn see(&mut self, event: Event<'_>) {
        if let Event::Notes(said) = event
            && said.starts_with("warning: ")
        {
            self.0.push(said.to_owned());
        }
    }
}

pub(crate) fn check(page: &Page, lab: &Lab) -> Vec<String> {
    if page.block("text,left").is_some() {
        return Vec::new();
    }
    let name = testing::database(lab);
    let wrong = run(page, lab, &name).err().into_iter().collect();
    // Of a page that failed it may be in use still; it ends with its server.
    let _ = lab.drop_database(&name);
    wrong
}

fn run(page: &Page, lab: &Lab, name: &str) -> Result<(), String> {
    let sides = page.sides(lab.version().0);
    let plan = page.plan(&sides).planned;
    // What runs in one transaction is the same to the proof.
    let own = |step: &PlannedStep| matches!(step.work, Work::Alone { .. } | Work::Backfill(_));
    if !plan.steps.iter().any(own) {
        return Ok(());
    }
    let mut client = lab.connect(name).map_err(|error| error.to_string())?;
    let failed = |error: postgres::Error| live::Error::from(error).to_string();
    client.batch_execute(&write::sql::postgres::schema(&sides.before)).map_err(failed)?;
    match page.block("sql,rows") {
        Some(script) => {
            client.batch_execute(script).map_err(failed)?;
            sample::number_on(&mut client, &sides.before).map_err(failed)?;
        }
        None => {
            client.batch_execute("BEGIN").map_err(failed)?;
            sample::fill(&mut client, &Ahead::nothing(&sides.before), 20, &Default::default()).map_err(failed)?;
            client.batch_execute("COMMIT").map_err(failed)?;
        }
    }
    drop(client);
    let target = lab.target(name);
    let mut warnings = Warnings::default();
    let job = Job { plan: &plan, namespace: &PUBLIC };
    let options = Options {
        until: Until::Release(u32::MAX),
        retry_for: Duration::from_secs(5),
        lock_timeout: Duration::from_secs(1),
        ..Options::default()
    };
    match live::run::run(&target, job, &options, &mut warnings) {
        Ok(Outcome::Reached | Outcome::NothingToDo) => {}
        Ok(other) => return Err(format!("the runner ends with {other:?}")),
        Err(error) => return Err(format!("the runner: {error}")),
    }
    let lost = plan.steps.iter().rposition(|step| matches!(step.undo, Undo::Lost(_)));
    let undoing = Undoing { to: lost.map_or(0, |index| index + 1), allow_loss: false };
    match live::run::undo(&target, job, undoing, &options, &mut warnings) {
        Ok(Outcome::Reached | Outcome::NothingToDo) => {}
        Ok(other) => return Err(format!("taking it back ends with {other:?}")),
        Err(error) => return Err(format!("taking it back: {error}")),
    }
    // What was made sure of stays so.
    let stays = page.block("text,stays").is_some();
    if warnings.0.is_empty() || stays { Ok(()) } else { Err(warnings.0.join("\n")) }
}
