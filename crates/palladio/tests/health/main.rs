//! `health` on real servers of every version at hand: indexes of each kind, each named as what it is and no other; after
//! what was said was done, all is well, and every query is answered by an index as before.

#![allow(clippy::print_stdout, reason = "a test that skips says so")]

mod migrations;
mod printed;
mod shop;
mod standby;

use std::collections::BTreeSet;

use live::lab::Options;
use live::testing;
use serde_json::Value;

use shop::{Shop, palladio};

/// What is wrong with the indexes of the shop, by rule and name.
const WRONG: [(&str, &str); 13] = [
    ("I001", "customers_email"),
    ("I002", "orders_customer"),
    ("I003", "orders_id"),
    ("I013", "docs_ref"),
    ("K002", "lines_order_id_fkey"),
    ("U001", "customers_country"),
    ("U001", "events_kind"),
    ("U001", "orders_double"),
    ("U001", "orders_late"),
    ("U003", "shelf_code"),
    ("U004", "jobs_due"),
    ("U004", "jobs_done"),
    ("U004", "jobs_pkey"),
];

#[test]
fn each_is_named_as_what_it_is_and_mended() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&Options { version: Some(major), ..Options::default() }) else { return };
        let mut shop = Shop::open(&lab);
        shop.work();
        let before = shop.answered_by_index();
        assert!(before.iter().all(|(_, by_index)| *by_index), "PostgreSQL {major}: {before:?}");

        // The server has run for a minute: nothing is unused yet.
        let run = palladio(&["health", "--db", &shop.url, "--format", "json"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        let fresh = document(&run.stdout);
        let young: BTreeSet<(&str, &str)> =
            WRONG.into_iter().filter(|(rule, _)| !matches!(*rule, "U001" | "U003")).collect();
        assert_eq!(named(&fresh), own(&young), "PostgreSQL {major}");
        let notes = fresh["notes"].to_string();
        assert!(notes.contains("and 30 are wanted: nothing is said of unused indexes"), "{notes}");

        let run = palladio(&["health", "--db", &shop.url, "--format", "json", "--min-days", "0"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        let found = document(&run.stdout);
        assert_eq!(named(&found), own(&WRONG.into_iter().collect()), "PostgreSQL {major}: {found:#}");

        for finding in found["findings"].as_array().expect("a list") {
            if finding["severity"] == "note" {
                continue;
            }
            for statement in finding["statements"].as_array().expect("a list") {
                let statement = statement.as_str().expect("text");
                shop.client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
            }
        }
        shop.analyze();
        shop.work();
        assert_eq!(shop.answered_by_index(), before, "PostgreSQL {major}");
        let run = palladio(&["health", "--db", &shop.url, "--format", "json", "--min-days", "0"]);
        assert_eq!(run.code, 0, "PostgreSQL {major}: {}{}", run.stdout, run.stderr);
        assert_eq!(named(&document(&run.stdout)), own(&BTreeSet::from([("U003", "shelf_code")])), "PostgreSQL {major}");
    }
}

#[test]
fn the_same_from_a_file_and_less_for_a_role_that_sees_less() {
    let Some(lab) = testing::lab() else { return };
    let mut shop = Shop::open(lab);
    shop.work();
    let folder = shop::folder();
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (stats, schema) = (file("stats.json"), file("schema.sql"));
    let run = palladio(&["stats", "export", &shop.url, "--no-values", "-o", &stats]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = palladio(&["inspect", &shop.url, "-o", &schema]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = palladio(&["health", "--stats", &stats, &schema, "--min-days", "0", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    // A text of the schema does not say that an index is INVALID.
    let expected: BTreeSet<(&str, &str)> = WRONG.into_iter().filter(|(rule, _)| *rule != "I013").collect();
    assert_eq!(named(&document(&run.stdout)), own(&expected));

    shop.client.batch_execute("DROP ROLE IF EXISTS health_reader; CREATE ROLE health_reader LOGIN").expect("it may");
    let url = shop.url.replacen("postgres@", "health_reader@", 1);
    let run = palladio(&["health", "--db", &url, "--min-days", "0"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("note: this role sees no statistics of public.customers"), "{}", run.stdout);
    assert!(run.stdout.contains("no query reads customers_country"), "{}", run.stdout);
    assert!(!run.stdout.contains("U004"), "{}", run.stdout);
    for line in run.stdout.lines().filter(|line| !line.contains("INDEX")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn what_the_server_counts_counts_more_than_what_is_computed() {
    let Some(lab) = testing::lab() else { return };
    let mut shop = Shop::open(lab);
    if shop.client.batch_execute("CREATE EXTENSION pgstattuple").is_err() {
        assert!(std::env::var_os("CI").is_none(), "this PostgreSQL comes without pgstattuple, and CI is set");
        println!("SKIPPED: this PostgreSQL comes without pgstattuple");
        return;
    }
    shop.work();
    let run = palladio(&["health", "--db", &shop.url, "--format", "json"]);
    let found = document(&run.stdout);
    let bloated = found["findings"].as_array().expect("a list").iter().filter(|finding| finding["rule"] == "U004");
    let why: Vec<String> = bloated.map(|finding| finding["why"].to_string()).collect();
    assert_eq!(why.len(), 3, "{found:#}");
    assert!(why.iter().all(|why| why.contains("the server read it and counted")), "{why:?}");
}

#[test]
fn without_a_database_it_says_what_to_type() {
    let run = palladio(&["health"]);
    assert_eq!(run.code, 2);
    let expected = "\
error: no database is named
  Name one: palladio health --db postgres://USER@HOST/DATABASE
  Or its statistics with the schema: palladio health --stats stats.json db/schema.sql
";
    assert_eq!(run.stderr, expected);
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn named(document: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings = document["findings"].as_array().expect("a list");
    findings.iter().map(|finding| (text(&finding["rule"]), text(&finding["index"]))).collect()
}

fn own(expected: &BTreeSet<(&str, &str)>) -> BTreeSet<(String, String)> {
    expected.iter().map(|(rule, name)| ((*rule).to_owned(), (*name).to_owned())).collect()
}
