//! Looking at a large database asks as few questions as looking at a small one.

#![allow(clippy::print_stdout, reason = "the time is for whoever asks")]

use std::fmt::Write;
use std::time::{Duration, Instant};

use live::{Introspection, introspect, testing};

/// Tables with what tables have: keys, foreign keys, checks, indexes, defaults, comments, triggers.
fn schema(tables: usize) -> String {
    let mut script = String::from(
        "CREATE TYPE mood AS ENUM ('calm', 'busy');
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\n",
    );
    for number in 0..tables {
        let before = number / 2;
        write!(
            script,
            "CREATE TABLE t{number} (
                 id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, up bigint REFERENCES t{before} (id),
                 name varchar(80) NOT NULL DEFAULT '', total numeric(12,2) CHECK (total >= 0), mood mood,
                 made_at timestamptz NOT NULL DEFAULT now(), tags text[] DEFAULT '{{}}', body jsonb
             );
             CREATE INDEX t{number}_up ON t{number} (up);
             CREATE INDEX t{number}_name ON t{number} (lower(name), made_at DESC) WHERE total > 10;
             CREATE TRIGGER touched BEFORE UPDATE ON t{number} FOR EACH ROW EXECUTE FUNCTION touch();
             COMMENT ON TABLE t{number} IS 'the table {number}';\n"
        )
        .expect("a string takes it");
    }
    script
}

/// What a look costs: on the clock, and of the processors, by us and by the server. On a machine without other work the
/// first is the sum of the others, since one waits for the other.
#[derive(Clone, Copy, Debug)]
struct Cost {
    clock: Duration,
    ours: Duration,
    servers: Duration,
}

/// The time that a process has had of the processors, where /proc says so: in hundredths of a second.
fn processors(process: &str) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name of the process may hold spaces; behind it, user and system time are the fields 12 and 13.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    Duration::from_millis(10 * fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>())
}

fn look(tables: usize) -> Option<(Introspection, Cost)> {
    let lab = testing::lab()?;
    let database = testing::database(lab);
    let mut client = lab.connect(&database).expect("it answers");
    for part in schema(tables).split_inclusive("';\n") {
        client.batch_execute(part).expect("the schema is sound");
    }
    client.batch_execute("ANALYZE").expect("it is a superuser");
    let mut client = lab.connect(&database).expect("it answers");
    let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).expect("it answers").get(0);
    let backend = backend.to_string();
    let (begin, ours, servers) = (Instant::now(), processors("self"), processors(&backend));
    let found = introspect(&mut client).expect("it can be looked at");
    let clock = begin.elapsed();
    Some((found, Cost { clock, ours: processors("self") - ours, servers: processors(&backend) - servers }))
}

#[test]
fn a_large_database_is_asked_as_often_as_a_small_one() {
    let (Some((small, _)), Some((large, _))) = (look(2), look(60)) else { return };
    assert_eq!(small.queries, large.queries);
    assert_eq!((small.schema.tables().count(), large.schema.tables().count()), (2, 60));
    assert!(small.problems.is_empty() && large.problems.is_empty());
}

/// Printed, not judged: `cargo test --release -p live --test introspection -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn a_thousand_tables() {
    for _ in 0..3 {
        let Some((found, cost)) = look(1000) else { return };
        assert_eq!(found.schema.tables().count(), 1000);
        let Cost { clock, ours, servers } = cost;
        println!(
            "1,000 tables, {} queries: {clock:?} on the clock, {ours:?} ours, {servers:?} the server's",
            found.queries
        );
    }
}
