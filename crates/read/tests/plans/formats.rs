//! TEXT, JSON, YAML and XML of a server say the same.

use live::testing;
use live::{Client, Lab};

use crate::queries::{Asked, QUERIES, SCHEMA};
use crate::{masked, plans};

const FORMATS: [&str; 4] = ["TEXT", "JSON", "YAML", "XML"];

/// Options of EXPLAIN, from those that say little to those that say all.
fn options(major: u16) -> Vec<String> {
    let mut all = vec!["COSTS OFF".to_owned(), "COSTS ON".to_owned(), "ANALYZE, BUFFERS OFF".to_owned()];
    all.push("ANALYZE, TIMING OFF, SUMMARY OFF, COSTS OFF, BUFFERS".to_owned());
    let more = match major {
        ..=16 => "ANALYZE, VERBOSE, BUFFERS, WAL, SETTINGS",
        _ => "ANALYZE, VERBOSE, BUFFERS, WAL, SETTINGS, MEMORY, SERIALIZE TEXT",
    };
    all.push(more.to_owned());
    all
}

/// What EXPLAIN says, in a transaction that is taken back.
pub(crate) fn explain(client: &mut Client, asked: &Asked, options: &str, format: &str) -> String {
    let options = format!("{options}, FORMAT {format}");
    live::explain(client, asked.settings, asked.query, &options)
        .unwrap_or_else(|error| panic!("{options} {}: {error}", asked.query))
}

pub(crate) fn prepare(lab: &Lab) -> Client {
    let mut client = lab.connect(&testing::database(lab)).expect("the lab takes connections");
    client.batch_execute(SCHEMA).expect("the schema is sound");
    client
}

#[test]
fn every_format_says_the_same() {
    for major in testing::majors() {
        let Some(lab) = testing::own(&live::lab::Options::version(major)) else { return };
        let mut client = prepare(&lab);
        let mut wrong = Vec::new();
        let mut seen = 0;
        for asked in QUERIES.iter().filter(|asked| asked.since <= major) {
            // What the first run writes into pages and caches, the others find there.
            explain(&mut client, asked, "ANALYZE", "TEXT");
            for options in options(major) {
                let mut first = None;
                for format in FORMATS {
                    let text = explain(&mut client, asked, &options, format);
                    let (found, problems) = plans(&text);
                    seen += 1;
                    let [plan] = &found[..] else {
                        wrong.push(format!("{major} {format} {}: {} plans\n{text}", asked.query, found.len()));
                        continue;
                    };
                    if !problems.is_empty() {
                        let messages: Vec<_> = problems.iter().map(|problem| &problem.message).collect();
                        wrong.push(format!("{major} {format} {}: {messages:?}", asked.query));
                    }
                    let mut plan = masked(plan.clone());
                    // Text says this with VERBOSE only.
                    let silent = !options.contains("VERBOSE");
                    plan.nodes.iter_mut().filter(|_| silent).for_each(|node| node.inner_unique = false);
                    match &first {
                        None => first = Some((plan, text)),
                        Some((expected, original)) if *expected != plan => {
                            let difference = difference(&format!("{expected:#?}"), &format!("{plan:#?}"));
                            wrong.push(format!(
                                "{major} {format} ({options}) {}:\n{difference}\n{original}",
                                asked.query
                            ));
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        println!("PostgreSQL {major}: {seen} plans read, {} wrong", wrong.len());
        assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n\n"));
    }
}

/// The first lines that differ.
fn difference(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines()).filter(|(one, other)| one != other).take(6);
    pairs.map(|(one, other)| format!("- {one}\n+ {other}\n")).collect()
}
