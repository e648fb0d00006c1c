//! Every row gets its value, once, whoever else writes.

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use live::run::{Outcome, run, status};
use model::planned::PlannedStep;

use crate::stage::{Noting, Stage, all, backfill};

/// A backfill of a table that counts how often each row was changed.
fn stage(table: &str, step: PlannedStep) -> Option<Stage> {
    let before = format!(
        "{table};
         CREATE TABLE changes (key text NOT NULL);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.v IS DISTINCT FROM OLD.v THEN INSERT INTO changes VALUES (NEW.key); END IF; RETURN NEW; END $$;
         CREATE TRIGGER note BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note()"
    );
    Stage::new(&before, "", vec![step])
}

fn check(table: &str, key: &[&str]) {
    let Some(mut stage) = stage(table, backfill("t", key, ("v", "length(key)"), "v IS NULL")) else { return };
    let due = stage.number("SELECT count(*) FROM t WHERE v IS NULL");
    assert_eq!(stage.run_all().expect("it runs"), Outcome::Reached);
    assert_eq!(stage.number("SELECT count(*) FROM t WHERE v IS NULL"), 0);
    assert_eq!(stage.number("SELECT count(*) FROM changes"), due);
    assert_eq!(stage.number("SELECT count(DISTINCT key) FROM changes"), due);
    assert_eq!(status(&stage.target, stage.job()).expect("it answers").entries[&1].changed, due);
}

#[test]
fn keys_of_all_kinds() {
    check(
        "CREATE TABLE t (key text PRIMARY KEY, v int); INSERT INTO t SELECT 'it''s \\ ' || n FROM generate_series(1, 900) n",
        &["key"],
    );
    check(
        "CREATE TABLE t (\"Shop\" int, at timestamptz, key text UNIQUE, v int, PRIMARY KEY (\"Shop\", at));
         INSERT INTO t SELECT n % 7, now() + n * interval '1 us', n::text FROM generate_series(1, 900) n",
        &["Shop", "at"],
    );
    check(
        "CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), key text, v int);
         INSERT INTO t (key) SELECT n::text FROM generate_series(1, 900) n",
        &["id"],
    );
    // Some rows have their value, and far between those that have none.
    check(
        "CREATE TABLE t (id bigint PRIMARY KEY, key text, v int);
         INSERT INTO t SELECT n, n::text, CASE WHEN n % 100 <> 0 THEN n END FROM generate_series(1, 5000) n",
        &["id"],
    );
    check("CREATE TABLE t (id bigint PRIMARY KEY, key text, v int)", &["id"]);
    check(
        "CREATE TABLE t (id bigint PRIMARY KEY, key text, v int) PARTITION BY RANGE (id);
         CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (500);
         CREATE TABLE t2 PARTITION OF t DEFAULT;
         INSERT INTO t SELECT n, n::text FROM generate_series(1, 900) n",
        &["id"],
    );
}

const TABLE: &str = "CREATE TABLE t (id bigint PRIMARY KEY, key text, v int);
    INSERT INTO t SELECT n, n::text FROM generate_series(1, 1000) n";

#[test]
fn rows_that_others_hold_are_not_lost() {
    let Some(mut stage) = stage(TABLE, backfill("t", &["id"], ("v", "1"), "v IS NULL")) else { return };
    let mut holder = stage.another();
    holder.batch_execute("BEGIN; UPDATE t SET key = key || 'x' WHERE id IN (7, 500)").expect("it can");
    let never = AtomicBool::new(false);
    let act = Box::new(|| {
        let mut behind = stage.another();
        behind.batch_execute("INSERT INTO t VALUES (0, 'late')").expect("it can");
        holder.batch_execute("COMMIT").expect("it can");
    });
    // The first pass leaves them out; then somebody has to wait.
    let mut noting =
        Noting { lines: Vec::new(), at: "waits for BEGIN; UPDATE t SET key", act: Some(act), stop: &never };
    let outcome = run(&stage.target, stage.job(), &all(), &mut noting).expect("it runs");
    assert_eq!(outcome, Outcome::Reached);
    assert!(noting.act.is_none(), "{:?}", noting.lines);
    assert!(noting.lines.iter().any(|line| line == "rows 998"), "{:?}", noting.lines);
    drop(noting);
    assert_eq!(stage.number("SELECT count(*) FROM t WHERE v = 1"), 1001);
    assert_eq!(stage.number("SELECT count(*) FROM changes"), 1001);
    assert_eq!(stage.number("SELECT count(*) FROM t WHERE key LIKE '%x'"), 2);
}

#[test]
fn values_are_those_of_the_newest_row() {
    let Some(mut stage) = stage(TABLE, backfill("t", &["id"], ("v", "length(key)"), "v IS NULL")) else { return };
    let client = stage.another();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut client = client;
            let mut round = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                round += 1;
                let id = i64::from(round % 1000 + 1);
                // The application keeps both in step, as a trigger of the plan would.
                let text = "x".repeat(usize::try_from(round % 50).expect("it is small"));
                let update =
                    "UPDATE t SET key = $2, v = CASE WHEN v IS NULL THEN NULL ELSE length($2) END WHERE id = $1";
                client.execute(update, &[&id, &text]).expect("it can");
            }
        });
        let outcome = stage.run_all();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        writer.join().expect("no statement of it failed");
        assert_eq!(outcome.expect("it runs"), Outcome::Reached);
    });
    assert_eq!(stage.number("SELECT count(*) FROM t WHERE v IS DISTINCT FROM length(key)"), 0);
}

#[test]
fn a_backfill_that_would_never_end_is_found_at_once() {
    let Some(mut stage) = stage(TABLE, backfill("t", &["id"], ("v", "NULL"), "v IS NULL")) else { return };
    let error = stage.run_all().expect_err("it has no end").to_string();
    assert!(error.contains("100 rows still meet the condition of the backfill after they got their values"), "{error}");
    assert_eq!(stage.number("SELECT count(*) FROM changes"), 0);
}

#[test]
fn it_pauses_while_a_crowd_waits() {
    let table = "CREATE TABLE t (id bigint PRIMARY KEY, key text, v int); CREATE TABLE door (id int);
        INSERT INTO t SELECT n, n::text FROM generate_series(1, 20000) n";
    let Some(stage) = stage(table, backfill("t", &["id"], ("v", "1"), "v IS NULL")) else { return };
    let mut holder = stage.another();
    holder.batch_execute("BEGIN; LOCK door").expect("it can");
    let crowd: Vec<_> = (0..10)
        .map(|_| {
            let mut client = stage.another();
            thread::spawn(move || client.batch_execute("SELECT * FROM door"))
        })
        .collect();
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let mut observer = stage.another();
    while observer.query_one(waiting, &[]).expect("it answers").get::<_, i64>(0) < 10 {
        thread::sleep(Duration::from_millis(20));
    }
    let never = AtomicBool::new(false);
    let act = Box::new(|| holder.batch_execute("COMMIT").expect("it can"));
    let mut noting = Noting { lines: Vec::new(), at: "pauses, 10 sessions wait", act: Some(act), stop: &never };
    let options = live::run::Options { batch_time: Duration::from_millis(4000), ..all() };
    // Batches are made long enough for a look at the others.
    let mut slow = stage.another();
    slow.batch_execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
         CREATE TRIGGER slow AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION slow()",
    )
    .expect("it is sound");
    let options = live::run::Options { force: true, ..options };
    assert_eq!(run(&stage.target, stage.job(), &options, &mut noting).expect("it runs"), Outcome::Reached);
    assert!(noting.act.is_none(), "{:?}", noting.lines);
    for member in crowd {
        member.join().expect("it ended").expect("it got in");
    }
}
