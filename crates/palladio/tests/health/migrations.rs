//! What `health` and `advise` say as migrations of a tool, and what a review of existing indexes leaves.

use std::collections::BTreeMap;
use std::path::Path;

use live::testing;

use crate::shop::{Shop, folder, palladio};

#[test]
fn drops_are_written_as_a_tool_wants_them_and_come_back_by_its_undo() {
    let Some(lab) = testing::lab() else { return };
    let mut shop = Shop::open(lab);
    shop.work();
    let home = folder();
    let into = home.to_string_lossy().into_owned();
    let run = palladio(&["health", "--db", &shop.url, "--min-days", "0", "-o", &into, "--layout", "golang-migrate"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let files = files(&home);
    let ups: Vec<&String> = files.keys().filter(|name| name.ends_with(".up.sql")).collect();
    let downs: Vec<&String> = files.keys().filter(|name| name.ends_with(".down.sql")).collect();
    // Eight drops, and the index that a foreign key lacks; what is read seldom is for people to decide.
    assert_eq!((ups.len(), downs.len()), (9, 9), "{files:#?}");
    assert!(!files.values().any(|text| text.contains("shelf_code")), "{files:#?}");
    let indexes = |shop: &mut Shop| {
        let rows = shop.client.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1", &[]);
        rows.expect("it answers").iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    let before = indexes(&mut shop);
    for up in &ups {
        shop.client.batch_execute(&files[*up]).unwrap_or_else(|error| panic!("{}: {error}", files[*up]));
    }
    assert_eq!(indexes(&mut shop).len(), before.len() + 1 - 10, "a partitioned index goes with both of its parts");
    for down in downs.iter().rev() {
        for statement in files[*down].split(";\n").filter(|statement| !statement.trim().is_empty()) {
            shop.client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }
    assert!(downs.iter().any(|down| files[*down].contains("nothing to take back")), "{files:#?}");
    let after = indexes(&mut shop);
    let lost: Vec<&String> = before.iter().filter(|index| !after.contains(index)).collect();
    // What was INVALID cannot be built.
    assert!(lost.iter().all(|index| index.contains("docs_ref")), "{lost:#?}");
    let _ = std::fs::remove_dir_all(home);
}

const QUERIES: &str = "\
-- name: ByName :one
SELECT id FROM customers WHERE name = $1;
-- name: OfCustomer :many
SELECT * FROM orders WHERE customer_id = $1;
-- name: Latest :many
SELECT * FROM orders WHERE customer_id = $1 ORDER BY placed_at DESC LIMIT 10;
-- name: ByLower :one
SELECT id FROM customers WHERE lower(email) = $1;
-- name: OfDay :many
SELECT * FROM events WHERE day = $1;
-- name: AddCustomer :exec
INSERT INTO customers VALUES ($1, $2, $3, $4);
-- name: AddOrder :exec
INSERT INTO orders VALUES ($1, $2, $3, $4, $5);
-- name: AddEvent :exec
INSERT INTO events VALUES ($1, $2, $3);
";

#[test]
fn a_review_drops_what_no_plan_uses_and_writes_pay_for() {
    let Some(lab) = testing::lab() else { return };
    let mut shop = Shop::open(lab);
    let home = folder();
    std::fs::write(home.join("queries.sql"), QUERIES).expect("a file");
    let queries = home.join("queries.sql").to_string_lossy().into_owned();
    let advise = |more: &[&str]| {
        let fixed = ["advise", "--db", &shop.url, "--workload", &queries, "--max-indexes", "0"];
        palladio(&[&fixed[..], more].concat())
    };
    let drops = |text: &str| -> Vec<(String, String)> {
        let document: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let drops = document["drops"].as_array().expect("a list").clone();
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        drops.iter().map(|drop| (text(&drop["sql"]), text(&drop["why"]))).collect()
    };
    let plain = advise(&["--format", "json"]);
    assert_eq!(drops(&plain.stdout), [], "{}", plain.stderr);
    let run = advise(&["--format", "json", "--review"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let found = drops(&run.stdout);
    let mut names: Vec<&str> = found.iter().map(|(sql, _)| sql.as_str()).collect();
    names.sort_unstable();
    // shelf, jobs and docs are not written by this workload; orders_open is used by none of its queries.
    let expected = [
        "DROP INDEX CONCURRENTLY customers_country;",
        "DROP INDEX CONCURRENTLY customers_email;",
        "DROP INDEX CONCURRENTLY orders_customer;",
        "DROP INDEX CONCURRENTLY orders_double;",
        "DROP INDEX CONCURRENTLY orders_id;",
        "DROP INDEX CONCURRENTLY orders_late;",
        "DROP INDEX CONCURRENTLY orders_open;",
        "DROP INDEX events_kind;",
    ];
    assert_eq!(names, expected, "{found:#?}");
    assert_eq!(advise(&["--format", "json", "--review"]).stdout, run.stdout, "the same every time");

    let into = home.join("migrations");
    let shown = into.to_string_lossy().into_owned();
    let run = advise(&["--review", "-o", &shown, "--layout", "goose"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let files = files(&into);
    assert_eq!(files.len(), 8, "{files:#?}");
    for text in files.values() {
        assert!(text.contains("-- +goose Down") && text.contains("CREATE INDEX"), "{text}");
    }
    let statements = expected.map(|sql| sql.trim_end_matches(';').to_owned());
    statements.iter().for_each(|sql| shop.client.batch_execute(sql).expect(sql));
    let _ = std::fs::remove_dir_all(home);
}

/// The texts of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let read = |entry: std::fs::DirEntry| {
        let text = std::fs::read_to_string(entry.path()).expect("a file");
        (entry.file_name().to_string_lossy().into_owned(), text)
    };
    entries.map(read).collect()
}
