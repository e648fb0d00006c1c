//! From two files to a database that has what was wanted: planned, run, and half of it taken back.

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
