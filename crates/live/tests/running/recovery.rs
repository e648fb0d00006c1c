//! What a run that ended in the middle leaves behind is found in the catalog and brought to its end.

use live::run::{Outcome, State, Undoing, repair, status, undo};
use model::planned::{Phase, PlannedStep, Undo, Work};

use crate::stage::{Silent, Stage, all, index, step};

const TABLE: &str = "CREATE TABLE t (id bigint PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 1)";

const BUILD: &str = "CREATE UNIQUE INDEX CONCURRENTLY t_v ON t (v)";

fn unique() -> Option<Stage> {
    Stage::new(TABLE, "DELETE FROM t WHERE id = 2; CREATE UNIQUE INDEX t_v ON t (v)", vec![index("t_v", BUILD)])
}

fn state(stage: &Stage) -> Option<State> {
    status(&stage.target, stage.job()).expect("it answers").entries.get(&1).map(|entry| entry.state)
}

fn alone(statement: &str) -> PlannedStep {
    let work = Work::Alone { statement: statement.to_owned(), index: None };
    step(Phase::Contract, statement, work, Undo::Lost("it is gone".to_owned()))
}

const VALID: &str = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('t_v')::oid AND indisvalid";
const THERE: &str = "SELECT count(*) FROM pg_class WHERE relname = 't_v'";

#[test]
fn an_invalid_index_is_built_again() {
    let Some(mut stage) = unique() else { return };
    let error = stage.run_all().expect_err("two rows are the same").to_string();
    assert!(error.contains("could not create unique index \"t_v\""), "{error}");
    assert_eq!((state(&stage), stage.number(THERE), stage.number(VALID)), (Some(State::Running), 1, 0));
    stage.client.batch_execute("DELETE FROM t WHERE id = 2").expect("it can");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(stage.number(VALID), 1);
}

#[test]
fn an_invalid_index_is_repaired_away_or_taken_back() {
    let Some(mut stage) = unique() else { return };
    stage.run_all().expect_err("two rows are the same");
    let said = repair(&stage.target, stage.job(), &all(), &mut Silent).expect("it can");
    assert_eq!(said, [format!("step 1, {BUILD}: public.t_v was INVALID and is dropped; the next run builds it")]);
    assert_eq!((state(&stage), stage.number(THERE)), (Some(State::Undone), 0));
    stage.run_all().expect_err("two rows are the same");
    let undoing = Undoing { to: 0, allow_loss: false };
    assert_eq!(undo(&stage.target, stage.job(), undoing, &all(), &mut Silent).expect("it can"), Outcome::Reached);
    assert_eq!((state(&stage), stage.number(THERE)), (Some(State::Undone), 0));
}

#[test]
fn an_index_that_was_finished_is_not_built_twice() {
    let Some(mut stage) = unique() else { return };
    stage.run_all().expect_err("two rows are the same");
    // As if the run had ended between the build and its note.
    stage.client.batch_execute("DELETE FROM t WHERE id = 2; DROP INDEX t_v").expect("it can");
    stage.client.batch_execute(BUILD).expect("it can");
    let made = stage.number("SELECT 't_v'::regclass::oid::int8");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(stage.number("SELECT 't_v'::regclass::oid::int8"), made);
}

#[test]
fn an_index_that_nobody_planned_is_not_taken_for_ours() {
    let Some(mut stage) = unique() else { return };
    stage.client.batch_execute("CREATE INDEX t_v ON t (id)").expect("it can");
    let options = live::run::Options { force: true, ..all() };
    let error = stage.run(&options).expect_err("it is another one").to_string();
    assert!(error.contains("an index called public.t_v is there already"), "{error}");
}

#[test]
fn a_dropped_index_is_not_dropped_twice() {
    let before = format!("{TABLE}; CREATE INDEX t_v ON t (v)");
    let drop = || vec![alone("DROP INDEX CONCURRENTLY t_v")];
    let Some(mut stage) = Stage::new(&before, "DROP INDEX t_v", drop()) else { return };
    announce(&mut stage);
    stage.client.batch_execute("DROP INDEX t_v").expect("it can");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);

    let Some(mut stage) = Stage::new(&before, "DROP INDEX t_v", drop()) else { return };
    announce(&mut stage);
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(stage.number(THERE), 0);
}

/// As if a run had ended right after it announced the first step.
fn announce(stage: &mut Stage) {
    let other = stage.another();
    let mut forgotten = Stage { target: stage.target.clone(), client: other, plan: stage.plan.clone() };
    assert_eq!(forgotten.run_all().expect("it runs"), Outcome::Reached);
    forgotten
        .client
        .batch_execute("UPDATE palladio.step SET state = 'running'; UPDATE palladio.plan SET finished = NULL")
        .expect("it can");
    stage.client.batch_execute("CREATE INDEX IF NOT EXISTS t_v ON t (v)").expect("it can");
}

#[test]
fn a_partition_that_is_half_detached_is_finalized() {
    let before = "CREATE TABLE p (id int) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); INSERT INTO p VALUES (1)";
    // The bound stays as a constraint of the table.
    let after = "ALTER TABLE p DETACH PARTITION p1; ALTER TABLE p1 ADD CONSTRAINT p1_id_check CHECK (id < 10)";
    let detach = "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY";
    let Some(mut stage) = Stage::new(before, after, vec![alone(detach)]) else { return };
    // A reader makes the second half wait; the statement is given up then.
    let mut reader = stage.another();
    reader.batch_execute("BEGIN; SELECT * FROM p").expect("it can");
    let options = live::run::Options {
        lock_timeout: std::time::Duration::from_millis(200),
        retry_for: std::time::Duration::from_millis(100),
        ..all()
    };
    stage.run(&options).expect_err("the reader stays");
    let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
    assert_eq!(stage.number(pending), 1);
    reader.batch_execute("COMMIT").expect("it can");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(stage.number("SELECT count(*) FROM p1"), 1);
    assert_eq!(stage.number("SELECT count(*) FROM p"), 0);
}
