//! `advise --workload LOG`: what a real server logged weighs the advice, and what was asked key by key is found and
//! asked at once.

use std::collections::BTreeSet;

use live::lab::Options;
use live::{Client, Lab, testing};
use serde_json::Value;

use crate::project::Project;

const SCHEMA: &str = "
CREATE TABLE authors (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (
  id bigint PRIMARY KEY,
  author_id bigint NOT NULL REFERENCES authors,
  title text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts, body text NOT NULL);
INSERT INTO authors SELECT n, 'name ' || n FROM generate_series(1, 500) n;
INSERT INTO posts SELECT n, 1 + n % 500, 'title ' || n, timestamptz '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 20000) n;
INSERT INTO comments SELECT n, 1 + n * 7919 % 20000, 'body ' || n FROM generate_series(1, 60000) n;
ANALYZE;
";

const CHILDREN: &str = "SELECT body\nFROM comments WHERE post_id = $1";
const PARENT: &str = "SELECT * FROM authors WHERE id = $1 LIMIT 1";
const COUNTED: &str = "SELECT count(*) FROM comments WHERE post_id = $1";

/// What an application asks: a page of posts, and of each post its comments, their number, and its author.
fn request(client: &mut Client, author: i64) {
    let page =
        format!("SELECT p.id, p.title FROM posts p WHERE p.author_id = {author} ORDER BY p.created_at DESC LIMIT 12");
    let ids: Vec<i64> = client
        .simple_query(&page)
        .expect("it is sound")
        .iter()
        .filter_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => row.get(0).and_then(|id| id.parse().ok()),
            _ => None,
        })
        .collect();
    assert_eq!(ids.len(), 12);
    for id in &ids {
        client.query(CHILDREN, &[id]).expect("it is sound");
        client.query(COUNTED, &[id]).expect("it is sound");
    }
    let page = format!("SELECT id, author_id FROM posts WHERE id < {}", author + 13);
    client.simple_query(&page).expect("it is sound");
    for id in 1..=12_i64 {
        client.query(PARENT, &[&id]).expect("it is sound");
    }
    for _ in 0..12 {
        client.simple_query("SELECT name FROM authors WHERE id = 7").expect("it is sound");
    }
    // A batch of different things is no loop.
    for id in 0..12 {
        let sql = format!("SELECT id FROM posts WHERE title = 'title {id}' AND id > {id}");
        client.simple_query(&sql).expect("it is sound");
    }
}

struct Logged {
    // The server ends with it.
    lab: Lab,
    client: Client,
    url: String,
    log: String,
}

fn logged() -> Option<Logged> {
    let options = Options::default()
        .set("logging_collector", "on")
        .set("log_filename", "server.log")
        .set("log_line_prefix", "%m [%p] ");
    let lab = testing::own(&options)?;
    let name = testing::database(&lab);
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(SCHEMA).expect("it is sound");
    let mut asking = lab.connect(&name).expect("it answers");
    asking.batch_execute("SET log_min_duration_statement = 0").expect("a superuser may");
    for author in 2..5 {
        request(&mut asking, author);
    }
    let log = lab.data_folder().join("log/server.log").display().to_string();
    let url = lab.target(&name).to_string();
    Some(Logged { lab, client, url, log })
}

fn rows(client: &mut Client, sql: &str) -> BTreeSet<String> {
    let asked = format!("SELECT row_to_json(answer)::text FROM ({sql}) AS answer");
    let rows = client.query(&asked, &[]).unwrap_or_else(|error| panic!("{asked}: {error}"));
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn loops_of_a_log_are_found_and_one_query_says_the_same() {
    let Some(Logged { lab, mut client, url, log }) = logged() else { return };
    let project = Project::with(&[]);
    let run = project.run(&["advise", "--db", &url, "--workload", &log, "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let document: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let list = |name: &str| document[name].as_array().expect("a list").clone();

    let mut found: Vec<&str> = Vec::new();
    for one in &list("n_plus_one") {
        let sql = one["sql"].as_str().expect("a text");
        let asked = [CHILDREN, PARENT, COUNTED].into_iter().find(|asked| *asked == sql);
        found.push(asked.unwrap_or_else(|| panic!("no loop: {sql}")));
        assert_eq!(
            (one["loops"].as_u64(), one["calls"].as_u64(), one["values"].as_u64()),
            (Some(3), Some(36), Some(12))
        );
        // The answers for each key, and those of the one query, without the key that tells them apart.
        let keys = [3_i64, 5, 5003, 7];
        let bodies = |rows: BTreeSet<String>| -> BTreeSet<String> {
            let strip = |row: String| {
                let mut row: Value = serde_json::from_str(&row).expect("it is JSON");
                let columns = row.as_object_mut().expect("a row");
                columns.remove("key");
                columns.remove("post_id");
                row.to_string()
            };
            rows.into_iter().map(strip).collect()
        };
        let mut each = BTreeSet::new();
        for key in keys {
            each.extend(bodies(rows(&mut client, &sql.replace("$1", &key.to_string()))));
        }
        let together = one["together"].as_str().expect("it can be written");
        let at_once = rows(&mut client, &together.replace("$1", "'{3,5,5003,7}'"));
        assert_eq!(bodies(at_once), each, "{together}");
        let Some(joined) = one["joined"].as_str() else { continue };
        let before = one["before"].as_str().expect("it was asked");
        let column = if sql == PARENT { "author_id" } else { "id" };
        let keys = client.query(&format!("SELECT {column} FROM ({before}) AS before"), &[]).expect("it is sound");
        let mut each = BTreeSet::new();
        for key in keys {
            each.extend(bodies(rows(&mut client, &sql.replace("$1", &key.get::<_, i64>(0).to_string()))));
        }
        assert_eq!(bodies(rows(&mut client, joined)), each, "{joined}");
    }
    found.sort_unstable();
    assert_eq!(found, [PARENT, CHILDREN, COUNTED]);
    assert!(list("n_plus_one").iter().filter(|one| one["joined"].is_string()).count() == 2, "{}", run.stdout);

    let repeated = list("repeated");
    assert_eq!(repeated.len(), 1, "{}", run.stdout);
    assert_eq!(repeated[0]["sql"], "SELECT name FROM authors WHERE id = 7");

    // Calls weigh: the index for what was asked most is advised.
    let statements: Vec<&Value> =
        document["indexes"].as_array().expect("a list").iter().map(|one| &one["sql"]).collect();
    assert!(
        statements.iter().any(|sql| sql.as_str().is_some_and(|sql| sql.contains("ON comments (post_id"))),
        "{statements:?}"
    );
    let queries = document["workload"]["queries"].as_array().expect("a list").clone();
    let children = queries.iter().find(|one| one["shape"] == "select body from comments where post_id = $1");
    let children = children.expect("it is there");
    assert_eq!((children["calls"].as_u64(), children["failed"].as_u64()), (Some(36), Some(0)));
    assert!(children["ms"]["max"].as_f64() >= children["ms"]["mean"].as_f64());

    // The same for people, in any width that a terminal has, and with a second workload beside it.
    project.write("more.sql", "SELECT * FROM posts WHERE title = 'x';\n");
    let text = project.run(&["advise", "--db", &url, "--workload", &log, "--workload", "more.sql"]).stdout;
    assert!(text.contains("\nRead 1 log (PostgreSQL): "), "{text}");
    assert!(text.contains("\nN+1: Q"), "{text}");
    assert!(text.contains("ask once for all of them, with an array:\n      SELECT post_id, body\n"), "{text}");
    assert!(text.contains("\nrepeated: Q"), "{text}");
    assert!(!text.contains("sound"), "{text}");
    drop(lab);
}

#[test]
fn a_folder_of_many_kinds_is_one_workload() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(SCHEMA).expect("it is sound");
    let url = lab.target(&name).to_string();
    let project = Project::with(&[
        ("logs/app.log", "Query: select \"id\" from \"posts\" where \"title\" = $1 -- params: [\"title 7\"]\n"),
        ("logs/statements.csv", "query,calls,total_exec_time\nselect id from posts where title = $1,99,500\n"),
        ("logs/postgresql.log.1", "2026-11-21 10:00:00 UTC [7] LOG:  statement: SELECT id FROM posts WHERE title='\n"),
        ("logs/junk.log", "nothing of interest\n"),
        ("logs/one.sql", "SELECT count(*) FROM comments;\n"),
    ]);
    let run = project.run(&["advise", "--db", &url, "--workload", "logs", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let files: Vec<_> =
        document["workload"]["files"].as_array().expect("a list").iter().map(|one| &one["kind"]).collect();
    assert_eq!(files, ["Drizzle", "PostgreSQL", "pg_stat_statements"], "{}", run.stdout);
    let query = &document["workload"]["queries"][0];
    assert_eq!((query["query"].as_str(), query["calls"].as_u64()), (Some("Q1"), Some(101)), "{}", run.stdout);
    let indexes = document["indexes"].as_array().expect("a list");
    assert!(indexes.iter().any(|one| one["helps"][0]["query"] == "Q1"), "{}", run.stdout);
}
