//! From two files to a database that has what was wanted: planned, run, and half of it taken back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use live::testing;

use crate::process::Folder;

const BEFORE: &str = "CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, amount int, note text, customer_id bigint);
";

const AFTER: &str = "CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, amount bigint, note text NOT NULL,
    customer_id bigint REFERENCES customers (id));
CREATE INDEX orders_note ON orders (note);
";

#[test]
fn what_is_planned_can_be_run() {
    let Some(lab) = testing::lab() else { return };
    let folder = Folder::new();
    folder.write("a.sql", BEFORE);
    folder.write("b.sql", AFTER);
    let version = lab.version().0.to_string();
    let words = ["plan", "a.sql", "b.sql", "--fill", "orders.note=''", "--pg-version", &version, "-o", "plan.json"];
    let (code, _, stderr) = folder.run(&words);
    assert_eq!(code, 0, "{stderr}");

    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    let rows = "INSERT INTO customers SELECT generate_series(0, 9);
        INSERT INTO orders SELECT n, n, CASE WHEN n % 2 = 0 THEN 'x' END, n % 10 FROM generate_series(1, 2000) n";
    client.batch_execute(&format!("{BEFORE}{rows}")).expect("it is sound");
    let url = lab.target(&name).to_string();
    let run = |words: &[&str]| folder.run(&[words, &["--db", &url, "--quiet"]].concat());
    let (code, stdout, stderr) = run(&["run", "plan.json"]);
    assert!(code == 0 && stdout.starts_with("Stopped before step "), "{stdout}{stderr}");
    let (code, stdout, stderr) = run(&["undo", "plan.json"]);
    assert_eq!((code, stdout.as_str()), (0, "Taken back: nothing of the plan is left.\n"), "{stderr}");
    assert_eq!(stderr, "", "the shape is that of the start");
    let (code, stdout, stderr) = run(&["run", "plan.json", "--release", "9"]);
    assert_eq!((code, stdout.as_str()), (0, "Done: the database has the planned shape.\n"), "{stderr}");
    let sound = "SELECT count(*) FROM orders WHERE amount = id AND note = CASE WHEN id % 2 = 0 THEN 'x' ELSE '' END";
    assert_eq!(client.query_one(sound, &[]).expect("it answers").get::<_, i64>(0), 2000);
}

const PLAIN: &str = "CREATE TABLE events (id bigint PRIMARY KEY, at date NOT NULL, n int NOT NULL);
CREATE TABLE marks (event bigint, at date);
";
const PARTED: &str = "CREATE TABLE events (id bigint, at date NOT NULL, n int NOT NULL, PRIMARY KEY (id, at))
    PARTITION BY RANGE (at);
CREATE TABLE events_early PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE events_late PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE marks (event bigint, at date);
";

/// Writes until it is told to stop; what must be there then.
fn writes(mut client: live::Client, stop: &AtomicBool) -> BTreeMap<i64, i32> {
    let mut known: BTreeMap<i64, i32> = (1..=ROWS).map(|id| (id, 0)).collect();
    let mut at = 0_i64;
    while !stop.load(Ordering::Relaxed) {
        at += 1;
        let (id, n) = (at * 7 % ROWS + 1, i32::try_from(at).expect("not that many"));
        let done = match at % 3 {
            0 => client.execute("DELETE FROM events WHERE id = $1", &[&id]).map(|_| known.remove(&id)),
            1 => client
                .execute("UPDATE events SET n = $2 WHERE id = $1", &[&id, &n])
                .map(|rows| if rows > 0 { known.insert(id, n) } else { None }),
            _ => {
                let insert = "INSERT INTO events (id, at, n) VALUES ($1, '2026-03-03', $2)";
                client.execute(insert, &[&(ROWS + at), &n]).map(|_| known.insert(ROWS + at, n))
            }
        };
        done.expect("nobody who writes is refused");
    }
    known
}

const ROWS: i64 = 3000;

#[test]
fn a_table_is_partitioned_while_others_write() {
    let Some(lab) = testing::lab() else { return };
    let folder = Folder::new();
    folder.write("a.sql", PLAIN);
    folder.write("b.sql", PARTED);
    let version = lab.version().0.to_string();
    let (code, _, stderr) = folder.run(&["plan", "a.sql", "b.sql", "--pg-version", &version, "-o", "plan.json"]);
    assert_eq!(code, 0, "{stderr}");
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    let rows = format!("INSERT INTO events SELECT n, '2025-12-01'::date + n % 60, 0 FROM generate_series(1, {ROWS}) n");
    client.batch_execute(&format!("{PLAIN}{rows}")).expect("it is sound");
    let url = lab.target(&name).to_string();
    let stop = AtomicBool::new(false);
    let run = |words: &[&str]| folder.run(&[words, &["--db", &url, "--quiet"]].concat());
    let known = thread::scope(|scope| {
        let writer = lab.connect(&name).expect("it answers");
        let handle = scope.spawn(|| writes(writer, &stop));
        let (code, stdout, stderr) = run(&["run", "plan.json", "--batch-time", "20ms"]);
        stop.store(true, Ordering::Relaxed);
        let known = handle.join().expect("it writes");
        assert!(code == 0 && stdout.starts_with("Stopped before step "), "{stdout}{stderr}");
        known
    });
    let mut found = |question: &str| -> BTreeMap<i64, i32> {
        let rows = client.query(question, &[]).expect("it answers");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    assert!(known.len() > 100);
    assert_eq!(found("SELECT id, n FROM events"), known);
    assert_eq!(found("SELECT id, n FROM events__old"), known);
    let (code, stdout, stderr) = run(&["undo", "plan.json"]);
    assert_eq!((code, stdout.as_str()), (0, "Taken back: nothing of the plan is left.\n"), "{stderr}");
    assert_eq!(found("SELECT id, n FROM events"), known);
    let (code, stdout, stderr) = run(&["run", "plan.json", "--release", "9"]);
    assert_eq!((code, stdout.as_str()), (0, "Done: the database has the planned shape.\n"), "{stderr}");
    assert_eq!(found("SELECT id, n FROM events"), known);
}
