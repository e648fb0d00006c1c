//! Each log of a real server holds exactly the calls that were made, with their sessions and values.

use std::collections::BTreeMap;
use std::fs;

use live::lab::Options as LabOptions;
use live::{Client, testing};
use model::workload::TrafficKind;
use read::workload::shape::Shape;
use read::workload::{Options, Reader, recognize};

use crate::Random;

const SCHEMA: &str = "
CREATE TABLE items (id int, name text, price numeric);
INSERT INTO items SELECT n, 'name ' || n, n FROM generate_series(1, 20) n;";

/// How a server is told to log.
struct Setting {
    prefix: &'static str,
    set: &'static [(&'static str, &'static str)],
    /// What failed is logged as a statement too.
    logs_failed: bool,
}

const SETTINGS: [Setting; 3] = [
    Setting {
        prefix: "%m [%p] %q%u@%d ",
        set: &[("log_min_duration_statement", "0"), ("auto_explain.log_min_duration", "0")],
        logs_failed: false,
    },
    Setting {
        prefix: "%t:%r:%u@%d:[%p]:",
        set: &[
            ("log_statement", "all"),
            ("log_duration", "on"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_format", "json"),
        ],
        logs_failed: true,
    },
    Setting { prefix: "%n %c %l ", set: &[("log_statement", "all")], logs_failed: true },
];

/// What was sent: by shape, each session and text.
type Sent = BTreeMap<String, Vec<(i32, String)>>;

fn text(random: &mut Random) -> String {
    const PARTS: [&str; 10] = ["a", "it's", "\n", "\t", "\"", ";", "--", "LOG:  statement: ", "é", ", $2 = 'x'"];
    (0..random.below(4)).map(|_| *random.one(&PARTS.each_ref())).collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

struct Session {
    client: Client,
    pid: i32,
    prepared: postgres::Statement,
}

const PREPARED: &str = "SELECT /* kept */ price FROM items\nWHERE name = $2 AND id = $1";

/// Sends one statement, and writes down what it was.
fn send(session: &mut Session, random: &mut Random, failed: bool, sent: &mut Sent) {
    let id = random.below(30) as i32;
    let name = text(random);
    let Session { client, pid, prepared } = session;
    let mut note = |sql: &str| {
        sent.entry(Shape::of(sql).text).or_default().push((*pid, sql.to_owned()));
    };
    match random.below(8) {
        0 => {
            let sql = format!("SELECT * FROM items WHERE id = {id} AND name <> {}", quoted(&name));
            client.simple_query(&sql).expect("it is sound");
            note(&sql);
        }
        1 => {
            let sql = format!("SELECT name,\n\tprice -- ; what it costs\nFROM items\n\nWHERE id IN ({id}, 2, -3)");
            client.simple_query(&sql).expect("it is sound");
            note(&sql);
        }
        2 => {
            client.query("SELECT id FROM items WHERE name = $1 OR id = $2", &[&name, &id]).expect("it is sound");
            note(&format!("SELECT id FROM items WHERE name = {} OR id = '{id}'", quoted(&name)));
        }
        3 => {
            client.query(&*prepared, &[&id, &name]).expect("it is sound");
            note(&PREPARED.replace("$2", &quoted(&name)).replace("$1", &format!("'{id}'")));
        }
        4 => {
            let nothing: Option<i32> = None;
            client.execute("UPDATE items SET price = price WHERE id = $1", &[&nothing]).expect("it is sound");
            note("UPDATE items SET price = price WHERE id = NULL");
        }
        5 => {
            for sql in ["BEGIN", "SELECT count(*) FROM items", "COMMIT"] {
                client.simple_query(sql).expect("it is sound");
                note(sql);
            }
        }
        6 => {
            let sql = format!("SELECT {} / (id - id) FROM items", id + 1);
            client.simple_query(&sql).expect_err("nothing is divided by zero");
            if failed {
                note(&sql);
            }
        }
        _ => {
            client.simple_query("SELEC nothing FROM items").expect_err("it is no SQL");
            // Two statements in one text are two.
            client
                .simple_query(&format!("SELECT max(id) FROM items; SELECT min(id) + {id} FROM items"))
                .expect("sound");
            note("SELECT max(id) FROM items");
            note(&format!("SELECT min(id) + {id} FROM items"));
        }
    }
}

/// The process of a session: `4711`, or `6740a1b2.1267`.
fn process(session: &str) -> i32 {
    match session.split_once('.') {
        Some((_, hex)) => i32::from_str_radix(hex, 16).expect("a session id ends with its process"),
        None => session.parse().expect("a process is a number"),
    }
}

#[test]
fn every_log_holds_the_calls_that_were_made() {
    for major in testing::majors() {
        for setting in SETTINGS {
            let mut options = LabOptions::version(major)
                .set("logging_collector", "on")
                .set("log_destination", if major >= 15 { "stderr,csvlog,jsonlog" } else { "stderr,csvlog" })
                .set("log_line_prefix", setting.prefix)
                .set("session_preload_libraries", "auto_explain");
            for (name, value) in setting.set {
                options = options.set(name, value);
            }
            let Some(mut lab) = testing::own(&options) else { return };
            let database = testing::database(&lab);
            lab.connect(&database).expect("it answers").batch_execute(SCHEMA).expect("it is sound");
            let mut sessions: Vec<Session> = (0..4)
                .map(|_| {
                    let mut client = lab.connect(&database).expect("it answers");
                    let pid = client.query_one("SELECT pg_backend_pid()", &[]).expect("it answers").get(0);
                    let prepared = client.prepare(PREPARED).expect("it is sound");
                    Session { client, pid, prepared }
                })
                .collect();
            let mut random = Random(u64::from(major));
            let mut sent = Sent::new();
            for _ in 0..400 {
                let one = random.below(sessions.len());
                send(&mut sessions[one], &mut random, setting.logs_failed, &mut sent);
            }
            drop(sessions);
            lab.stop().expect("it ends");

            let mut kinds = Vec::new();
            let folder = lab.data_folder().join("log");
            for file in fs::read_dir(folder).expect("the collector made it").flatten() {
                let bytes = fs::read(file.path()).expect("it can be read");
                let kind = recognize(&bytes).unwrap_or_else(|| panic!("{}: what is it?", file.path().display()));
                kinds.push(kind);
                let mut reader = Reader::new(Options { examples: 10_000, ..Options::default() });
                reader.read("log", kind, &bytes[..]).expect("it can be read");
                let traffic = reader.finish();
                assert!(traffic.problems.is_empty(), "{major} {kind:?}: {:?}", traffic.problems);
                let ours = |text: &str| text.contains("items") || ["begin", "commit"].contains(&text);
                let found: BTreeMap<&str, u64> = traffic
                    .statements
                    .iter()
                    .filter(|one| ours(&one.text) && !one.text.starts_with("create") && !one.text.starts_with("insert"))
                    .map(|one| (one.text.as_str(), one.calls))
                    .collect();
                let expected: BTreeMap<&str, u64> =
                    sent.iter().map(|(text, calls)| (text.as_str(), calls.len() as u64)).collect();
                assert_eq!(found, expected, "{major} {kind:?} {}", setting.prefix);
                for one in traffic.statements.iter().filter(|one| found.contains_key(one.text.as_str())) {
                    let mut read: Vec<(i32, &str)> =
                        one.examples.iter().map(|sent| (process(&sent.session), sent.sql.as_str())).collect();
                    let mut made: Vec<(i32, &str)> =
                        sent[&one.text].iter().map(|(pid, sql)| (*pid, sql.as_str())).collect();
                    read.sort_unstable();
                    made.sort_unstable();
                    made.dedup();
                    assert_eq!(read, made, "{major} {kind:?} {}: {}", setting.prefix, one.text);
                    let failed = if one.text.contains("/ (") { one.calls } else { 0 };
                    assert_eq!(one.failed, failed, "{major} {kind:?} {}: {}", setting.prefix, one.text);
                    let timed = one.time.map_or(0, |time| time.calls);
                    let several = one.text.contains("max(id)") || one.text.contains("min(id)");
                    if setting.set.len() > 1 && !several && failed == 0 {
                        assert_eq!(timed, one.calls, "{major} {kind:?} {}: {}", setting.prefix, one.text);
                    }
                }
            }
            kinds.sort_unstable();
            let all = [TrafficKind::Stderr, TrafficKind::CsvLog, TrafficKind::JsonLog];
            assert_eq!(kinds, all[..if major >= 15 { 3 } else { 2 }]);
            println!("PostgreSQL {major} {}: {} shapes, {} logs", setting.prefix, sent.len(), kinds.len());
        }
    }
}
