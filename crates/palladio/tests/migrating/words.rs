//! What is said at the command line: before a run, on its way, and when somebody stops it.

use std::io::{BufRead, BufReader};
use std::process::Command;

use live::{Client, Lab, testing};
use model::planned::{Cost, Phase, Planned, PlannedStep, Undo, Work};

use crate::process::{Folder, alone, backfill, said, shape, step, together};

const TABLE: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount int);
    INSERT INTO orders SELECT n, n FROM generate_series(1, 3000) n;";

fn open(lab: &Lab, script: &str) -> (Client, String) {
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(script).expect("it is sound");
    (client, lab.target(&name).to_string())
}

fn stage(lab: &Lab) -> (Folder, Client, String) {
    let (mut client, url) = open(lab, TABLE);
    let after = "ALTER TABLE orders ADD cents bigint; CREATE INDEX orders_cents ON orders (cents);
        ALTER TABLE orders DROP amount";
    let to = shape(&mut open(lab, &format!("{TABLE}{after}")).0);
    let undone = |sql: &str, step: PlannedStep| PlannedStep { undo: Undo::Together(vec![sql.to_owned()]), ..step };
    let late = |phase, step: PlannedStep| PlannedStep { release: 2, phase, ..step };
    let deploy = step(Phase::Switch, Cost::Instant, "deploy what reads cents", Work::Deploy, Undo::Nothing);
    let after = Some("orders.cents may be read; amount is still written".to_owned());
    let drop = together(Phase::Contract, Cost::Instant, "drop orders.amount", &["ALTER TABLE orders DROP amount"]);
    let lost = Undo::Lost("the amounts are gone".to_owned());
    let steps = vec![
        undone(
            "ALTER TABLE orders DROP cents",
            together(Phase::Expand, Cost::Instant, "add orders.cents", &["ALTER TABLE orders ADD cents bigint"]),
        ),
        backfill("orders", ("cents", "amount::bigint * 100"), "cents IS NULL"),
        PlannedStep {
            undo: Undo::Alone("DROP INDEX CONCURRENTLY orders_cents".to_owned()),
            ..alone(
                Phase::Constrain,
                "an index on orders.cents",
                "CREATE INDEX CONCURRENTLY orders_cents ON orders (cents)",
                Some("orders_cents"),
            )
        },
        PlannedStep { after, ..late(Phase::Switch, deploy) },
        PlannedStep { undo: lost, ..late(Phase::Contract, drop) },
    ];
    let from = shape(&mut client);
    let plan = Planned { title: "amounts in cents".to_owned(), version: lab.version(), from, to, steps };
    (Folder::with_plan(&plan), client, url)
}

fn check(folder: &Folder, url: &str, words: &str, code: i32, expected: &str) {
    let mut arguments: Vec<&str> = words.split(' ').collect();
    arguments.extend(["--db", url]);
    let (is, stdout, stderr) = folder.run(&arguments);
    let id = stdout.split("(plan ").nth(1).and_then(|rest| rest.get(..16)).unwrap_or("(no plan)").to_owned();
    assert_eq!((is, stdout.replace(&id, "ID").as_str()), (code, expected), "{words}: {stderr}");
}

#[test]
fn from_a_dry_run_to_the_way_back() {
    let Some(lab) = testing::lab() else { return };
    let (folder, mut client, url) = stage(lab);
    let check = |words: &str, code: i32, expected: &str| check(&folder, &url, words, code, expected);
    check(
        "run plan.json --dry-run",
        0,
        "\
-- 1 expand: add orders.cents
BEGIN;
ALTER TABLE orders ADD cents bigint;
COMMIT;

-- 2 backfill: old rows get their values
-- in batches, in the order of the key
UPDATE orders SET cents = amount::bigint * 100 WHERE cents IS NULL;

-- 3 constrain: an index on orders.cents
CREATE INDEX CONCURRENTLY orders_cents ON orders (cents);

-- 4 switch: deploy what reads cents
-- the application is deployed

-- 5 contract: drop orders.amount
BEGIN;
ALTER TABLE orders DROP amount;
COMMIT;

",
    );
    check("run plan.json --until expand", 0, "Stopped before step 2, old rows get their values, as asked.\n");
    let deploy = "\
Stopped before step 4: deploy what reads cents
  orders.cents may be read; amount is still written
When that is deployed everywhere: palladio migrate run plan.json --db URL --release 2
";
    check("run plan.json", 0, deploy);
    check("run plan.json", 0, deploy);
    check(
        "status plan.json",
        0,
        "\
amounts in cents  (plan ID)
  1  expand     done      add orders.cents
  2  backfill   done      old rows get their values
                          3,000 rows changed, 3,000 looked at
  3  constrain  done      an index on orders.cents
  4  switch     next      deploy what reads cents
  5  contract             drop orders.amount
3 of 5 steps done; next is 4
",
    );
    check("undo plan.json --to backfill", 0, "Taken back to step 2.\n");
    check("run plan.json --release 2", 0, "Done: the database has the planned shape.\n");
    check("run plan.json --release 2", 0, "Nothing to do: every step was run before.\n");
    check("undo plan.json", 2, "");
    check("undo plan.json --to 4", 2, "");
    check("undo plan.json --to 5", 0, "Nothing to take back.\n");
    check("repair plan.json", 0, &format!("{}: nothing to repair\n", url_name(&mut client)));
}

fn url_name(client: &mut Client) -> String {
    client.query_one("SELECT current_database()", &[]).expect("it answers").get(0)
}

#[test]
fn ctrl_c_stops_where_nothing_is_lost() {
    let Some(lab) = testing::lab() else { return };
    let (folder, mut client, url) = stage(lab);
    // Slow enough that the signal comes in the middle.
    client
        .batch_execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;
             CREATE TRIGGER slow AFTER UPDATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION slow()",
        )
        .expect("it is sound");
    let mut child = folder.start(&["run", "plan.json", "--db", &url, "--force", "--batch-time", "50ms"]);
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let begun =
        |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.starts_with("1/5 add orders.cents"));
    lines.find(begun).expect("the first step is told").expect("it is text");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is kill");
    assert!(sent.success());
    let (code, stdout, _) = said(&child.wait_with_output().expect("it ends"));
    let expected = "Stopped at step 2, old rows get their values. Nothing is lost; go on: \
                    palladio migrate run plan.json --db URL\n";
    assert_eq!((code, stdout.as_str()), (1, expected));
    let changed = "SELECT changed FROM palladio.step WHERE number = 2";
    let count = "SELECT count(*) FROM orders WHERE cents IS NOT NULL";
    let mut number =
        |question: &str| client.query_opt(question, &[]).expect("it answers").map_or(0, |row| row.get::<_, i64>(0));
    assert_eq!(number(changed), number(count));
    assert!(number(count) < 3000);
}

#[test]
fn what_is_no_plan() {
    let folder = Folder::new();
    folder.write("plan.json", "{}");
    folder.write("schema/a.sql", "CREATE TABLE a (id int);");
    let said = |words: &str| folder.run(&words.split(' ').collect::<Vec<_>>());
    for (words, expected) in [
        ("run plan.json --db postgres://h/d", "error: plan.json is no plan: missing field `version`"),
        ("status gone.json --db postgres://h/d", "error: gone.json cannot be read"),
        ("run schema --db postgres://h/d", "error: schema is neither a plan nor a folder of migrations"),
        ("run schema --until nowhere", "error: invalid value 'nowhere' for '--until <PHASE>': one of expand"),
        ("run schema --lock-timeout 2", "error: invalid value '2' for '--lock-timeout <TIME>': a number with ms"),
    ] {
        let (code, _, stderr) = said(words);
        assert!(code == 2 && stderr.starts_with(expected), "{words}: {stderr}");
    }
}
