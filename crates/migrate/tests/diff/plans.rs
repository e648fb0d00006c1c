//! The same pages as plans: each step is run as a runner would, with rows in the tables; the end is the target, and
//! every step that can be taken back leads to where it came from.

use migrate::diff::{Settings, diff};
use migrate::plan;
use model::planned::{Cost, Undo, Work};

use crate::cases;
use crate::servers::{self, Room};

fn planned(page: &cases::Page, major: u16) -> migrate::plan::Plan {
    let (before, after, renames) = page.read(major);
    let settings = Settings { renames, ..servers::settings(major) };
    let found = diff(&before, &after, &settings);
    let settings = plan::Settings::new(settings);
    plan(&before, &after, &found, &settings)
}

/// Those that a plan leads through. The others say `text,unplanned`: `diff` arrives there, and the plan not yet.
fn pages() -> Vec<cases::Page> {
    cases::pages().into_iter().filter(|page| page.block("text,unplanned").is_none()).collect()
}

/// The statements of the work, without care for anybody else.
pub(crate) fn statements(work: &Work) -> Vec<String> {
    match work {
        Work::Together(statements) => vec![format!("BEGIN; {} COMMIT;", statements.join(" "))],
        Work::Alone { statement, .. } => vec![statement.clone()],
        Work::Backfill(backfill) => vec![format!("{};", backfill.statement())],
        Work::Deploy => Vec::new(),
    }
}

#[test]
fn plans_arrive_in_the_model() {
    let mut wrong = Vec::new();
    for major in [14, 15, 18] {
        for page in pages().iter().filter(|page| page.since() <= major && page.block("text,left").is_none()) {
            let left = planned(page, major).left;
            if !left.is_empty() {
                wrong.push(format!("{} on {major}: {left:?}", page.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plans_arrive_on_every_server() {
    let mut wrong = Vec::new();
    for lab in servers::all() {
        let major = servers::major(lab);
        let mut rooms = [Room::new(lab), Room::new(lab)];
        for page in pages().iter().filter(|page| page.since() <= major) {
            let plan = planned(page, major);
            let steps: Vec<String> = plan.planned.steps.iter().flat_map(|step| statements(&step.work)).collect();
            let (before, after) = page.sides();
            let complaints = servers::arrives(&mut rooms, before, &steps, after);
            if !complaints.is_empty() {
                wrong.push(format!(
                    "{} on {major}:\n  {}\n  {}",
                    page.name(),
                    complaints.join("\n  "),
                    steps.join("\n    ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_step_can_be_taken_back() {
    let mut wrong = Vec::new();
    if let Some(lab) = servers::all().last() {
        let major = servers::major(lab);
        let mut rooms = [Room::new(lab), Room::new(lab)];
        for page in pages().iter().filter(|page| page.since() <= major) {
            let plan = planned(page, major);
            let mut done: Vec<String> = Vec::new();
            let mut undone: Vec<String> = Vec::new();
            for step in &plan.planned.steps {
                // What was made sure of stays so.
                if step.cost == Cost::Scan && step.undo == Undo::Nothing && page.name() == "validate" {
                    break;
                }
                let undo = match &step.undo {
                    Undo::Together(statements) => statements.clone(),
                    Undo::Alone(statement) => vec![statement.clone()],
                    Undo::Nothing => Vec::new(),
                    Undo::Lost(_) => break,
                };
                done.extend(statements(&step.work));
                undone.splice(0..0, undo);
            }
            let there_and_back: Vec<String> = done.into_iter().chain(undone).collect();
            let (before, _) = page.sides();
            let complaints = servers::arrives(&mut rooms, before, &there_and_back, before);
            if !complaints.is_empty() {
                wrong.push(format!(
                    "{} on {major}:\n  {}\n  {}",
                    page.name(),
                    complaints.join("\n  "),
                    there_and_back.join("\n    ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
