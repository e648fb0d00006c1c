//! The planner of an empty copy decides as the planner of the filled original.

#![allow(clippy::print_stdout, reason = "the differences are a table to read")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use live::lab::Options;
use live::statistics::{self, Majors, PlannerStats, Values};
use live::{Client, Lab, testing};
use model::QName;
use postgres::SimpleQueryMessage;
use serde_json::Value;

const SCHEMA: &str = "
    CREATE TABLE customers (id int PRIMARY KEY, email text NOT NULL, country text NOT NULL, city text NOT NULL,
        vip boolean NOT NULL, born date, tags text[] NOT NULL);
    CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, status text NOT NULL,
        total numeric(10,2) NOT NULL, placed_at timestamptz NOT NULL, note text);
    CREATE INDEX orders_customer ON orders (customer_id, placed_at DESC);
    CREATE INDEX orders_open ON orders (placed_at) WHERE status = 'open';
    CREATE INDEX orders_status ON orders (status) INCLUDE (total);
    CREATE INDEX orders_placed ON orders USING brin (placed_at) WITH (pages_per_range = 16);
    CREATE INDEX customers_email ON customers (lower(email) text_pattern_ops);
    CREATE INDEX customers_country ON customers USING hash (country);
    CREATE INDEX customers_tags ON customers USING gin (tags);
    CREATE TABLE documents (id int PRIMARY KEY, title text NOT NULL, body jsonb NOT NULL);
    CREATE INDEX documents_body ON documents USING gin (body);
    CREATE INDEX documents_title ON documents USING gin (to_tsvector('simple', title));
    CREATE TABLE events (at date NOT NULL, kind text NOT NULL, customer_id int NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE events_q1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-04-01');
    CREATE TABLE events_q2 PARTITION OF events FOR VALUES FROM ('2026-04-01') TO ('2026-07-01');
    CREATE TABLE events_q3 PARTITION OF events FOR VALUES FROM ('2026-07-01') TO ('2026-10-01');
    CREATE INDEX events_customer ON events (customer_id, at);
    CREATE MATERIALIZED VIEW totals AS SELECT customer_id, count(*), sum(total) FROM orders GROUP BY 1;
    CREATE UNIQUE INDEX totals_customer ON totals (customer_id);
    CREATE STATISTICS customers_place (ndistinct, dependencies, mcv) ON country, city FROM customers;
    CREATE STATISTICS customers_class (ndistinct, mcv) ON vip, (length(city)), country FROM customers;
    CREATE STATISTICS orders_week ON (extract(isodow FROM placed_at AT TIME ZONE 'UTC')) FROM orders;
    CREATE TABLE bookings (room int NOT NULL, during int4range NOT NULL);
    CREATE INDEX bookings_during ON bookings USING gist (during);";

const ROWS: &str = "
    INSERT INTO customers SELECT n, 'Name' || n || '@example.org', (ARRAY['FR','DE','IT','ES','PT'])[1 + n % 5],
        'city ' || (n % 5) * 10 + abs(hashint4(n)) % 10, n % 5 = 0 AND n % 3 = 0, date '1950-01-01' + n % 20000,
        ARRAY['t' || n % 7, 't' || abs(hashint4(n)) % 300]
        FROM generate_series(1, 20000) n;
    INSERT INTO orders SELECT n, 1 + abs(hashint4(n)::bigint) % 20000, CASE WHEN n % 50 = 0 THEN 'open' WHEN n % 3 = 0
        THEN 'sent' ELSE 'paid' END, (abs(hashint4(n + 7)::bigint) % 100000) / 100.0,
        timestamptz '2024-01-01 00:00Z' + n * interval '5 minutes', CASE WHEN n % 10 = 0 THEN 'note ' || n END
        FROM generate_series(1, 200000) n;
    INSERT INTO documents SELECT n, 'word' || n % 400 || ' word' || n % 31, jsonb_build_object('kind', n % 100, 'n', n)
        FROM generate_series(1, 20000) n;
    INSERT INTO events SELECT date '2026-01-01' + n % 270, 'k' || n % 12, 1 + abs(hashint4(n)::bigint) % 20000
        FROM generate_series(1, 60000) n;
    INSERT INTO bookings SELECT n % 50, int4range(n, n + 1 + n % 90) FROM generate_series(1, 10000) n;
    REFRESH MATERIALIZED VIEW totals;";

/// Since the last ANALYZE: files are longer than the catalog says, columns go further than their histograms, and a GIN has
/// entries that are pending.
const RECENT: &str = "
    INSERT INTO orders SELECT n, 1 + abs(hashint4(n)::bigint) % 20000, 'paid', 5,
        timestamptz '2024-01-01 00:00Z' + n * interval '5 minutes' FROM generate_series(200001, 206000) n;
    INSERT INTO documents SELECT n, 'word' || n % 400, jsonb_build_object('n', n) FROM generate_series(20001, 20500) n;";

/// What a query needs that only the owner of the tables can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Select,
    Owner,
}

const QUERIES: [(Needs, &str); 37] = [
    (Needs::Select, "SELECT * FROM orders WHERE id = 77777"),
    (Needs::Select, "SELECT * FROM orders WHERE customer_id = 42"),
    (Needs::Select, "SELECT * FROM orders WHERE customer_id = 42 ORDER BY placed_at DESC LIMIT 5"),
    (Needs::Select, "SELECT * FROM orders WHERE status = 'open' ORDER BY placed_at LIMIT 20"),
    (Needs::Select, "SELECT count(*) FROM orders WHERE status = 'open' AND placed_at > '2025-06-01 00:00Z'"),
    (Needs::Select, "SELECT status, sum(total) FROM orders GROUP BY status"),
    (Needs::Select, "SELECT sum(total) FROM orders WHERE status = 'open'"),
    (Needs::Select, "SELECT * FROM orders WHERE placed_at BETWEEN '2025-01-01 00:00Z' AND '2025-01-08 00:00Z'"),
    (Needs::Select, "SELECT * FROM orders WHERE total > 990 AND note IS NOT NULL"),
    (Needs::Select, "SELECT * FROM orders WHERE id BETWEEN 1000 AND 9000"),
    (Needs::Select, "SELECT * FROM orders WHERE customer_id IN (1, 2, 3, 500, 700)"),
    (Needs::Select, "SELECT c.email, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = 9"),
    (Needs::Select, "SELECT c.country, sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY 1"),
    (
        Needs::Select,
        "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.born < '1950-03-01' AND o.total > 900",
    ),
    (
        Needs::Select,
        "SELECT * FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.status = 'open')
         LIMIT 10",
    ),
    (Needs::Select, "SELECT * FROM customers c LEFT JOIN totals t ON t.customer_id = c.id WHERE t.sum > 9000"),
    (Needs::Select, "SELECT * FROM totals WHERE customer_id = 12"),
    (Needs::Select, "SELECT * FROM customers WHERE country = 'PT'"),
    (Needs::Select, "SELECT * FROM customers WHERE tags @> ARRAY['t5', 't77']"),
    (Needs::Select, "SELECT * FROM documents WHERE body @> '{\"kind\": 7}'"),
    (Needs::Select, "SELECT * FROM events WHERE at = '2026-05-05'"),
    (Needs::Select, "SELECT kind, count(*) FROM events WHERE at >= '2026-03-15' GROUP BY kind"),
    (Needs::Select, "SELECT * FROM events WHERE customer_id = 5 ORDER BY at DESC LIMIT 3"),
    (
        Needs::Select,
        "SELECT count(*) FROM events e JOIN customers c ON c.id = e.customer_id WHERE e.kind = 'k3' AND c.vip",
    ),
    (Needs::Select, "SELECT customer_id, count(*) FROM orders GROUP BY customer_id ORDER BY 2 DESC LIMIT 10"),
    (Needs::Select, "SELECT o.* FROM orders o JOIN orders p ON p.id = o.id + 1 WHERE o.customer_id < 30"),
    (Needs::Select, "SELECT max(placed_at) FROM orders WHERE customer_id = 8"),
    (Needs::Select, "SELECT customer_id FROM orders WHERE customer_id BETWEEN 100 AND 300"),
    (Needs::Select, "SELECT * FROM orders WHERE placed_at > '2025-11-20 00:00Z'"),
    (Needs::Select, "SELECT * FROM orders WHERE id > 205000 ORDER BY id LIMIT 100"),
    (Needs::Select, "SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id > 199500"),
    (Needs::Owner, "SELECT * FROM customers WHERE lower(email) = 'name7@example.org'"),
    (Needs::Owner, "SELECT * FROM documents WHERE to_tsvector('simple', title) @@ to_tsquery('simple', 'word30')"),
    (Needs::Owner, "SELECT * FROM customers WHERE country = 'FR' AND city = 'city 4'"),
    (Needs::Owner, "SELECT country, city, count(*) FROM customers GROUP BY country, city"),
    (Needs::Owner, "SELECT * FROM customers WHERE vip AND length(city) = 6 AND country = 'FR'"),
    (Needs::Owner, "SELECT * FROM orders WHERE extract(isodow FROM placed_at AT TIME ZONE 'UTC') = 3"),
];

/// Since 17 their histograms are shown.
const RANGES: &str = "SELECT * FROM bookings WHERE during && int4range(500, 600)";

#[test]
fn an_empty_copy_plans_as_the_original() {
    for major in testing::majors() {
        on(major);
    }
}

fn on(major: u16) {
    let Some(source) = testing::own(&Options::version(major)) else { return };
    source.create_database("shop").expect("it can be made");
    let mut client = source.connect("shop").expect("it answers");
    client
        .batch_execute(
            "CREATE ROLE owner; CREATE ROLE reader; GRANT ALL ON SCHEMA public TO owner;
             ALTER DATABASE shop SET random_page_cost = 1.7; ALTER DATABASE shop SET work_mem = '2MB';
             SET SESSION AUTHORIZATION owner",
        )
        .expect("it is a superuser");
    client.batch_execute(SCHEMA).expect("the schema is sound");
    client.batch_execute(ROWS).expect("the rows fit");
    client.batch_execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader").expect("it owns them");
    client.batch_execute("RESET SESSION AUTHORIZATION").expect("it may");
    client.batch_execute("VACUUM (ANALYZE)").expect("it is a superuser");
    client.batch_execute(RECENT).expect("the rows fit");
    drop(client);

    let mut client = source.connect("shop").expect("it answers");
    let plans = explain(&mut client);
    drop(client);
    let mut client = source.connect("shop").expect("it answers");
    planned(&mut client);
    let mut export = |role: &str, values: Values| {
        client.batch_execute(&format!("SET SESSION AUTHORIZATION {role}")).expect("it may");
        let stats = statistics::export(&mut client, values).expect("it can be read");
        let again = statistics::export(&mut client, values).expect("it can be read twice");
        let (once, twice) = (unscanned(&stats), unscanned(&again));
        let other = once.lines().zip(twice.lines()).find(|(one, other)| one != other);
        assert!(once == twice, "the same bytes: {other:?}");
        client.batch_execute("RESET SESSION AUTHORIZATION").expect("it may");
        stats
    };
    let (full, seen, left) =
        (export("owner", Values::Kept), export("reader", Values::Kept), export("owner", Values::Left));
    heights(&mut client, &full);
    without_values(&left);
    hidden(&seen, major);

    let file = full.to_json();
    let read = PlannerStats::parse(&file).expect("it reads what it writes");
    assert!(read == full && read.to_json() == file, "reading what is written gives the same");

    rules_read_it(&file);

    let lab = testing::own(&Options::version(major)).expect("there was one");
    for (name, stats, needs) in [("by_owner", &read, Needs::Owner), ("by_reader", &seen, Needs::Select)] {
        let schema = format!("schema_{name}");
        lab.create_database(&schema).expect("it can be made");
        lab.connect(&schema).expect("it answers").batch_execute(SCHEMA).expect("the schema is sound");
        let cloned = statistics::clone(&lab, &schema, name, stats, Majors::Same).expect("it is the same version");
        assert_eq!((cloned.tables, cloned.indexes), (full.tables.len(), full.indexes.len()));
        assert_eq!(cloned.notes, stats.missing, "and nothing else");
        let mut client = lab.connect(name).expect("it answers");
        let copied = explain(&mut client);
        compare(major, name, needs, &plans, &copied);
    }
    a_copy_still_works(&lab);
    segments(&lab, &left);
    let mut other = full;
    other.server = "13.20".to_owned();
    let refused =
        statistics::clone(&lab, "by_owner", "other", &other, Majors::Same).expect_err("it is another version");
    assert!(refused.to_string().contains("statistics of PostgreSQL 13 say little to the planner of"), "{refused}");
}

/// The same file tells rules which tables are big.
fn rules_read_it(file: &str) {
    let options = read::Options { version: model::dialect::Version(17, 0), unreleased: None };
    let reading = read::read(vec![read::Input::new("stats.json", file)], &options);
    assert_eq!(reading.problems, []);
    let stats = reading.stats.expect("it is a file of statistics");
    assert_eq!(stats.tables[&QName::public("orders")].rows, 200_000.0);
    assert!(stats.indexes[&QName::public("orders_pkey")].bytes > 4_000_000);
}

/// Statistics without values do for sizes. The server cuts files at 1 GiB, and finds all pages of those that are made to look so long.
fn segments(lab: &Lab, stats: &PlannerStats) {
    lab.create_database("schema_segments").expect("it can be made");
    lab.connect("schema_segments").expect("it answers").batch_execute(SCHEMA).expect("the schema is sound");
    let pages = [("public.events_q1", 131_071), ("public.events_q2", 131_072), ("public.events_q3", 131_073)];
    let mut stats = stats.clone();
    for table in &mut stats.tables {
        table.pages = pages.iter().find(|(name, _)| *name == table.name).map_or(table.pages, |(_, pages)| *pages);
    }
    statistics::clone(lab, "schema_segments", "segments", &stats, Majors::Same).expect("it is the same version");
    let mut client = lab.connect("segments").expect("it answers");
    for (name, pages) in pages {
        let size = client.query_one("SELECT pg_relation_size($1::text::regclass)", &[&name]).expect("it answers");
        assert_eq!(size.get::<_, i64>(0), i64::from(pages) * 8192, "{name}");
        // A sequential scan costs a page at a time.
        let plan = client.simple_query(&format!("EXPLAIN SELECT * FROM {name}"));
        let text = plan.expect("it is sound").iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        let cost = text.as_deref().and_then(|text| text.split("..").nth(1)?.split('.').next()?.parse::<u32>().ok());
        assert!(cost.is_some_and(|cost| cost > pages), "{text:?}");
    }
}

/// The planner looked into indexes, and counts of scans arrive after a while.
fn planned(client: &mut Client) {
    let begin = Instant::now();
    let scans = "SELECT count(*) FROM pg_stat_user_indexes WHERE indexrelname = 'orders_pkey' AND idx_scan > 0";
    while client.query_one(scans, &[]).expect("it answers").get::<_, i64>(0) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(20), "counts arrive");
        sleep(Duration::from_millis(50));
    }
}

/// Whoever looks into an index counts as a scan of it, and so do we. What other sessions counted is told when they have
/// the time.
fn unscanned(stats: &PlannerStats) -> String {
    let mut stats = stats.clone();
    stats.indexes.iter_mut().for_each(|index| {
        index.scans = 0;
        index.last_scan = None;
    });
    stats.tables.iter_mut().for_each(|table| table.writes = None);
    stats.to_json()
}

/// Zero pages and skeletons are legal: a scan finds nothing, and what is inserted is found again.
fn a_copy_still_works(lab: &Lab) {
    let mut client = lab.connect("by_owner").expect("it answers");
    client
        .batch_execute(
            "SET enable_seqscan = off;
             INSERT INTO customers VALUES (7, 'a@b', 'FR', 'city 1', true, NULL, '{}');
             INSERT INTO orders VALUES (9, 7, 'open', 1, now(), NULL);",
        )
        .expect("a row fits");
    let found = client.query("SELECT * FROM orders WHERE customer_id = 7", &[]).expect("it answers");
    assert_eq!(found.len(), 1);
}

/// What the planner said is what is in the first page of each B-tree.
fn heights(client: &mut Client, stats: &PlannerStats) {
    if client.batch_execute("CREATE EXTENSION pageinspect").is_err() {
        println!("no pageinspect here: heights are not compared");
        return;
    }
    let mut found = BTreeSet::new();
    for index in stats.indexes.iter().filter(|index| index.method == "btree" && index.pages > 0) {
        let level = client.query_one("SELECT fastlevel::int8 FROM bt_metap($1)", &[&index.name]).expect("it answers");
        let level: i64 = level.get(0);
        assert_eq!(index.height.map(i64::from), Some(level), "{}", index.name);
        found.insert(level);
    }
    assert!(found.contains(&2), "one index has two levels above its leaves: {found:?}");
    client.batch_execute("DROP EXTENSION pageinspect").expect("it goes");
}

fn without_values(stats: &PlannerStats) {
    let text = stats.to_json();
    for value in ["DE", "city 4", "example.org", "word30", "most_common", "histogram"] {
        assert!(!text.contains(value), "{value}");
    }
    assert!(text.contains("\"n_distinct\":5.0"), "counts are no values");
}

/// A role that may SELECT does not see all; it is told.
fn hidden(stats: &PlannerStats, major: u16) {
    let mut expected = vec![
        "public.customers_class: extended statistics are for the owner of public.customers",
        "public.customers_email: statistics of its expressions are for the owner and for pg_read_all_data",
        "public.customers_place: extended statistics are for the owner of public.customers",
        "public.documents_title: statistics of its expressions are for the owner and for pg_read_all_data",
        "public.orders_week: extended statistics are for the owner of public.orders",
    ];
    if major < 17 {
        expected.insert(0, "public.bookings.during: histograms of ranges are shown since version 17");
    }
    assert_eq!(stats.missing, expected);
}

/// A node of a query plan.
#[derive(Clone, Debug, PartialEq)]
struct Node {
    shape: String,
    rows: f64,
    cost: f64,
}

type Plan = Vec<Node>;

fn explain(client: &mut Client) -> Vec<Plan> {
    let queries = QUERIES.iter().map(|(_, query)| *query).chain([RANGES]);
    queries
        .map(|query| {
            let said = client.simple_query(&format!("EXPLAIN (FORMAT JSON) {query}")).expect("it is sound");
            let text = said.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            let plan: Value = serde_json::from_str(text.expect("one row")).expect("it is JSON");
            let mut nodes = Vec::new();
            walk(&plan[0]["Plan"], 0, &mut nodes);
            nodes
        })
        .collect()
}

fn walk(node: &Value, depth: usize, nodes: &mut Plan) {
    let mut shape = " ".repeat(depth);
    let parts = ["Node Type", "Strategy", "Join Type", "Relation Name", "Index Name", "Scan Direction", "Index Cond"];
    for key in parts.into_iter().chain(["Workers Planned", "Parallel Aware", "Hash Cond", "Filter", "Sort Key"]) {
        if let Some(value) = node.get(key) {
            write!(shape, "{value} ").expect("a string takes it");
        }
    }
    let number = |key: &str| node[key].as_f64().expect("every node has it");
    nodes.push(Node { shape, rows: number("Plan Rows"), cost: number("Total Cost") });
    for child in node.get("Plans").and_then(Value::as_array).into_iter().flatten() {
        walk(child, depth + 1, nodes);
    }
}

fn compare(major: u16, name: &str, needs: Needs, originals: &[Plan], copies: &[Plan]) {
    let queries = QUERIES.iter().copied().chain([(Needs::Select, RANGES)]);
    let (mut equal, mut near, mut total, mut exact) = (0, 0, 0, 0);
    let mut worst = 0.0_f64;
    let mut wrong = String::new();
    for (((needed, query), original), copy) in queries.zip(originals).zip(copies) {
        if (needs == Needs::Select && needed == Needs::Owner) || (query == RANGES && major < 17) {
            continue;
        }
        total += 1;
        let pairs = || original.iter().zip(copy);
        let (before, after) = (original[0].cost, copy[0].cost);
        let deviation = (after - before) / before * 100.0;
        if original.len() != copy.len() || pairs().any(|(one, other)| one.shape != other.shape) {
            writeln!(wrong, "{query}\n  {original:#?}\n  {copy:#?}").expect("a string takes it");
        } else if pairs().all(|(one, other)| one.rows == other.rows) {
            equal += 1;
        } else {
            near += 1;
            let far = pairs().any(|(one, other)| (one.rows - other.rows).abs() / one.rows.max(1.0) > 0.005);
            assert!(!far, "{query}\n  {original:#?}\n  {copy:#?}");
        }
        worst = worst.max(deviation.abs());
        if deviation == 0.0 {
            exact += 1;
        } else {
            let short: String = query.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
            println!("  {before:>12.2} {after:>12.2} {deviation:>+8.3} %  {short}");
        }
    }
    println!(
        "PostgreSQL {major} {name}: of {total} query plans {equal} with the same shape and rows, {near} with rows within \
         0.5 %; {exact} costs to the last digit, the worst {worst:.3} %"
    );
    assert!(wrong.is_empty(), "PostgreSQL {major} {name}\n{wrong}");
    assert!(near == 0 && worst <= 0.1, "rows or costs are too far off");
}
