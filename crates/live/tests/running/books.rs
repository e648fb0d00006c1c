//! What is run, in which order, how far, and what the books say of it.

use std::sync::atomic::{AtomicBool, Ordering};

use live::run::{Options, Outcome, State, Undoing, Until, baseline, repair, run, status, undo};
use model::planned::{Phase, PlannedStep, Undo, Work};

use crate::stage::{Noting, Silent, Stage, all, backfill, index, step, together};

const BEFORE: &str = "
    CREATE TABLE orders (id bigint PRIMARY KEY, name text);
    INSERT INTO orders SELECT n, 'name ' || n FROM generate_series(1, 1000) n";

const AFTER: &str = "ALTER TABLE orders ADD title text NOT NULL DEFAULT ''; ALTER TABLE orders DROP name;
    CREATE INDEX orders_title ON orders (title)";

fn steps() -> Vec<PlannedStep> {
    let of = |release: u32, phase: Phase, step: PlannedStep| PlannedStep { release, phase, ..step };
    let deploy = step(Phase::Switch, "deploy what reads title", Work::Deploy, Undo::Nothing);
    let drop = together(&["ALTER TABLE orders DROP name"], &[]);
    let lost = Undo::Lost("the names are gone".to_owned());
    vec![
        together(&["ALTER TABLE orders ADD title text"], &["ALTER TABLE orders DROP title"]),
        backfill("orders", &["id"], ("title", "upper(name)"), "title IS NULL"),
        index("orders_title", "CREATE INDEX CONCURRENTLY orders_title ON orders (title)"),
        of(
            1,
            Phase::Constrain,
            together(
                &["ALTER TABLE orders ALTER title SET DEFAULT ''", "ALTER TABLE orders ALTER title SET NOT NULL"],
                &["ALTER TABLE orders ALTER title DROP NOT NULL", "ALTER TABLE orders ALTER title DROP DEFAULT"],
            ),
        ),
        of(2, Phase::Switch, deploy),
        of(2, Phase::Contract, PlannedStep { undo: lost, ..drop }),
    ]
}

fn stage() -> Option<Stage> {
    Stage::new(BEFORE, AFTER, steps())
}

fn states(stage: &Stage) -> Vec<(usize, State)> {
    let status = status(&stage.target, stage.job()).expect("it answers");
    status.entries.into_iter().map(|(number, entry)| (number, entry.state)).collect()
}

#[test]
fn a_run_stops_where_the_application_is_deployed() {
    let Some(mut stage) = stage() else { return };
    assert_eq!(states(&stage), []);
    let options = Options::default();
    assert_eq!(stage.run(&options).expect("it runs"), Outcome::Deploy(5));
    assert_eq!(stage.number("SELECT count(*) FROM orders WHERE title = upper(name)"), 1000);
    // Whoever asks again says nothing new.
    assert_eq!(stage.run(&options).expect("it runs"), Outcome::Deploy(5));
    assert_eq!(states(&stage), (1..=4).map(|number| (number, State::Done)).collect::<Vec<_>>());

    let second = Options { until: Until::Release(2), ..options };
    assert_eq!(stage.run(&second).expect("it runs"), Outcome::Reached);
    assert_eq!(stage.run(&second).expect("it runs"), Outcome::NothingToDo);
    assert_eq!(stage.shape(), stage.plan.to);
    let status = status(&stage.target, stage.job()).expect("it answers");
    assert!(status.finished && status.running.is_none());
    assert_eq!((status.entries[&2].changed, status.entries[&2].seen), (1000, 1000));
}

#[test]
fn a_phase_bounds_a_run() {
    let Some(stage) = stage() else { return };
    let until = |phase| Options { until: Until::Phase(phase), ..Options::default() };
    assert_eq!(stage.run(&until(Phase::Expand)).expect("it runs"), Outcome::Paused(2));
    assert_eq!(stage.run(&until(Phase::Backfill)).expect("it runs"), Outcome::Paused(3));
    assert_eq!(stage.run(&until(Phase::Contract)).expect("it runs"), Outcome::Deploy(5));
}

#[test]
fn somebody_may_stop_it_and_go_on() {
    let Some(mut stage) = stage() else { return };
    let stop = AtomicBool::new(false);
    let act = Box::new(|| stop.store(true, Ordering::Relaxed));
    let mut noting = Noting { lines: Vec::new(), at: "rows", act: Some(act), stop: &stop };
    let outcome = run(&stage.target, stage.job(), &all(), &mut noting).expect("it runs");
    assert_eq!(outcome, Outcome::Stopped(2));
    assert_eq!(states(&stage), [(1, State::Done), (2, State::Running)]);
    let half = stage.number("SELECT count(*) FROM orders WHERE title IS NOT NULL");
    assert!(half > 0 && half < 1000, "{half}");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(status(&stage.target, stage.job()).expect("it answers").entries[&2].changed, 1000);
}

#[test]
fn another_database_is_refused() {
    let Some(mut stage) = stage() else { return };
    stage.client.batch_execute("ALTER TABLE orders ADD extra int").expect("it can");
    let error = stage.run_all().expect_err("it is another one").to_string();
    assert!(error.starts_with("the database is not the one that the plan was made for"), "{error}");
    assert_eq!(states(&stage), []);
    // With force it runs, and says at the end that this is not what was planned.
    let forced = stage.run(&Options { force: true, ..all() }).expect("it runs");
    assert_eq!(forced, Outcome::Reached);
}

#[test]
fn a_change_meanwhile_is_told_at_the_end() {
    let Some(mut stage) = stage() else { return };
    assert_eq!(stage.run(&Options::default()).expect("it runs"), Outcome::Deploy(5));
    stage.client.batch_execute("ALTER TABLE orders ADD CHECK (id > 0) NOT VALID").expect("it can");
    let error = stage.run_all().expect_err("the shape is another one").to_string();
    assert!(error.contains("has not the planned shape"), "{error}");
    assert!(error.ends_with("unfinished are constraint orders_id_check that is not validated"), "{error}");
    stage.client.batch_execute("ALTER TABLE orders DROP CONSTRAINT orders_id_check").expect("it can");
    let said = repair(&stage.target, stage.job(), &all(), &mut Silent).expect("it can");
    assert_eq!(said, ["every step is done, and the database has the planned shape"]);
    assert_eq!(stage.run_all().expect("it runs"), Outcome::NothingToDo);
}

#[test]
fn half_a_plan_keeps_others_away() {
    let Some(mut stage) = stage() else { return };
    assert_eq!(stage.run(&Options::default()).expect("it runs"), Outcome::Deploy(5));
    let mut other = Stage { target: stage.target.clone(), client: stage.another(), plan: stage.plan.clone() };
    other.plan.steps.truncate(1);
    other.plan.from = stage.shape();
    let error = other.run_all().expect_err("the first is half done").to_string();
    assert!(error.starts_with("another plan is half done here: a plan ("), "{error}");
}

#[test]
fn taken_back_step_by_step() {
    let Some(mut stage) = stage() else { return };
    assert_eq!(stage.run(&Options::default()).expect("it runs"), Outcome::Deploy(5));
    let back = |stage: &Stage, to, allow_loss| {
        undo(&stage.target, stage.job(), Undoing { to, allow_loss }, &all(), &mut Silent)
    };
    assert_eq!(back(&stage, 3, false).expect("it can"), Outcome::Reached);
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    let error = back(&stage, 0, false).expect_err("names are lost").to_string();
    assert!(error.ends_with("cannot be taken back: the names are gone"), "{error}");
    assert_eq!(stage.shape(), stage.plan.to, "nothing was run before the refusal");

    // With the loss allowed, the column is somebody's to bring back.
    assert_eq!(back(&stage, 5, true).expect("it can"), Outcome::Reached);
    stage.client.batch_execute("ALTER TABLE orders ADD name text").expect("it can");
    assert_eq!(back(&stage, 0, false).expect("it can"), Outcome::Reached);
    assert_eq!(stage.shape(), stage.plan.from);
    assert_eq!(back(&stage, 0, false).expect("it can"), Outcome::NothingToDo);
    // And once more from the start, with all rows to be done again.
    stage.client.batch_execute("UPDATE orders SET name = 'n' || id").expect("it can");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(status(&stage.target, stage.job()).expect("it answers").entries[&2].changed, 1000);
}

#[test]
fn a_database_that_is_there_already() {
    let Some(mut stage) = stage() else { return };
    let error = baseline(&stage.target, stage.job(), &all(), &mut Silent).expect_err("it is not there").to_string();
    assert!(error.starts_with("the database is not where the plan leads"), "{error}");
    stage.client.batch_execute(AFTER).expect("it is sound");
    baseline(&stage.target, stage.job(), &all(), &mut Silent).expect("it is there");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::NothingToDo);
}

#[test]
fn one_run_at_a_time() {
    let Some(stage) = stage() else { return };
    let never = AtomicBool::new(false);
    let mut second = None;
    {
        let act = Box::new(|| second = Some(stage.run_all()));
        let mut noting = Noting { lines: Vec::new(), at: "begins 2", act: Some(act), stop: &never };
        run(&stage.target, stage.job(), &all(), &mut noting).expect("it runs");
    }
    let error = second.expect("it was tried").expect_err("one is at work").to_string();
    assert!(error.starts_with("another migration runs on this database: pid "), "{error}");
    assert!(error.contains(", palladio migrate of postgres, since "), "{error}");
}

#[test]
fn a_step_that_fails_leaves_nothing_of_itself() {
    let twice = together(&["ALTER TABLE orders ADD a int", "ALTER TABLE orders ADD id int"], &[]);
    let Some(mut stage) = Stage::new(BEFORE, "ALTER TABLE orders ADD a int", vec![twice]) else { return };
    let error = stage.run_all().expect_err("id is there").to_string();
    assert_eq!(
        error,
        "step 1, ALTER TABLE orders ADD a int: the database refused it: column \"id\" of relation \"orders\" already \
         exists (42701)"
    );
    assert_eq!((stage.shape(), states(&stage)), (stage.plan.from, vec![]));
}
