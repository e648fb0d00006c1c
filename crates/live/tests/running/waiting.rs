//! Locks that others hold: short waits, seen, and tried again.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use live::run::{Options, Outcome, run};

use crate::stage::{Noting, Stage, all, index, together};

const TABLE: &str = "CREATE TABLE t (id bigint PRIMARY KEY); INSERT INTO t VALUES (1)";

fn short() -> Options {
    Options { lock_timeout: Duration::from_millis(400), ..all() }
}

#[test]
fn a_lock_is_asked_for_again() {
    let step = together(&["ALTER TABLE t ADD v int"], &[]);
    let Some(mut stage) = Stage::new(TABLE, "ALTER TABLE t ADD v int", vec![step]) else { return };
    let mut reader = stage.another();
    reader.batch_execute("BEGIN; SELECT * FROM t").expect("it can");
    let never = AtomicBool::new(false);
    let act = Box::new(|| {
        // Between two tries others get in.
        let mut other = stage.another();
        other.batch_execute("SET statement_timeout = '20s'; SELECT * FROM t").expect("nobody is in the way");
        reader.batch_execute("COMMIT").expect("it can");
    });
    let mut noting = Noting { lines: Vec::new(), at: "tries again", act: Some(act), stop: &never };
    assert_eq!(run(&stage.target, stage.job(), &short(), &mut noting).expect("it runs"), Outcome::Reached);
    let lines = std::mem::take(&mut noting.lines);
    drop(noting);
    assert!(lines.contains(&"waits for BEGIN; SELECT * FROM t".to_owned()), "{lines:?}");
    assert!(lines.contains(&"tries again: a lock was not free in time".to_owned()), "{lines:?}");
    assert_eq!(stage.shape(), stage.plan.to);
}

#[test]
fn who_was_in_the_way_is_named_in_the_end() {
    let step = together(&["ALTER TABLE t ADD v int"], &[]);
    let Some(mut stage) = Stage::new(TABLE, "ALTER TABLE t ADD v int", vec![step]) else { return };
    stage.client.batch_execute("SET application_name = 'reports'; BEGIN; SELECT * FROM t").expect("it can");
    let options = Options { retry_for: Duration::from_millis(300), ..short() };
    let error = stage.run(&options).expect_err("the reader stays").to_string();
    assert!(error.contains("a lock was not free in time, "), "{error}");
    assert!(error.contains("in the way was pid "), "{error}");
    assert!(error.contains("(postgres, reports, idle in transaction for 0 s): SET application_name"), "{error}");
    stage.client.batch_execute("COMMIT").expect("it can");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
}

#[test]
fn a_build_waits_for_old_transactions_and_says_which() {
    let step = index("t_id", "CREATE INDEX CONCURRENTLY t_id ON t (id)");
    let Some(mut stage) = Stage::new(TABLE, "CREATE INDEX t_id ON t (id)", vec![step]) else { return };
    let mut writer = stage.another();
    writer.batch_execute("BEGIN; INSERT INTO t VALUES (2)").expect("it can");
    let never = AtomicBool::new(false);
    let act = Box::new(|| writer.batch_execute("COMMIT").expect("it can"));
    let at = "waits for BEGIN; INSERT INTO t VALUES (2)";
    let mut noting = Noting { lines: Vec::new(), at, act: Some(act), stop: &never };
    assert_eq!(run(&stage.target, stage.job(), &short(), &mut noting).expect("it runs"), Outcome::Reached);
    assert!(noting.act.is_none(), "{:?}", noting.lines);
    drop(noting);
    assert_eq!(stage.shape(), stage.plan.to);
}
