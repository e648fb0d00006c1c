//! What the tracer sees of statements, on a real server.

use std::fmt::Write;
use std::time::{Duration, Instant};

use live::{Tracer, testing};
use model::QName;

const SCHEMA: &str = "
    CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
    CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(8,2), status varchar(20));
    CREATE INDEX orders_customer ON orders (customer_id);
    INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 5) n;
    INSERT INTO orders SELECT n, 1 + n % 5, n, 'new' FROM generate_series(1, 20) n;
    CREATE MATERIALIZED VIEW totals AS SELECT customer_id AS id, sum(total) AS total FROM orders GROUP BY 1;
    CREATE UNIQUE INDEX totals_id ON totals (id);
    CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');";

/// Runs the statements one after another, each in a transaction of its own, and prints what was seen on tables.
fn check(script: &[&str], expected: &str) {
    let Some(lab) = testing::lab() else { return };
    let database = testing::database(lab);
    let connect = || lab.connect(&database).expect("the server answers");
    let (mut client, mut observer) = (connect(), connect());
    client.batch_execute(SCHEMA).expect("the schema is sound");
    let mut tracer = Tracer::new(&mut client, &mut observer).expect("the server answers");
    let mut seen = String::new();
    for statement in script {
        writeln!(seen, "{statement}").expect("a string takes it");
        let orders = QName::new("public", "orders");
        match tracer.run(statement, Some(&orders)).expect("the server answers") {
            Ok(trace) => print(&trace, &mut seen),
            Err(refusal) => writeln!(seen, "  refused: {} {}", refusal.sqlstate, refusal.message).expect("it does"),
        }
    }
    assert_eq!(seen.trim_end(), expected.trim(), "\n{seen}");
}

fn print(trace: &live::Trace, out: &mut String) {
    // Locks on indexes follow from those on their tables, and differ between versions.
    for lock in trace.locks.iter().filter(|lock| lock.kind.is_table()) {
        writeln!(out, "  {} on {} {}", lock.mode.name(), lock.kind.name(), lock.relation).expect("it does");
    }
    for name in &trace.rewritten {
        writeln!(out, "  rewritten: {name}").expect("it does");
    }
    for scan in &trace.scans {
        writeln!(out, "  scanned: {} ({} rows)", scan.relation, scan.rows).expect("it does");
    }
}

#[test]
fn locks_rewrites_and_scans() {
    check(
        &[
            "ALTER TABLE orders ALTER COLUMN status TYPE text",
            "ALTER TABLE orders ALTER COLUMN id TYPE numeric",
            "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)",
            "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 1)",
            "ALTER TABLE orders ADD CONSTRAINT customer FOREIGN KEY (customer_id) REFERENCES customers (id)",
            "CREATE INDEX orders_status ON orders (status)",
        ],
        "
ALTER TABLE orders ALTER COLUMN status TYPE text
  ACCESS EXCLUSIVE on table orders
ALTER TABLE orders ALTER COLUMN id TYPE numeric
  ACCESS EXCLUSIVE on table orders
  rewritten: orders
  rewritten: orders_customer
  scanned: orders (60 rows)
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)
  ACCESS EXCLUSIVE on table orders
  scanned: orders (20 rows)
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 1)
  refused: 42710 constraint \"positive\" for relation \"orders\" already exists
ALTER TABLE orders ADD CONSTRAINT customer FOREIGN KEY (customer_id) REFERENCES customers (id)
  SHARE ROW EXCLUSIVE on table customers
  SHARE ROW EXCLUSIVE on table orders
  scanned: customers (5 rows)
  scanned: orders (20 rows)
CREATE INDEX orders_status ON orders (status)
  SHARE on table orders
  scanned: orders (20 rows)
",
    );
}

#[test]
fn what_cannot_run_in_a_transaction() {
    check(
        &[
            "CREATE INDEX CONCURRENTLY orders_status ON orders (status)",
            "DROP INDEX CONCURRENTLY orders_status",
            "VACUUM FULL orders",
            "REFRESH MATERIALIZED VIEW totals",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
        ],
        "
CREATE INDEX CONCURRENTLY orders_status ON orders (status)
  SHARE UPDATE EXCLUSIVE on table orders
DROP INDEX CONCURRENTLY orders_status
  SHARE UPDATE EXCLUSIVE on table orders
VACUUM FULL orders
  ACCESS EXCLUSIVE on table orders
  rewritten: orders
  rewritten: orders_customer
  rewritten: orders_pkey
REFRESH MATERIALIZED VIEW totals
  ACCESS SHARE on table orders
  ACCESS EXCLUSIVE on materialized view totals
  rewritten: totals
  rewritten: totals_id
  scanned: orders (20 rows)
  scanned: totals (5 rows)
REFRESH MATERIALIZED VIEW CONCURRENTLY totals
  ACCESS SHARE on table orders
  EXCLUSIVE on materialized view totals
  scanned: orders (20 rows)
  scanned: totals (5 rows)
",
    );
}

/// The statements of a large schema cost little more than they cost alone. The time is printed, not judged.
#[test]
fn many_statements() {
    let Some(lab) = testing::lab() else { return };
    let statements: Vec<String> = (0..600)
        .flat_map(|number| {
            let before = number / 2;
            [
                format!("CREATE TABLE t{number} (id bigint PRIMARY KEY, up bigint, name text NOT NULL DEFAULT '')"),
                format!("CREATE INDEX t{number}_name ON t{number} (name)"),
                format!("ALTER TABLE t{number} ADD FOREIGN KEY (up) REFERENCES t{before} (id)"),
            ]
        })
        .collect();
    let mut times = Vec::new();
    for traced in [false, true] {
        let database = testing::database(lab);
        let connect = || lab.connect(&database).expect("the server answers");
        let (mut client, mut observer) = (connect(), connect());
        let started = Instant::now();
        if traced {
            let mut tracer = Tracer::new(&mut client, &mut observer).expect("the server answers");
            for statement in &statements {
                tracer.run(statement, None).expect("the server answers").expect("the statement is sound");
            }
        } else {
            for statement in &statements {
                client.execute(statement.as_str(), &[]).expect("the statement is sound");
            }
        }
        times.push(started.elapsed());
    }
    let extra = times[1].saturating_sub(times[0]);
    let each: Duration = extra / u32::try_from(statements.len()).expect("they are few");
    println!("{} statements: {:?} alone, {:?} traced: {each:?} more for each", statements.len(), times[0], times[1]);
}
