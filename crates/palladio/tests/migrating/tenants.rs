//! One plan for many schemas of a database: one fails, the others are done, and only that one is left.

use live::testing;
use model::planned::{Cost, Phase, Planned};

use crate::process::{Folder, alone, backfill, shape, together};

const TENANTS: usize = 200;

const TABLE: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount int);
    INSERT INTO orders SELECT n, n FROM generate_series(1, 10) n;";

#[test]
fn two_hundred_tenants_and_one_failure() {
    let options = live::lab::Options::default();
    let Some(lab) = testing::own(&options) else { return };
    let (before, after) = (testing::database(&lab), testing::database(&lab));
    let mut client = lab.connect(&before).expect("it answers");
    client.batch_execute(TABLE).expect("it is sound");
    let from = shape(&mut client);
    let mut client = lab.connect(&after).expect("it answers");
    client.batch_execute(TABLE).expect("it is sound");
    client
        .batch_execute(
            "ALTER TABLE orders ADD cents bigint; CREATE UNIQUE INDEX orders_cents ON orders (cents);
             ALTER TABLE orders ADD CHECK (amount > 0)",
        )
        .expect("it is sound");
    let to = shape(&mut client);
    let steps = vec![
        together(Phase::Expand, Cost::Instant, "add orders.cents", &["ALTER TABLE orders ADD cents bigint"]),
        backfill("orders", ("cents", "amount::bigint * 100"), "cents IS NULL"),
        alone(
            Phase::Constrain,
            "cents are unique",
            "CREATE UNIQUE INDEX CONCURRENTLY orders_cents ON orders (cents)",
            Some("orders_cents"),
        ),
        together(
            Phase::Constrain,
            Cost::Scan,
            "amounts are positive",
            &["ALTER TABLE orders ADD CONSTRAINT orders_amount_check CHECK (amount > 0)"],
        ),
    ];
    let plan = Planned { title: "amounts in cents".to_owned(), version: lab.version(), from, to, steps };
    let folder = Folder::with_plan(&plan);

    let name = testing::database(&lab);
    let mut client = lab.connect(&name).expect("it answers");
    let tenants: Vec<String> = (1..=TENANTS).map(|number| format!("tenant_{number:03}")).collect();
    for tenant in &tenants {
        client
            .batch_execute(&format!("CREATE SCHEMA {tenant}; SET search_path = {tenant}; {TABLE}"))
            .expect("it is sound");
    }
    client.batch_execute("RESET search_path; UPDATE tenant_117.orders SET amount = 1 WHERE id = 2").expect("it can");
    folder.write("tenants.txt", &(tenants.join("\n") + "\n"));
    let url = lab.target(&name).to_string();
    let arguments = ["run", "plan.json", "--db", &url, "--targets", "tenants.txt", "--jobs", "4"];

    let (code, stdout, stderr) = folder.run(&arguments);
    assert_eq!(code, 1, "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    assert!(lines[0].starts_with("tenant_117  failed: step 3, cents are unique: "), "{stdout}");
    assert_eq!(lines[1], "200 targets: 199 done, 1 failed or stopped");
    assert!(lines[2].ends_with("palladio migrate run plan.json --db URL --targets tenants.txt"), "{stdout}");
    let finished = "SELECT count(*) FROM palladio.plan WHERE finished IS NOT NULL";
    assert_eq!(client.query_one(finished, &[]).expect("it answers").get::<_, i64>(0), 199);

    // The same again, with its cause gone: only what is left is run.
    client.batch_execute("UPDATE tenant_117.orders SET amount = 2, cents = 200 WHERE id = 2").expect("it can");
    let last = "SELECT count(*) FROM palladio.step WHERE finished > $1::text::timestamptz";
    let now: String = client.query_one("SELECT clock_timestamp()::text", &[]).expect("it answers").get(0);
    let (code, stdout, stderr) = folder.run(&arguments);
    assert_eq!((code, stdout.as_str()), (0, "200 targets: 199 was done before, 1 done\n"), "{stderr}");
    assert_eq!(client.query_one(last, &[&now]).expect("it answers").get::<_, i64>(0), 2);

    let (code, stdout, _) = folder.run(&["status", "plan.json", "--db", &url, "--targets", "tenants.txt"]);
    assert_eq!((code, stdout.lines().filter(|line| line.ends_with(": done")).count()), (0, 200));
}

#[test]
fn when_the_first_fails_no_other_is_begun() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(TABLE).expect("it is sound");
    let from = shape(&mut client);
    let steps = vec![together(Phase::Expand, Cost::Instant, "fail", &["SELECT 1 / 0"])];
    let plan = Planned { title: "nothing".to_owned(), version: lab.version(), from, to: from, steps };
    let folder = Folder::with_plan(&plan);
    client
        .batch_execute(&format!(
            "CREATE SCHEMA a; SET search_path = a; {TABLE}; CREATE SCHEMA b; SET search_path = b; {TABLE}"
        ))
        .expect("it is sound");
    folder.write("tenants.toml", "[targets]\na = { schema = \"a\" }\nb = \"b\"\n");
    let url = lab.target(&name).to_string();
    let (code, stdout, _) = folder.run(&["run", "plan.json", "--db", &url, "--targets", "tenants.toml"]);
    assert_eq!(
        (code, stdout.as_str()),
        (
            1,
            "\
a  failed: step 1, fail: the database refused it: division by zero (22012)
2 targets: 1 failed or stopped, 1 not begun
The same command runs only what is left: palladio migrate run plan.json --db URL --targets tenants.toml
"
        )
    );
}
