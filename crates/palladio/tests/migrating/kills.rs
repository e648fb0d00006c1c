//! A run is killed at random points while others write, and taken up again until it is through.
//!
//! Each row counts how often the run changed it, and the others keep a ledger of what they did. `PALLADIO_KILLS`,
//! `PALLADIO_ROWS` and `PALLADIO_CLIENTS` make it larger than an ordinary run of the tests does.

use std::collections::BTreeMap;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use live::{Client, Lab, testing};
use model::planned::{Cost, Phase, Planned};

use crate::process::{Folder, alone, backfill, said, shape, together};

const SCHEMA: &str = "
    CREATE TABLE customers (id int PRIMARY KEY);
    CREATE TABLE orders (
        id bigint PRIMARY KEY, customer_id int NOT NULL, amount int NOT NULL DEFAULT 0, touched int NOT NULL DEFAULT 0);
    CREATE INDEX orders_amount ON orders (amount);
    CREATE TABLE ledger (order_id bigint NOT NULL, delta int NOT NULL);
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('application_name') = 'palladio migrate' THEN NEW.touched := OLD.touched + 1; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();";

const EXPAND: [&str; 3] = [
    "ALTER TABLE orders ADD cents bigint",
    "CREATE FUNCTION keep_cents() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN NEW.cents := NEW.amount::bigint * 100; RETURN NEW; END $$",
    "CREATE TRIGGER keep_cents BEFORE INSERT OR UPDATE OF amount ON orders
     FOR EACH ROW EXECUTE FUNCTION keep_cents()",
];

fn plan(lab: &Lab, before: &mut Client) -> Planned {
    let after = testing::database(lab);
    let mut after = lab.connect(&after).expect("it answers");
    after.batch_execute(SCHEMA).expect("it is sound");
    after.batch_execute(&EXPAND.join(";")).expect("it is sound");
    after
        .batch_execute(
            "CREATE INDEX orders_cents ON orders (cents); DROP INDEX orders_amount;
             ALTER TABLE orders ALTER cents SET NOT NULL;
             ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers",
        )
        .expect("it is sound");
    let constraint = "ALTER TABLE orders ADD CONSTRAINT cents_there CHECK (cents IS NOT NULL) NOT VALID";
    let key = "ALTER TABLE orders ADD CONSTRAINT orders_customer
        FOREIGN KEY (customer_id) REFERENCES customers NOT VALID";
    let validate = |name: &str| format!("ALTER TABLE orders VALIDATE CONSTRAINT {name}");
    let steps = vec![
        together(Phase::Expand, Cost::Instant, "add orders.cents, kept in step", &EXPAND),
        backfill("orders", ("cents", "amount::bigint * 100"), "cents IS NULL"),
        alone(
            Phase::Constrain,
            "an index on orders.cents",
            "CREATE INDEX CONCURRENTLY orders_cents ON orders (cents)",
            Some("orders_cents"),
        ),
        together(Phase::Constrain, Cost::Instant, "cents are there, from now on", &[constraint]),
        together(Phase::Constrain, Cost::Scan, "cents are there", &[&validate("cents_there")]),
        together(
            Phase::Constrain,
            Cost::Instant,
            "cents are NOT NULL",
            &["ALTER TABLE orders ALTER cents SET NOT NULL", "ALTER TABLE orders DROP CONSTRAINT cents_there"],
        ),
        together(Phase::Constrain, Cost::Instant, "customers exist, from now on", &[key]),
        together(Phase::Constrain, Cost::Scan, "customers exist", &[&validate("orders_customer")]),
        alone(Phase::Contract, "drop orders_amount", "DROP INDEX CONCURRENTLY orders_amount", None),
    ];
    let (from, to) = (shape(before), shape(&mut after));
    Planned { title: "amounts in cents".to_owned(), version: lab.version(), from, to, steps }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Kills in one round, so that late steps have their share.
const MOST: u64 = 25;

#[test]
fn killed_anywhere_nothing_is_lost_or_done_twice() {
    let (kills, rows) = (setting("PALLADIO_KILLS", 12), setting("PALLADIO_ROWS", 50_000));
    let clients = setting("PALLADIO_CLIENTS", 2);
    let options = live::lab::Options::default()
        .set("shared_buffers", "256MB")
        .set("autovacuum", "on")
        .set("autovacuum_naptime", "1s");
    let Some(lab) = testing::own(&options) else { return };
    let template = testing::database(&lab);
    let mut client = lab.connect(&template).expect("it answers");
    client.batch_execute(SCHEMA).expect("it is sound");
    let fill = format!(
        "INSERT INTO customers SELECT generate_series(0, 99);
         INSERT INTO orders SELECT n, n % 100 FROM generate_series(1, {rows}) n; ANALYZE"
    );
    client.batch_execute(&fill).expect("they fit");
    let folder = Folder::with_plan(&plan(&lab, &mut client));
    drop(client);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut points = BTreeMap::new();
    let (mut killed, mut rounds, mut written) = (0, 0, 0);
    while killed < kills {
        rounds += 1;
        let name = format!("round_{rounds}");
        let mut postgres = lab.connect("postgres").expect("it answers");
        postgres.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).expect("nobody is in it");
        written += round(&lab, &folder, &name, rows, clients, &mut numbers, (kills - killed).min(MOST), &mut points);
        killed = points.values().sum();
        postgres.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).expect("it can");
    }
    println!("{killed} kills in {rounds} rounds over {rows} rows, {written} transactions of {clients} others");
    for (point, count) in points {
        println!("{count:>5} while {point}");
    }
}

/// Runs the plan once, with kills on the way; how many transactions others had meanwhile.
#[allow(clippy::too_many_arguments, reason = "what a round is made of")]
fn round(
    lab: &Lab,
    folder: &Folder,
    name: &str,
    rows: u64,
    clients: u64,
    numbers: &mut Numbers,
    kills: u64,
    points: &mut BTreeMap<String, u64>,
) -> u64 {
    let url = lab.target(name).to_string();
    let arguments = ["run", "plan.json", "--db", &url, "--batch-time", "50ms"];
    let stop = AtomicBool::new(false);
    let written = AtomicU64::new(0);
    thread::scope(|scope| {
        let others: Vec<_> = (0..clients)
            .map(|number| {
                let client = lab.connect(name).expect("it answers");
                let (stop, written) = (&stop, &written);
                scope.spawn(move || write(client, rows, Numbers(number * 7919 + 1), stop, written))
            })
            .collect();
        let mut observer = lab.connect(name).expect("it answers");
        let mut left = kills;
        let last = loop {
            let mut child = folder.start(&arguments);
            // Some time after the start, or soon after one of the next steps was done. The backfill is long: when it
            // had its share, it is waited for.
            let done_before = done(&mut observer);
            let early = done_before < 2 && kills - left < kills / 2;
            let ahead = if early { 0 } else { usize::try_from(numbers.below(3)).expect("it is small") };
            let aim = if ahead == 0 { 0 } else { done_before + ahead };
            let later = Duration::from_millis(numbers.below(if ahead == 0 { 1500 } else { 25 }));
            if left > 0 {
                let is_over = |child: &mut Child| child.try_wait().expect("it is ours").is_some();
                while done(&mut observer) < aim && !is_over(&mut child) {
                    thread::sleep(Duration::from_millis(2));
                }
                thread::sleep(later);
                if !is_over(&mut child) {
                    child.kill().expect("it is ours");
                    *points.entry(at(&mut observer)).or_default() += 1;
                    left -= 1;
                }
            }
            let output = child.wait_with_output().expect("it ends");
            // Killed by a signal, it has no exit code.
            if output.status.code().is_some() {
                break output;
            }
        };
        stop.store(true, Ordering::Relaxed);
        for other in others {
            other.join().expect("no statement of the others failed");
        }
        let (code, stdout, stderr) = said(&last);
        assert_eq!((code, stdout.as_str()), (0, "Done: the database has the planned shape.\n"), "{stderr}");
        let mut number = |question: &str| -> i64 { observer.query_one(question, &[]).expect(question).get(0) };
        let sound = [
            ("rows there", number("SELECT count(*) FROM orders"), i64::try_from(rows).expect("it is small")),
            (
                "without cents",
                number("SELECT count(*) FROM orders WHERE cents IS DISTINCT FROM amount::bigint * 100"),
                0,
            ),
            ("changed twice", number("SELECT count(*) FROM orders WHERE touched > 1"), 0),
            (
                "not as the ledger says",
                number(
                    "SELECT count(*) FROM orders o LEFT JOIN
                     (SELECT order_id, sum(delta) AS sum FROM ledger GROUP BY 1) l ON l.order_id = o.id
                     WHERE o.amount <> coalesce(l.sum, 0)",
                ),
                0,
            ),
            (
                "written down",
                number("SELECT changed FROM palladio.step WHERE number = 2"),
                number("SELECT sum(touched) FROM orders"),
            ),
            ("invalid indexes", number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0),
        ];
        for (what, is, should) in sound {
            assert_eq!(is, should, "{what}");
        }
    });
    written.into_inner()
}

/// How many steps are done, by the books.
fn done(observer: &mut Client) -> usize {
    let there = observer.query_one("SELECT to_regclass('palladio.step') IS NOT NULL", &[]).expect("it answers");
    if !there.get::<_, bool>(0) {
        return 0;
    }
    let count = observer.query_one("SELECT count(*) FROM palladio.step WHERE state = 'done'", &[]).expect("it answers");
    usize::try_from(count.get::<_, i64>(0)).expect("it is small")
}

/// What was being done, by the books.
fn at(observer: &mut Client) -> String {
    match done(observer) {
        0 => "nothing was done yet".to_owned(),
        9 => "every step was done, and the shape was looked at".to_owned(),
        done => format!("step {} of 9 was next or at work", done + 1),
    }
}

/// Another application: small transactions on random rows.
fn write(mut client: Client, rows: u64, mut numbers: Numbers, stop: &AtomicBool, written: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        let id = i64::try_from(numbers.below(rows) + 1).expect("it is small");
        let delta = i32::try_from(numbers.below(9)).expect("it is small");
        let mut transaction = client.transaction().expect("it can");
        transaction
            .execute("UPDATE orders SET amount = amount + $2 WHERE id = $1", &[&id, &delta])
            .expect("others can write");
        transaction.execute("INSERT INTO ledger VALUES ($1, $2)", &[&id, &delta]).expect("others can write");
        transaction.commit().expect("others can write");
        written.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(1));
    }
}
