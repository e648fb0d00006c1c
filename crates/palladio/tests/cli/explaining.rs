//! `explain`: a query plan from a file, a pipe or a database, to what is slow and what to type.

use live::testing;

use crate::project::{Project, Run};

const SLOW: &str = "\
Seq Scan on orders  (cost=0.00..25980.00 rows=12 width=36) (actual time=0.020..96.410 rows=9 loops=1)
  Filter: (status = 'stuck'::text)
  Rows Removed by Filter: 999991
Planning Time: 0.100 ms
Execution Time: 96.440 ms
";

const FAST: &str = "\
Index Scan using orders_status on orders  (cost=0.42..8.44 rows=12 width=36) (actual time=0.020..0.050 rows=9 loops=1)
  Index Cond: (status = 'stuck'::text)
Planning Time: 0.100 ms
Execution Time: 0.070 ms
";

const SAID: &str = "\
ran 96 ms · planned 0.1 ms · 1 node

      own  share            rows  estimate   loops
    96 ms  100 % ████████         9         =       1
   Seq Scan · orders
     Filter: (status = 'stuck'::text)

warning[P001 seq-scan-discards-rows]: the scan of orders keeps 9 of 1,000,000
  rows (saves about 96 ms)
  = about 96 ms of 96 ms could be saved
  = the filter is (status = 'stuck'::text)
  > CREATE INDEX CONCURRENTLY ON orders (status);
";

#[test]
fn a_file_or_a_pipe() {
    let project = Project::with(&[("slow.txt", SLOW), ("fast.txt", FAST)]);
    project.check("explain slow.txt", 1, SAID, "");
    let piped = project.run_with(&["explain", "-"], SLOW);
    assert_eq!((piped.code, piped.stdout.as_str()), (1, SAID), "{}", piped.stderr);
    assert_eq!(project.run(&["explain", "slow.txt", "--exit-zero"]).code, 0);
    let fast = project.run(&["explain", "fast.txt"]);
    assert_eq!(fast.code, 0, "{}", fast.stdout);
    assert!(fast.stdout.ends_with("\nNothing that is worth a change\n"), "{}", fast.stdout);
}

#[test]
fn two_plans_are_compared() {
    let project = Project::with(&[("slow.txt", SLOW), ("fast.txt", FAST)]);
    project.check(
        "explain slow.txt fast.txt",
        0,
        "\
A is slow.txt, B is fast.txt
B is 1377.7 times as fast as A: 96 ms and 0.1 ms
- Seq Scan · orders: 96 ms, 9 rows
+ Index Scan · orders by orders_status: 0.1 ms, 9 rows
",
        "",
    );
    project.check(
        "explain slow.txt fast.txt --format json",
        2,
        "",
        "\
error: two query plans are compared in text
  Leave --format away, or explain one plan at a time
",
    );
}

#[test]
fn documents_and_pictures() {
    let project = Project::with(&[("slow.txt", SLOW)]);
    let json = project.run(&["explain", "slow.txt", "--format", "json"]);
    assert_eq!(json.code, 1, "{}", json.stderr);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(document["version"], 1);
    assert_eq!(document["findings"][0]["fix"]["sql"][0], "CREATE INDEX CONCURRENTLY ON orders (status);");
    assert_eq!(document["nodes"][0]["self_ms"], 96.41);
    let svg = project.run(&["explain", "slow.txt", "--format", "svg"]).stdout;
    assert!(
        svg.starts_with("<svg ") && svg.contains(">Seq Scan · orders</text>") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    let html = project.run(&["explain", "slow.txt", "--format", "html", "-o", "plan.html"]);
    assert_eq!((html.code, html.stdout.as_str()), (1, ""));
    assert!(project.read("plan.html").contains("CREATE INDEX CONCURRENTLY ON orders (status);"));
}

#[test]
fn what_is_no_plan_is_named() {
    let project = Project::with(&[("slow.txt", SLOW), ("empty.txt", ""), ("hello.txt", "hello\n")]);
    std::fs::write(project.path("junk.bin"), (0..4096_u32).map(|n| (n * 167 % 251) as u8).collect::<Vec<_>>())
        .expect("a file");
    for file in ["empty.txt", "hello.txt", "junk.bin"] {
        for run in [project.run(&["explain", file]), project.run(&["explain", "slow.txt", file])] {
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{file}");
            assert!(run.stderr.contains(file), "{}", run.stderr);
        }
    }
    project.check(
        "explain hello.txt",
        2,
        "",
        "\
error: hello.txt: no query plan: no node of one is in it
  It reads EXPLAIN in text, JSON, YAML and XML, and logs of auto_explain
",
    );
}

#[test]
fn a_database_is_asked() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    for statement in [
        "CREATE TABLE orders (id int PRIMARY KEY, status text)",
        "INSERT INTO orders SELECT n, CASE WHEN n = 7 THEN 'stuck' ELSE 'done' END FROM generate_series(1, 100000) n",
        "VACUUM (ANALYZE) orders",
    ] {
        client.batch_execute(statement).expect("it is sound");
    }
    let url = lab.target(&name).to_string();
    let project = Project::empty();
    let ask = |query: &str, more: &[&str]| -> Run {
        project.run(&[&["explain", "--db", &url, "--query", query], more].concat())
    };

    let planned = ask("SELECT * FROM orders WHERE status = 'stuck';", &[]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert!(planned.stdout.contains("Seq Scan · orders"), "{}", planned.stdout);
    assert!(planned.stdout.contains("It was not run"), "{}", planned.stdout);

    let run = ask("SELECT * FROM orders WHERE status = 'stuck'", &["--analyze"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\n  > CREATE INDEX CONCURRENTLY ON orders (status);\n"), "{}", run.stdout);

    // Whatever it did is taken back, and without --analyze it did nothing.
    for more in [&[][..], &["--analyze"]] {
        let deleted = ask("DELETE FROM orders", more);
        assert_ne!(deleted.code, 2, "{}", deleted.stderr);
        let rows: i64 = client.query_one("SELECT count(*) FROM orders", &[]).expect("it is there").get(0);
        assert_eq!(rows, 100_000);
    }

    for (query, more, said, hint) in [
        ("SELECT 1; DROP TABLE orders", &[][..], "cannot insert multiple commands", "Give one statement"),
        (
            "SELECT 1; COMMIT; DELETE FROM orders",
            &["--analyze"],
            "cannot insert multiple commands",
            "Give one statement",
        ),
        ("EXPLAIN SELECT 1", &[], "syntax error at or near \"EXPLAIN\"", "without EXPLAIN before it"),
        ("VACUUM", &["--analyze"], "syntax error at or near \"VACUUM\"", "Give one SELECT"),
        ("", &[], "syntax error", "Give one SELECT"),
        ("SELECT nothing FROM orders", &[], "column \"nothing\" does not exist", "search_path"),
        ("SELECT 1 / (id - 7) FROM orders", &["--analyze"], "division by zero", "without ANALYZE"),
        ("SELECT * FROM orders WHERE id = $1", &["--analyze"], "has parameters", "Write a value"),
    ] {
        let refused = ask(query, more);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{query}");
        assert!(refused.stderr.contains(said), "{query}: {}", refused.stderr);
        assert!(refused.stderr.lines().nth(1).is_some_and(|line| line.contains(hint)), "{query}: {}", refused.stderr);
    }
}

#[test]
fn statistics_say_whether_they_are_fresh() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    // A backend tells what it wrote when it ends, at the latest.
    let run = |statement: &str| {
        lab.connect(&name).expect("it answers").batch_execute(statement).expect("it is sound");
    };
    let project = Project::empty();
    let url = lab.target(&name).to_string();
    let modified = || {
        let export = project.run(&["stats", "export", &url, "-o", "stats.json"]);
        assert_eq!(export.code, 0, "{}", export.stderr);
        let document: serde_json::Value = serde_json::from_str(&project.read("stats.json")).expect("it is JSON");
        document["tables"][0]["modified"].as_i64()
    };
    let becomes = |rows: i64| {
        let is_there = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            modified() == Some(rows)
        });
        assert!(is_there, "{:?} rows were modified, not {rows}", modified());
    };
    run("CREATE TABLE late (id int) WITH (autovacuum_enabled = off)");
    run("INSERT INTO late SELECT generate_series(1, 1000)");
    becomes(1000);
    run("ANALYZE late");
    becomes(0);
    run("INSERT INTO late SELECT generate_series(1, 500)");
    becomes(500);
}
