//! An index that stands for the planner alone is planned with as one that was built: by every session, and however often
//! others stood before.

use live::lab::Options;
use live::statistics::{self, Majors, Values, Wanted, WhatIf};
use live::{Client, testing};
use model::QName;
use postgres::SimpleQueryMessage;
use serde_json::Value;

const SCHEMA: &str = "
    CREATE TABLE customers (id int PRIMARY KEY, country text NOT NULL, born date NOT NULL);
    CREATE TABLE orders (id int NOT NULL, customer_id int NOT NULL, status text NOT NULL, placed_at timestamptz NOT NULL);
    CREATE TABLE events (at date NOT NULL, customer_id int NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE events_q1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-04-01');
    CREATE TABLE events_q2 PARTITION OF events FOR VALUES FROM ('2026-04-01') TO ('2026-07-01');
    CREATE TABLE nobody (at date NOT NULL) PARTITION BY RANGE (at);";

const ROWS: &str = "
    SET default_statistics_target = 3000;
    INSERT INTO customers SELECT n, 'c' || n % 90, date '1950-01-01' + n % 20000 FROM generate_series(1, 20000) n;
    INSERT INTO orders SELECT n, 1 + abs(hashint4(n)::bigint) % 20000, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'paid' END,
        timestamptz '2024-01-01 00:00Z' + n * interval '1 minute' FROM generate_series(1, 800000) n;
    INSERT INTO events SELECT date '2026-01-01' + n % 180, 1 + abs(hashint4(n)::bigint) % 20000
        FROM generate_series(1, 60000) n;
    VACUUM (ANALYZE) customers, orders, events";

/// Called by the planner, which takes it at its word.
const ENDS: &str = "CREATE FUNCTION ends() RETURNS boolean IMMUTABLE LANGUAGE sql
    AS 'SELECT pg_terminate_backend(pg_backend_pid())'";

/// Tables, and what an index on them is over.
const INDEXES: [(&str, &str); 7] = [
    ("orders", "(id)"),
    ("orders", "(customer_id, placed_at DESC)"),
    ("orders", "(placed_at) WHERE status = 'open'"),
    ("orders", "(status) INCLUDE (customer_id)"),
    ("orders", "USING brin (placed_at)"),
    ("customers", "USING hash (country)"),
    ("events", "(customer_id, at)"),
];

const QUERIES: [&str; 13] = [
    "SELECT * FROM orders WHERE id = 7",
    "SELECT * FROM orders WHERE id BETWEEN 100 AND 9000",
    "SELECT * FROM orders WHERE id IN (4, 5, 6, 700000)",
    "SELECT max(id) FROM orders",
    "SELECT * FROM orders WHERE customer_id = 42 ORDER BY placed_at DESC LIMIT 5",
    "SELECT * FROM orders WHERE status = 'open' ORDER BY placed_at LIMIT 20",
    "SELECT customer_id FROM orders WHERE status = 'open'",
    "SELECT * FROM orders WHERE placed_at BETWEEN '2024-02-01 00:00Z' AND '2024-02-02 00:00Z'",
    "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.born < '1950-03-01'",
    "SELECT * FROM customers c WHERE c.country = 'c7'
     AND EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.placed_at > '2025-01-01 00:00Z')",
    "SELECT * FROM orders o JOIN orders p ON p.id = o.id + 1 WHERE o.customer_id < 30",
    "SELECT * FROM events WHERE customer_id = 5 ORDER BY at DESC LIMIT 3",
    "SELECT count(*) FROM events e JOIN orders o ON o.customer_id = e.customer_id WHERE e.at = '2026-05-05'",
];

#[test]
fn what_only_seems_to_stand_is_planned_with_as_if_it_did() {
    for major in testing::majors() {
        on(major);
    }
}

fn on(major: u16) {
    let Some(lab) = testing::own(&Options::version(major)) else { return };
    lab.create_database("original").expect("it can be made");
    let mut client = lab.connect("original").expect("it answers");
    for statement in SCHEMA.split(';').chain(ROWS.split(';')) {
        client.batch_execute(statement).expect("it is sound");
    }
    let bare = statistics::export(&mut client, Values::Kept).expect("it can be read");
    for (number, (table, rest)) in INDEXES.iter().enumerate() {
        client.batch_execute(&format!("CREATE INDEX built_{number} ON {table} {rest}")).expect("it is sound");
    }
    let built = statistics::export(&mut client, Values::Kept).expect("it can be read");
    let costs = QUERIES.map(|query| cost(&mut client, query));
    drop(client);

    lab.create_database("schema").expect("it can be made");
    lab.connect("schema").expect("it answers").batch_execute(SCHEMA).expect("it is sound");
    statistics::clone(&lab, "schema", "copy", &bare, Majors::Same).expect("it is the same version");
    lab.connect("copy").expect("it answers").batch_execute(ENDS).expect("it is sound");
    let mut whatif = WhatIf::new(&lab, "copy").expect("it answers");
    let parts = |number: usize| {
        let own = format!("public.built_{number}");
        let of = move |name: &str| name == own || number == 6 && name.starts_with("public.events_q");
        built.indexes.iter().filter(move |index| of(&index.name) && index.pages > 0)
    };
    let tables = INDEXES.map(|(table, _)| QName::public(table));
    let statements =
        INDEXES.map(|(_, rest)| move |table: &QName, name: &str| format!("CREATE INDEX {name} ON {table} {rest};"));
    let wanted: Vec<Wanted<'_>> = (0..INDEXES.len())
        .map(|number| Wanted {
            table: &tables[number],
            statement: &statements[number],
            rows: parts(number).map(|part| f64::from(part.rows)).sum(),
            pages: parts(number).map(|part| part.pages).sum(),
            height: parts(number).filter_map(|part| part.height).max().unwrap_or(0),
        })
        .collect();
    assert!(wanted[0].height == 2 && wanted.iter().all(|wanted| wanted.pages > 0), "{wanted:?}");
    let broken = |_: &QName, name: &str| format!("CREATE INDEX {name} ON public.nothing (id)");
    let refused = Wanted { statement: &broken, ..wanted[1] };
    assert_eq!(made(&mut whatif, &[&wanted[..2], &[refused], &wanted[2..]].concat()), [2]);
    let (nobody, plain) =
        (QName::public("nobody"), |table: &QName, name: &str| format!("CREATE INDEX {name} ON {table} (at)"));
    assert_eq!(
        made(&mut whatif, &[Wanted { table: &nobody, statement: &plain, ..wanted[1] }]),
        [0; 0],
        "it has no parts"
    );
    let standing: Vec<usize> = (0..INDEXES.len()).collect();
    for (seat, number) in whatif.seats().iter_mut().zip(1_usize..) {
        let bare = QUERIES.map(|query| seat.explain(query, &[]).expect("it can be planned").cost);
        for round in 0..3 * number {
            for (query, cost) in QUERIES.iter().zip(costs) {
                let planned = seat.explain(query, &standing).expect("it can be planned");
                let said = planned.cost;
                assert!((said / cost - 1.0).abs() < 0.001, "{major}, {number}: {query}: {said} said, {cost} built");
                assert_eq!(planned.others, [""; 0], "nothing else is there to use: {query}");
                // Others stand, and one question is refused.
                let other = (round + number) % INDEXES.len();
                seat.explain(query, &[other]).expect("it can be planned");
                seat.explain("SELECT nothing", &standing).expect_err("there is no such column");
                if round == 0 {
                    seat.explain("SELECT FROM orders WHERE ends()", &standing).expect_err("the session ends with it");
                }
            }
        }
        let again = QUERIES.map(|query| seat.explain(query, &[]).expect("it can be planned").cost);
        assert_eq!(bare, again);
    }
}

/// Makes them; which of them were refused.
fn made(whatif: &mut WhatIf, wanted: &[Wanted<'_>]) -> Vec<usize> {
    let made = whatif.make(wanted);
    made.iter().enumerate().filter(|(_, made)| made.is_err()).map(|(number, _)| number).collect()
}

fn cost(client: &mut Client, query: &str) -> f64 {
    let said = client.simple_query(&format!("EXPLAIN (FORMAT JSON) {query}")).expect("it can be planned");
    let text: Vec<&str> = said
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    let plan: Value = serde_json::from_str(&text.join("\n")).expect("it is JSON");
    plan[0]["Plan"]["Total Cost"].as_f64().expect("a cost")
}
