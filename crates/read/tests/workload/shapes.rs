//! Statements have the same shape exactly where a server gives them the same number of its own (`queryid`), but for
//! the exceptions that are named here.

use std::collections::BTreeMap;

use live::{Client, testing};
use read::workload::shape::Shape;

use crate::Random;

const SCHEMA: &str = "
CREATE TABLE a (id int, k int, t text, n numeric, d date, b boolean);
CREATE TABLE b (id int, a_id int, t text);
SET compute_query_id = on";

/// The number that the server's own statistics count a statement under.
fn queryid(client: &mut Client, sql: &str) -> String {
    let asked = format!("EXPLAIN (VERBOSE, COSTS OFF) {sql}");
    let rows = client.simple_query(&asked).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let text = |message: &postgres::SimpleQueryMessage| match message {
        postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    let lines: Vec<String> = rows.iter().filter_map(text).collect();
    let line = lines.iter().find_map(|line| line.strip_prefix("Query Identifier: "));
    line.unwrap_or_else(|| panic!("{sql}: no number in {lines:?}")).to_owned()
}

/// A condition; what stands in `«»` is a constant, `i` a whole number, `s` a text.
const CONDITIONS: [&str; 16] = [
    "x.id = «i»",
    "x.k = «i»",
    "x.id <> «i»",
    "x.id - «i» > «i»",
    "x.id IN («i», «i», «i»)",
    "x.t = «s»",
    "x.t LIKE «s»",
    "x.t IS NULL",
    "x.b IS NOT TRUE",
    "x.id BETWEEN «i» AND «i»",
    "x.id <> ALL (ARRAY[«i», «i»])",
    "EXISTS (SELECT «i» FROM b AS y WHERE y.a_id = x.id)",
    "NOT (x.k < «i»)",
    "(x.k > «i» OR x.t = «s»)",
    "coalesce(x.k, «i») = «i»",
    "CASE WHEN x.b THEN «i» ELSE x.k END = «i»",
];
const TARGETS: [&str; 8] =
    ["*", "x.id", "x.id, x.t", "count(*)", "«i», x.k", "max(x.k) - «i»", "x.t || «s»", "x.id::text"];
const ENDS: [&str; 5] = ["", "LIMIT «i»", "LIMIT «i» OFFSET «i»", "GROUP BY x.id, x.t, x.k", "FOR UPDATE"];

/// A statement that a server can plan, its constants open.
fn statement(random: &mut Random) -> String {
    let conditions: Vec<&str> = (0..random.below(3)).map(|_| random.one(&CONDITIONS)).collect();
    let filter = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    match random.below(6) {
        0 => format!("UPDATE a AS x SET k = «i», t = «s» {filter}"),
        1 => format!("DELETE FROM a AS x {filter}"),
        2 => "INSERT INTO a (id, t) VALUES («i», «s»)".to_owned(),
        _ => {
            let (targets, end) = (random.one(&TARGETS), random.one(&ENDS));
            let grouped = end.starts_with("GROUP");
            let single = targets.contains("count") || targets.contains("max");
            let (targets, end) = match (grouped, single) {
                (true, _) => ("x.id, count(*)", end),
                (_, true) if end == "FOR UPDATE" => (targets, ""),
                _ => (targets, end),
            };
            format!("SELECT {targets} FROM a AS x {filter} {end}")
        }
    }
}

/// The statement with constants, written in one of the many ways.
fn written(open: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = open;
    while let Some((before, after)) = rest.split_once('«') {
        out += before;
        let (kind, after) = after.split_once('»').expect("it is closed");
        let number = random.below(90_000);
        out += &match (kind, random.below(3)) {
            ("i", 0) if !out.ends_with("LIMIT ") && !out.ends_with("OFFSET ") => format!("-{number}"),
            ("i", _) => number.to_string(),
            (_, 0) => "E'it\\'s'".to_owned(),
            (_, 1) => format!("$x${number} 'a'$x$"),
            _ => format!("'it''s {number} -- no'"),
        };
        rest = after;
    }
    out += rest;
    let mut styled = String::new();
    // No text that is put in has words in capitals.
    for word in out.split_inclusive(' ') {
        let bare = word.trim_end();
        let is_word = bare.len() > 1 && bare.chars().all(|letter| letter.is_ascii_uppercase());
        match (is_word, random.below(4)) {
            (true, 0) => styled += &word.to_lowercase().replace(' ', "\n\t"),
            (true, 1) => styled += &word.replace(' ', " /* a 'b' */ "),
            (true, 2) => styled += &word.replace(' ', " -- it's\n"),
            _ => styled += word,
        }
    }
    styled
}

#[test]
fn the_same_shape_is_the_same_number_of_the_server() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&live::lab::Options::version(major)) else { return };
        let mut client = lab.connect(&testing::database(&lab)).expect("it answers");
        client.batch_execute(SCHEMA).expect("it is sound");
        let mut random = Random(7);
        let (mut by_shape, mut by_number) = (BTreeMap::new(), BTreeMap::new());
        let mut seen = 0;
        for _ in 0..300 {
            let open = statement(&mut random);
            for _ in 0..3 {
                let sql = written(&open, &mut random);
                let (shape, number) = (Shape::of(&sql).text, queryid(&mut client, &sql));
                seen += 1;
                let (known, first) = by_shape.entry(shape.clone()).or_insert((number.clone(), sql.clone()));
                assert_eq!(*known, number, "{major}: one shape ({shape}), two numbers:\n{first}\n{sql}");
                let (known, first) = by_number.entry(number).or_insert((shape.clone(), sql.clone()));
                assert_eq!(*known, shape, "{major}: one number, two shapes:\n{first}\n{sql}");
            }
        }
        println!("PostgreSQL {major}: {seen} statements, {} shapes", by_shape.len());
    }
}

/// Two statements: whether they have one shape, and since which version one number.
const EXCEPTIONS: [(&str, &str, bool, Option<u16>); 10] = [
    // Lists: the server counts their elements until 17.
    ("SELECT * FROM a WHERE id IN (1, 2)", "SELECT * FROM a WHERE id IN (1, 2, 3)", true, Some(18)),
    ("INSERT INTO a (id) VALUES (1), (2)", "INSERT INTO a (id) VALUES (1), (2), (3)", true, None),
    // Types: a shape knows none.
    ("SELECT * FROM a WHERE n = 1", "SELECT * FROM a WHERE n = (1 + 1)", false, None),
    ("SELECT id FROM a WHERE id = 1", "SELECT id FROM a WHERE id = 1.5", true, None),
    // What is written differently is another shape, and the same tree to a server.
    ("SELECT id::text FROM a", "SELECT CAST(id AS text) FROM a", false, Some(14)),
    ("SELECT id FROM a WHERE d = '2026-01-01'", "SELECT id FROM a WHERE d = date '2026-01-01'", false, Some(14)),
    ("SELECT id FROM a", "SELECT a.id FROM public.a", false, Some(14)),
    ("SELECT id FROM a LIMIT 5", "SELECT id FROM a FETCH FIRST 5 ROWS ONLY", false, Some(14)),
    ("SELECT id FROM a WHERE id IN (1, 2)", "SELECT id FROM a WHERE id = ANY (ARRAY[1, 2])", false, Some(14)),
    // One element is compared as such.
    ("SELECT id FROM a WHERE id IN (1)", "SELECT id FROM a WHERE id = 1", false, Some(14)),
];

#[test]
fn the_exceptions_are_these() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&live::lab::Options::version(major)) else { return };
        let mut client = lab.connect(&testing::database(&lab)).expect("it answers");
        client.batch_execute(SCHEMA).expect("it is sound");
        for (one, other, shape, number) in EXCEPTIONS {
            assert_eq!(Shape::of(one).text == Shape::of(other).text, shape, "{one}\n{other}");
            let same = queryid(&mut client, one) == queryid(&mut client, other);
            assert_eq!(same, number.is_some_and(|since| major >= since), "{major}:\n{one}\n{other}");
        }
    }
}

#[test]
fn a_shape_is_its_own_shape() {
    let mut random = Random(11);
    for _ in 0..5000 {
        let sql = written(&statement(&mut random), &mut random);
        let shape = Shape::of(&sql);
        let again = Shape::of(&shape.text);
        assert_eq!(again.text, shape.text, "{sql}");
        // Constants put in for constants change nothing.
        let other = shape.with(&sql, |_| Some("'other'".to_owned()));
        assert_eq!(Shape::of(&other).text, shape.text, "{sql}\n{other}");
    }
}
