//! `advise`: from a workload and the statistics of a real database to indexes, which are then built there.

#![allow(clippy::print_stdout, reason = "the differences are a table to read")]

use live::lab::Options;
use live::{Client, Lab, testing};

use crate::project::Project;

const SCHEMA: &str = "
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, name text NOT NULL, country char(2) NOT NULL);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL,
  status text NOT NULL,
  placed_at timestamptz NOT NULL,
  total numeric(10, 2) NOT NULL,
  tags jsonb NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);
";

const ROWS: &str = "
INSERT INTO customers SELECT n, 'user' || n || '@example.org', 'name ' || n, (ARRAY['FR', 'DE', 'PE'])[1 + n % 3]
FROM generate_series(1, 5000) n;
INSERT INTO orders
SELECT n, 1 + n * 7919 % 5000, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'done' END,
       timestamptz '2026-01-01' + n * interval '1 minute', n % 997, jsonb_build_object('k', n % 300)
FROM generate_series(1, 100000) n;
VACUUM (ANALYZE) customers, orders;
";

const QUERIES: &str = "\
-- name: LatestOfCustomer :many
SELECT * FROM orders WHERE customer_id = $1 ORDER BY placed_at DESC LIMIT 10;
-- name: OpenOrders :many
SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = 'open' ORDER BY o.placed_at;
-- name: ByEmail :one
SELECT * FROM customers WHERE lower(email) = lower($1);
-- name: Tagged :many
SELECT id FROM orders WHERE tags @> '{\"k\": 7}';
-- name: Broken :one
SELECT nothing FROM orders;
";

struct Shop {
    project: Project,
    client: Client,
    url: String,
}

fn shop(lab: &Lab) -> Shop {
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    for script in [SCHEMA, ROWS] {
        client.simple_query("SET synchronous_commit = off").expect("it may be set");
        // ANALYZE reads all rows, so that statistics are the same every time.
        client.simple_query("SET default_statistics_target = 400").expect("it may be set");
        for statement in script.split(";\n").filter(|statement| !statement.trim().is_empty()) {
            client.batch_execute(statement).expect("it is sound");
        }
    }
    let project = Project::with(&[("schema.sql", SCHEMA), ("queries.sql", QUERIES)]);
    Shop { project, client, url: lab.target(&name).to_string() }
}

#[test]
fn without_statistics_it_says_where_to_get_them() {
    Project::with(&[("schema.sql", SCHEMA)]).check(
        "advise schema.sql",
        2,
        "",
        "\
error: advice needs the statistics of a database
  Read one: palladio advise --db postgres://USER@HOST/DATABASE
  Or a file of it: palladio stats export URL -o stats.json, then --stats stats.json
",
    );
}

#[test]
fn a_size_is_a_number_with_a_unit() {
    let run = Project::empty().run(&["advise", "--budget", "5 parsecs"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`parsecs` is no unit: kB, MB, GB or TB"), "{}", run.stderr);
}

#[test]
fn advised_built_and_used() {
    let Some(lab) = testing::lab() else { return };
    let Shop { project, mut client, url } = shop(lab);

    let asked = ["advise", "--db", &url, "--workload", "queries.sql"];
    let run = project.run(&[&asked[..], &["--format", "sql"]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "\
CREATE INDEX CONCURRENTLY orders_placed_at_idx ON orders (placed_at) WHERE status = 'open';
CREATE INDEX CONCURRENTLY orders_tags_idx ON orders USING gin (tags jsonb_path_ops);
CREATE INDEX CONCURRENTLY customers_lower_idx ON customers (lower(email));
CREATE INDEX CONCURRENTLY orders_customer_id_placed_at_idx ON orders (customer_id, placed_at DESC);
DROP INDEX CONCURRENTLY orders_customer;
",
        "{}",
        run.stdout
    );

    // The same without the data, and every time.
    let export = project.run(&["stats", "export", &url, "-o", "stats.json"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    let alone = ["advise", "schema.sql", "--stats", "stats.json", "--workload", "queries.sql", "--format", "json"];
    let (first, second) = (project.run(&alone), project.run(&alone));
    assert_eq!(first.stdout, second.stdout);
    let document: serde_json::Value = serde_json::from_str(&first.stdout).expect("it is JSON");
    let statements: Vec<&str> =
        document["indexes"].as_array().expect("a list").iter().filter_map(|index| index["sql"].as_str()).collect();
    let drop = document["drops"][0]["sql"].as_str().expect("one is redundant");
    assert_eq!(statements.join("\n") + "\n" + drop + "\n", run.stdout);
    assert_eq!(document["problems"][0]["query"], "Broken");

    // Built for real they are as large as was said, and cost what was said.
    for statement in statements.iter().chain([&drop]) {
        client.batch_execute(statement).expect("PostgreSQL takes it");
    }
    client.batch_execute("ANALYZE").expect("it may");
    let plan = |client: &mut Client, query: &str| -> String {
        let rows = client.simple_query(&format!("EXPLAIN {query}")).expect("it can be planned");
        let text = |message: &postgres::SimpleQueryMessage| match message {
            postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        rows.iter().filter_map(text).collect::<Vec<_>>().join("\n")
    };
    for (query, index) in [
        ("SELECT * FROM customers WHERE lower(email) = 'x'", "customers_lower_idx"),
        ("SELECT id FROM orders WHERE tags @> '{\"k\": 7}'", "orders_tags_idx"),
    ] {
        let plan = plan(&mut client, query);
        assert!(plan.contains(index), "{plan}");
    }
    // What is there is not advised again.
    let again = project.run(&[&asked[..], &["--format", "sql"]].concat());
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{}", again.stderr);
}

/// On every version: each index is built, is nearly as long as was said, and each query that it was said to help costs
/// what was said.
#[test]
fn what_was_said_of_indexes_holds_when_they_are_built() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&Options::version(major)) else { continue };
        let Shop { project, mut client, url } = shop(&lab);
        let run = project.run(&["advise", "--db", &url, "--workload", "queries.sql", "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
        let indexes = document["indexes"].as_array().expect("a list");
        assert!(indexes.len() >= 3, "{major}: {}", run.stdout);
        let statements = indexes.iter().chain(document["drops"].as_array().expect("a list"));
        for statement in statements.filter_map(|entry| entry["sql"].as_str()) {
            client.batch_execute(statement).expect("PostgreSQL takes it");
        }
        client.batch_execute("VACUUM (ANALYZE) orders, customers").expect("it may");
        for index in indexes {
            let sql = index["sql"].as_str().expect("a statement");
            let name = sql.split_whitespace().nth(3).expect("CREATE INDEX CONCURRENTLY name");
            let row = client.query_one("SELECT pg_relation_size($1::text::regclass)", &[&name]).expect("it is there");
            let (built, said) = (row.get::<_, i64>(0) as f64, index["bytes"].as_f64().expect("a size"));
            // A GIN is guessed: its elements are in no statistics that are read.
            if !sql.contains("USING gin") {
                assert!((said / built - 1.0).abs() < 0.15, "{major}: {sql}: {said} said, {built} built");
            }
            for help in index["helps"].as_array().expect("a list") {
                let (cost, plan) = real_plan(&mut client, help["query"].as_str().expect("a name"));
                let said = help["after"].as_f64().expect("a cost");
                println!("{major}: {}: {said:.0} said, {cost:.0} built", help["query"]);
                assert!(plan.contains(name), "{major}: {sql}: {plan}");
                // ANALYZE learns of an expression only when its index is there: until then the planner guesses, too dear.
                let is_near = (said / cost - 1.0).abs() < 0.02;
                assert!(
                    is_near || (sql.contains("lower(") && cost < said),
                    "{major}: {sql}: {said} said, {cost} built"
                );
            }
        }
    }
}

/// What a query of the file costs where everything stands, and its plan.
fn real_plan(client: &mut Client, name: &str) -> (f64, String) {
    let (_, rest) = QUERIES.split_once(&format!("-- name: {name} :")).expect("the file has it");
    let sql = rest.lines().nth(1).expect("behind its name").trim_end_matches(';');
    let prepared = match sql.contains("$1") {
        true => format!(
            "SET plan_cache_mode = force_generic_plan; PREPARE asked AS {sql}; EXPLAIN (FORMAT JSON) EXECUTE asked(NULL);
             DEALLOCATE asked"
        ),
        false => format!("EXPLAIN (FORMAT JSON) {sql}"),
    };
    let rows = client.simple_query(&prepared).expect("it can be planned");
    let text: Vec<&str> = rows
        .iter()
        .filter_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    let text = text.join("\n");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    (plan[0]["Plan"]["Total Cost"].as_f64().expect("a cost"), text)
}

#[test]
fn a_budget_is_kept() {
    let Some(lab) = testing::lab() else { return };
    let Shop { project, url, .. } = shop(lab);
    let run =
        project.run(&["advise", "--db", &url, "--workload", "queries.sql", "--budget", "300kB", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let bytes: u64 =
        document["indexes"].as_array().expect("a list").iter().filter_map(|index| index["bytes"].as_u64()).sum();
    assert!((1..=300 * 1024).contains(&bytes), "{}", run.stdout);
    let text = project.run(&["advise", "--db", &url, "--workload", "queries.sql", "--budget", "300kB"]).stdout;
    assert!(text.contains("not planned: Broken: the database refused it: column \"nothing\" does not exist"), "{text}");
}

#[test]
fn one_bad_query_stops_no_other_and_placeholders_of_clients_are_parameters() {
    let Some(lab) = testing::lab() else { return };
    let Shop { project, mut client, url } = shop(lab);
    client
        .batch_execute(
            "CREATE FUNCTION ends() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
             'BEGIN RETURN pg_terminate_backend(pg_backend_pid()); END'",
        )
        .expect("it is sound");
    // Each is planned where the one before took the session with it.
    let queries = "\
-- name: Kills :many
SELECT * FROM orders WHERE ends();
-- name: Named :many
SELECT * FROM orders WHERE status = @status AND /* don't */ placed_at > @since;
-- name: OfSqlc :many
SELECT sqlc.embed(o) FROM orders o WHERE o.placed_at > sqlc.arg(since) AND o.status = sqlc.narg('status');
-- name: OfPsql :many
SELECT * FROM orders WHERE placed_at BETWEEN :since AND :until LIMIT :many;
";
    project.write("bad.sql", queries);
    let run = project.run(&["advise", "--db", &url, "--workload", "bad.sql", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let failed: Vec<&str> = document["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|problem| problem["query"].as_str())
        .collect();
    assert_eq!(failed, ["Kills"], "{}", run.stdout);
    let helped: std::collections::BTreeSet<&str> = document["indexes"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|index| index["helps"].as_array().into_iter().flatten())
        .filter_map(|help| help["query"].as_str())
        .collect();
    assert_eq!(helped.into_iter().collect::<Vec<_>>(), ["Named", "OfPsql", "OfSqlc"], "{}", run.stdout);
}

#[test]
fn what_is_partitioned_is_advised_on_as_a_whole() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    let schema = "
CREATE TABLE events (id bigint NOT NULL, kind text NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
";
    client.batch_execute(schema).expect("it is sound");
    client
        .batch_execute(
            "INSERT INTO events SELECT n, 'k' || n % 7, date '2026-01-01' + n % 59 FROM generate_series(1, 60000) n;
             ANALYZE events",
        )
        .expect("it is sound");
    let project = Project::with(&[("queries.sql", "SELECT * FROM events WHERE id = 7;\n")]);
    let url = lab.target(&name).to_string();
    let asked = ["advise", "--db", &url, "--workload", "queries.sql", "--format", "sql"];
    let run = project.run(&asked);
    assert_eq!(
        run.stdout,
        "\
CREATE INDEX events_id_idx ON ONLY events (id);
CREATE INDEX CONCURRENTLY events_1_id_idx ON events_1 (id);
ALTER INDEX events_id_idx ATTACH PARTITION events_1_id_idx;
CREATE INDEX CONCURRENTLY events_2_id_idx ON events_2 (id);
ALTER INDEX events_id_idx ATTACH PARTITION events_2_id_idx;
",
        "{}",
        run.stderr
    );
    for statement in run.stdout.lines() {
        client.batch_execute(statement).expect("PostgreSQL takes it");
    }
    let again = project.run(&asked);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{}", again.stderr);
}

const SLOW: &str = "\
-- name: Strangers :many
SELECT c.email FROM customers c WHERE c.id NOT IN (SELECT o.customer_id FROM orders o WHERE o.status = c.name);
-- name: Totals :many
SELECT c.id, (SELECT sum(o.total) FROM orders o WHERE o.customer_id = c.id) AS total FROM customers c;
-- name: Page :many
SELECT id, total FROM orders ORDER BY placed_at DESC LIMIT 20 OFFSET 50000;
-- name: BestDays :many
SELECT status, count(*) AS orders, sum(total) FROM orders GROUP BY status ORDER BY orders DESC LIMIT 10;
-- name: Largest :many
SELECT max(o.total) AS largest, o.status FROM orders o GROUP BY o.status ORDER BY o.status;
-- name: Most :many
SELECT status, max(total) FROM orders GROUP BY status;
-- name: Plain :one
SELECT name FROM customers WHERE id = $1;
";

#[test]
fn queries_are_written_differently_where_that_was_shown_to_do_the_same() {
    let Some(lab) = testing::lab() else { return };
    let Shop { project, url, .. } = shop(lab);
    project.write("slow.sql", SLOW);
    let asked = ["advise", "--db", &url, "--workload", "slow.sql", "--max-indexes", "0"];
    let run = project.run(&[&asked[..], &["--format", "json"]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let rewrites = document["rewrites"].as_array().expect("a list");
    let found: Vec<String> = rewrites
        .iter()
        .map(|one| {
            format!(
                "{} {}: {}",
                one["query"].as_str().unwrap(),
                one["rule"].as_str().unwrap(),
                one["sql"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "Strangers not-in: SELECT c.email FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.status = c.name AND o.customer_id = c.id)",
            "Totals aggregate-join: SELECT c.id, grouped.value AS total FROM customers c LEFT JOIN (SELECT o.customer_id AS key_1, sum(o.total) AS value FROM orders o GROUP BY o.customer_id) grouped ON grouped.key_1 = c.id",
            "Page keyset: SELECT id, total FROM orders WHERE (orders.placed_at, orders.id) < ($1, $2) ORDER BY placed_at DESC, orders.id DESC LIMIT 20",
        ],
        "{}",
        run.stdout
    );
    for one in rewrites {
        assert!(one["after"].as_f64() < one["before"].as_f64() && one["compared"].as_u64() > Some(3), "{one}");
    }
    let view = &document["views"][0];
    assert_eq!(
        view["sql"],
        "CREATE MATERIALIZED VIEW orders_by_status AS SELECT orders.status AS status, count(*) AS count, \
         sum(orders.total) AS sum_total, max(orders.total) AS max_total FROM orders GROUP BY orders.status;"
    );
    assert_eq!(view["index"], "CREATE UNIQUE INDEX ON orders_by_status (status);");
    let readings: Vec<&str> =
        view["queries"].as_array().expect("a list").iter().filter_map(|one| one["sql"].as_str()).collect();
    assert_eq!(
        readings,
        [
            "SELECT status, count AS orders, sum_total AS sum FROM orders_by_status ORDER BY orders DESC LIMIT 10",
            "SELECT status, max_total AS max FROM orders_by_status",
        ]
    );
    let text = project.run(&asked).stdout;
    assert!(text.contains("\n~ Strangers, not-in: "), "{text}");
}
