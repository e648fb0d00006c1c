//! Problems that were planted on real servers: each is the first finding of its plan, in every format.

use std::collections::{BTreeMap, BTreeSet};

use check::{House, Settings};
use live::testing;
use model::dialect::{POSTGRES, Version};
use model::place::SourceFile;
use model::{FileId, Finding, Reading};

const FORMATS: [&str; 4] = ["TEXT", "JSON", "YAML", "XML"];

const SCHEMA: &str = "
CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
INSERT INTO customers SELECT i, 'name ' || i, 'Mail' || i || '@example.org' FROM generate_series(1, 20000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, total numeric, placed_at date, data jsonb,
  tags text[]);
INSERT INTO orders SELECT i, 1 + i % 20000, CASE WHEN i % 20000 = 0 THEN 'stuck' ELSE 'done' END, i % 1000,
  date '2020-01-01' + i % 900, jsonb_build_object('k', i % 9000), ARRAY['t' || i % 9000]
  FROM generate_series(1, 100000) i;
CREATE TABLE places (id int PRIMARY KEY, city int, country int, customer_id int);
INSERT INTO places SELECT i, i % 20, (i % 20) * 3, 1 + i % 20000 FROM generate_series(1, 100000) i;
CREATE TABLE children (id int PRIMARY KEY, parent_id int REFERENCES customers);
INSERT INTO children SELECT i, 1 + i % 10000 FROM generate_series(1, 60000) i;
CREATE TABLE late (id int, kind text, customer_id int);
INSERT INTO late SELECT i, 'old', 1 FROM generate_series(1, 1000) i;
CREATE TABLE wide (id int, filler text);
INSERT INTO wide SELECT i, md5(i::text) || repeat('x', 200) FROM generate_series(1, 30000) i;
CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2024-04-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2024-04-01') TO ('2024-07-01');
CREATE TABLE parts_3 PARTITION OF parts FOR VALUES FROM ('2024-07-01') TO ('2024-10-01');
CREATE TABLE parts_4 PARTITION OF parts FOR VALUES FROM ('2024-10-01') TO ('2025-01-01');
INSERT INTO parts SELECT i, date '2024-01-01' + i % 366 FROM generate_series(1, 60000) i;
CREATE TABLE pages (id int, filler text);
INSERT INTO pages SELECT i, repeat('z', 400) FROM generate_series(1, 60000) i;
CREATE INDEX pages_id ON pages (id);
CREATE INDEX pages_rest ON pages ((id % 37));
CREATE INDEX orders_customer ON orders (customer_id);
CREATE FUNCTION many() RETURNS SETOF int LANGUAGE plpgsql ROWS 10 AS
  'BEGIN RETURN QUERY SELECT i FROM generate_series(1, 20000) i; END';
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM count(*) FROM generate_series(1, 300); RETURN NEW; END';
CREATE TABLE noted (id int);
CREATE TRIGGER noted AFTER INSERT ON noted FOR EACH ROW EXECUTE FUNCTION slow();
VACUUM ANALYZE;
INSERT INTO late SELECT i, 'new', 1 + i % 20000 FROM generate_series(1, 50000) i;
CREATE TABLE holes (id int, filler text) WITH (autovacuum_enabled = off);
INSERT INTO holes SELECT i, repeat('y', 400) FROM generate_series(1, 60000) i;
DELETE FROM holes WHERE id % 2000 <> 0;
CREATE TABLE unseen (id int) WITH (autovacuum_enabled = off);
INSERT INTO unseen SELECT generate_series(1, 60000);
CREATE INDEX unseen_id ON unseen (id);
ANALYZE holes, unseen;
";

/// What is set, what is asked, and the first finding.
const PLANTED: &[(&str, &str, &str, &str)] = &[
    ("equality without an index", "", "SELECT * FROM orders WHERE status = 'stuck'", "seq-scan-discards-rows"),
    (
        "range without an index",
        "",
        "SELECT * FROM orders WHERE id + 0 > 0 AND placed_at < '2020-01-02'",
        "seq-scan-discards-rows",
    ),
    ("list without an index", "", "SELECT * FROM orders WHERE status IN ('stuck', 'lost')", "seq-scan-discards-rows"),
    (
        "function on a column",
        "",
        "SELECT * FROM customers WHERE lower(email) = 'mail5@example.org'",
        "seq-scan-discards-rows",
    ),
    ("beginning of a text", "", "SELECT * FROM orders WHERE status LIKE 'stu%'", "seq-scan-discards-rows"),
    ("missing values without an index", "", "SELECT * FROM orders WHERE total IS NULL", "seq-scan-discards-rows"),
    ("text in whatever case", "", "SELECT * FROM customers WHERE name ILIKE '%E 777%'", "seq-scan-discards-rows"),
    ("arrays that overlap", "", "SELECT * FROM orders WHERE tags && ARRAY['t77']", "seq-scan-discards-rows"),
    (
        "rows of a CTE on disk",
        "SET LOCAL work_mem = '64kB'",
        "WITH r AS MATERIALIZED (SELECT id, filler FROM wide) SELECT max(id), count(filler) FROM r",
        "rows-kept-on-disk",
    ),
    ("text inside another", "", "SELECT * FROM orders WHERE status LIKE '%tuc%'", "seq-scan-discards-rows"),
    ("a document that contains", "", "SELECT * FROM orders WHERE data @> '{\"k\": 77}'", "seq-scan-discards-rows"),
    ("an array that contains", "", "SELECT * FROM orders WHERE tags @> ARRAY['t77']", "seq-scan-discards-rows"),
    ("a cast on the key", "", "SELECT * FROM orders WHERE id::text = '77'", "seq-scan-discards-rows"),
    (
        "an index with a large filter",
        "SET LOCAL enable_seqscan = off",
        "SELECT * FROM places WHERE id < 60000 AND city = 7 AND country = 21 AND customer_id = 8",
        "index-scan-discards-rows",
    ),
    (
        "a small work_mem for a sort",
        "SET LOCAL work_mem = '64kB'",
        "SELECT count(*) FROM (SELECT * FROM wide ORDER BY filler OFFSET 0) sorted",
        "sort-spills-to-disk",
    ),
    (
        "a small work_mem for a hash",
        "SET LOCAL work_mem = '64kB'; SET LOCAL enable_mergejoin = off",
        "SELECT count(*) FROM wide a JOIN wide b ON a.filler = b.filler",
        "hash-spills-to-disk",
    ),
    (
        "a small work_mem for groups",
        "SET LOCAL work_mem = '64kB'; SET LOCAL enable_sort = off",
        "SELECT filler, count(*) FROM wide GROUP BY filler",
        "aggregate-spills-to-disk",
    ),
    (
        "old statistics",
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
        "SELECT * FROM late JOIN customers c ON c.id = late.customer_id WHERE kind = 'new'",
        "statistics-out-of-date",
    ),
    (
        "columns that go together",
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_memoize = off",
        "SELECT * FROM places p JOIN customers c ON c.id = p.customer_id WHERE p.city = 5 AND p.country = 15",
        "columns-depend-on-each-other",
    ),
    (
        "a function that returns much",
        "",
        "SELECT * FROM many() m JOIN customers c ON c.id = m",
        "function-estimate-guessed",
    ),
    (
        "a join without an index",
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_memoize = off",
        "SELECT * FROM (SELECT * FROM customers WHERE id <= 40) c JOIN children x ON x.parent_id = c.id + 0",
        "join-without-index",
    ),
    (
        "a join without a condition",
        "",
        "SELECT count(*) FROM (SELECT 1 FROM customers LIMIT 1000) a, (SELECT 1 FROM orders LIMIT 1000) b",
        "join-without-condition",
    ),
    (
        "heap fetches",
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off",
        "SELECT count(*) FROM unseen WHERE id < 50000",
        "heap-fetches-in-index-only-scan",
    ),
    (
        "code that does not pay",
        "SET LOCAL jit = on; SET LOCAL jit_above_cost = 0; SET LOCAL jit_inline_above_cost = 0; SET LOCAL jit_optimize_above_cost = 0",
        "SELECT count(*), sum(total), avg(total) FROM orders WHERE id < 100",
        "jit-costs-more-than-it-gives",
    ),
    ("a foreign key without an index", "", "DELETE FROM customers WHERE id > 19900", "triggers-take-long"),
    ("a trigger for each row", "", "INSERT INTO noted SELECT generate_series(1, 2000)", "triggers-take-long"),
    (
        "partitions that are all scanned",
        "",
        "SELECT * FROM parts WHERE date_trunc('month', at) = '2024-05-01'",
        "partitions-not-pruned",
    ),
    (
        "a CTE that is a fence",
        "",
        "WITH r AS MATERIALIZED (SELECT * FROM orders) SELECT * FROM r WHERE id = 5",
        "cte-is-a-fence",
    ),
    (
        "a sub-query for each row",
        "",
        "SELECT id, (SELECT count(*) FROM children x WHERE x.parent_id = c.id) FROM customers c WHERE id < 200",
        "subplan-per-row",
    ),
    (
        "NOT IN over a large list",
        "SET LOCAL work_mem = '64kB'",
        "SELECT * FROM customers WHERE id < 300 AND id NOT IN (SELECT parent_id FROM children)",
        "subplan-per-row",
    ),
    (
        "a LIMIT that reads far more",
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off",
        "SELECT * FROM orders WHERE status = 'stuck' ORDER BY id LIMIT 3",
        "limit-reads-far-more",
    ),
    (
        "OFFSET",
        "SET LOCAL enable_seqscan = off",
        "SELECT * FROM orders ORDER BY id OFFSET 90000 LIMIT 10",
        "offset-reads-skipped-rows",
    ),
    ("a sort for the first rows", "", "SELECT * FROM orders ORDER BY placed_at DESC LIMIT 10", "sort-for-first-rows"),
    ("a random order", "", "SELECT * FROM orders ORDER BY random() LIMIT 10", "sort-by-random-number"),
    ("empty pages", "", "SELECT * FROM holes", "table-is-bloated"),
    (
        "UNION that removes nothing",
        "",
        "SELECT id, name FROM customers UNION SELECT -id, filler FROM wide",
        "union-removes-nothing",
    ),
    (
        "an expression without statistics",
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_memoize = off",
        "SELECT * FROM places p JOIN customers c ON c.id = p.customer_id WHERE p.id % 2 = 0",
        "expression-without-statistics",
    ),
    (
        "a bitmap of whole pages",
        "SET LOCAL work_mem = '64kB'; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off",
        "SELECT * FROM pages WHERE id % 37 = 5",
        "bitmap-is-lossy",
    ),
    (
        "a memory that never helps",
        "SET LOCAL work_mem = '64kB'; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
        "SELECT count(c.name) FROM late JOIN customers c ON c.id = late.customer_id",
        "memoize-misses",
    ),
    (
        "the first change after a checkpoint",
        "CHECKPOINT",
        "UPDATE pages SET filler = filler WHERE id % 37 = 5",
        "full-pages-in-log",
    ),
    ("a wide result", "", "SELECT * FROM pages", "wide-result"),
    (
        "workers that do not come",
        "SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL max_parallel_workers = 0; \
         SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0",
        "SELECT sum(total) FROM orders",
        "workers-not-launched",
    ),
    (
        "many tables for one row",
        "SET LOCAL join_collapse_limit = 12",
        "SELECT a.name FROM customers a JOIN customers b USING (id) JOIN customers c USING (id) JOIN customers d USING (id) \
         JOIN customers e USING (id) JOIN customers f USING (id) JOIN customers g USING (id) JOIN orders h USING (id) \
         JOIN orders i USING (id) JOIN orders j USING (id) JOIN orders k USING (id) \
         WHERE id = 5",
        "planning-takes-long",
    ),
];

/// What `--db` would tell.
fn schema(client: &mut live::Client) -> model::Schema {
    live::introspect(client).expect("it can be read").schema
}

/// The findings of a plan, worst first.
fn findings(text: &str, schema: model::Schema) -> Vec<Finding> {
    let mut reading = Reading { schema, ..Reading::default() };
    reading.sources.files.push(SourceFile::new("plan", text, Vec::new()));
    (reading.plans, _) = read::query_plans(FileId(0), &reading.sources.files[0]);
    let enabled: BTreeSet<&'static str> =
        check::rules().iter().filter(|rule| rule.subject == "plan").map(|rule| rule.code).collect();
    let settings = Settings {
        version: Version(15, 0),
        target: &POSTGRES,
        house: House::default(),
        enabled,
        severities: BTreeMap::new(),
        fresh: None,
        edited: BTreeSet::new(),
    };
    let mut found = check::check(&reading, &settings);
    found.sort_by(|one, other| gain(other).total_cmp(&gain(one)));
    found
}

fn gain(finding: &Finding) -> f64 {
    finding.saving.as_ref().and_then(|saving| saving.gain_ms).unwrap_or(-1.0)
}

/// One process and no compiler, but where they are the matter.
fn settings(what: &str, before: &str) -> String {
    let jit = if what.starts_with("code") { "" } else { "SET LOCAL jit = off; " };
    format!("SET LOCAL max_parallel_workers_per_gather = 0; {jit}{before}")
}

fn explained(client: &mut live::Client, before: &str, query: &str, format: &str) -> String {
    live::explain(client, before, query, &format!("ANALYZE, BUFFERS, WAL, FORMAT {format}"))
        .unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Times are those of the machine, which has other work as well: what one of so many runs shows is so.
const TRIES: usize = 5;

/// The first run that shows it, or the last.
fn tried<T>(mut run: impl FnMut() -> T, shows: impl Fn(&T) -> bool) -> T {
    (1..TRIES).map(|_| run()).find(&shows).unwrap_or_else(run)
}

fn fill(client: &mut live::Client) {
    for statement in SCHEMA.split_inclusive(";\n") {
        client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}

#[test]
fn a_planted_problem_is_the_first_finding() {
    for major in testing::majors() {
        let Some(lab) =
            testing::own(&live::lab::Options::version(major).set("autovacuum", "off").set("full_page_writes", "on"))
        else {
            return;
        };
        let mut client = lab.connect(&testing::database(&lab)).expect("the lab takes connections");
        fill(&mut client);
        let mut wrong = Vec::new();
        let mut named = 0;
        let compiles: bool = client.query_one("SELECT pg_jit_available()", &[]).expect("it answers").get(0);
        if !compiles {
            println!("PostgreSQL {major} was built without LLVM: code that does not pay cannot be planted");
        }
        let planted = PLANTED.iter().filter(|(what, ..)| compiles || !what.starts_with("code"));
        let kinds = planted.clone().count();
        for (what, before, query, expected) in planted {
            for format in FORMATS {
                let run = || {
                    let text = explained(&mut client, &settings(what, before), query, format);
                    (findings(&text, model::Schema::default()), text)
                };
                let names_it = |found: &[Finding]| found.first().is_some_and(|first| first.name == *expected);
                let (found, text) = tried(run, |(found, _)| names_it(found));
                match names_it(&found) {
                    true => named += 1,
                    false => {
                        let names: Vec<_> = found.iter().map(|one| (one.name, gain(one))).collect();
                        wrong.push(format!(
                            "{what} ({format}): {names:?}\n{}",
                            if format == "TEXT" { &text } else { "" }
                        ));
                    }
                }
            }
        }
        println!("PostgreSQL {major}: {named} plans of {kinds} kinds name what was planted, {} do not", wrong.len());
        assert!(wrong.is_empty(), "PostgreSQL {major}:\n{}", wrong.join("\n"));
    }
}

/// What a fix says is run where the problem was planted, and the problem is gone, or next to nothing is left of it.
#[test]
fn what_a_fix_runs_mends_the_plan() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&live::lab::Options::version(major).set("autovacuum", "off")) else { return };
        let filled = testing::database(&lab);
        fill(&mut lab.connect(&filled).expect("the lab takes connections"));
        let mut wrong = Vec::new();
        let mut mended = 0;
        for (what, before, query, expected) in PLANTED {
            let database = testing::copy(&lab, &filled);
            let mut client = lab.connect(&database).expect("the lab takes connections");
            let before = settings(what, before);
            let left = |before: &str, client: &mut live::Client| {
                let text = explained(client, before, query, "TEXT");
                (findings(&text, schema(client)).into_iter().find(|finding| finding.name == *expected), text)
            };
            let (planted, _) = tried(|| left(&before, &mut client), |(found, _)| found.is_some());
            let Some(planted) = planted else { continue };
            let Some(fix) = &planted.fix else { continue };
            let is_little = |left: &Finding| gain(&planted) > 0.0 && gain(left) < gain(&planted) / 10.0;
            // The plan is made in a transaction of its own, where what holds for the server or a session is set as well.
            let sets = |statement: &&&String| statement.starts_with("SET ") || statement.starts_with("RESET ");
            let run: Vec<String> =
                fix.run.iter().map(|statement| statement.replace("ALTER SYSTEM SET", "SET")).collect();
            let (settings, statements): (Vec<&String>, Vec<&String>) =
                run.iter().partition(|statement| sets(&statement));
            let before = settings.into_iter().fold(before, |before, setting| before + "; " + setting);
            for statement in statements {
                client.batch_execute(statement).unwrap_or_else(|error| panic!("{what}: {statement}: {error:?}"));
            }
            match tried(|| left(&before, &mut client), |(found, _)| found.as_ref().is_none_or(is_little)) {
                (Some(left), text) if !is_little(&left) => {
                    wrong.push(format!("{what}: {:?}, and then {}\n{text}", fix.run, left.message))
                }
                _ => mended += 1,
            }
        }
        println!(
            "PostgreSQL {major}: the fixes of {mended} planted problems mend them, of {} they do not",
            wrong.len()
        );
        assert!(wrong.is_empty(), "PostgreSQL {major}:\n{}", wrong.join("\n"));
    }
}
