//! A page on a server: run by the real runner to its end, and taken back as far as nothing was lost.

use std::time::Duration;

use live::run::{Event, Job, Options, Outcome, Undoing, Until, Watch};
use live::{Lab, sample, testing};
use model::Fingerprint;
use model::name::PUBLIC;
use model::planned::Undo;

use crate::page::Page;

struct Silent;

impl Watch for Silent {
    fn see(&mut self, _: Event<'_>) {}
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
    let mut client = lab.connect(name).map_err(|error| error.to_string())?;
    let failed = |error: postgres::Error| live::Error::from(error).to_string();
    client.batch_execute(&write::sql::postgres::schema(&sides.before)).map_err(failed)?;
    match page.block("sql,rows") {
        Some(script) => client.batch_execute(script).map_err(failed)?,
        None => {
            client.batch_execute("BEGIN").map_err(failed)?;
            sample::fill(&mut client, &sides.before, 20, &Default::default()).map_err(failed)?;
            client.batch_execute("COMMIT").map_err(failed)?;
        }
    }
    let target = lab.target(name);
    let job = Job { plan: &plan, namespace: &PUBLIC };
    let options = Options {
        until: Until::Release(u32::MAX),
        retry_for: Duration::from_secs(5),
        lock_timeout: Duration::from_secs(1),
        ..Options::default()
    };
    match live::run::run(&target, job, &options, &mut Silent) {
        Ok(Outcome::Reached | Outcome::NothingToDo) => {}
        Ok(other) => return Err(format!("the runner ends with {other:?}")),
        Err(error) => return Err(format!("the runner: {error}")),
    }
    let lost = plan.steps.iter().rposition(|step| matches!(step.undo, Undo::Lost(_)));
    let undoing = Undoing { to: lost.map_or(0, |index| index + 1), allow_loss: false };
    match live::run::undo(&target, job, undoing, &options, &mut Silent) {
        Ok(Outcome::Reached | Outcome::NothingToDo) => {}
        Ok(other) => return Err(format!("taking it back ends with {other:?}")),
        Err(error) => return Err(format!("taking it back: {error}")),
    }
    if lost.is_none() && page.block("text,stays").is_none() {
        let found = live::introspect(&mut client).map_err(|error| error.to_string())?;
        if Fingerprint::of(&found.schema) != plan.from {
            return Err("taken back by the runner, it is not what it was".to_owned());
        }
    }
    Ok(())
}
