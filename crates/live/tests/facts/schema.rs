//! The database that every statement is tried on: each in a fresh copy.

use live::lab::Options;
use live::{Client, Lab, testing};

pub(crate) const SCHEMA: &str = "\
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, name varchar(40));
CREATE TABLE orders (
    id          bigint PRIMARY KEY,
    customer_id bigint,
    status      varchar(20),
    total       numeric(8,2),
    code        integer,
    number      integer NOT NULL,
    placed_at   timestamp,
    seen_at     timestamptz(3),
    address     cidr,
    initials    char(4),
    body        json,
    mood        mood,
    CONSTRAINT code_known CHECK (code IS NOT NULL)
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_status ON orders (status);
CREATE UNIQUE INDEX orders_code ON orders (code);
CREATE UNIQUE INDEX orders_number ON orders (number);
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders, amount integer);
CREATE TABLE events (at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 (at date NOT NULL, kind text);
CREATE TABLE events_2027 (at date NOT NULL, kind text, CONSTRAINT bounds CHECK (at >= '2027-01-01' AND at < '2028-01-01'));
CREATE TABLE logs (at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
CREATE TABLE logs_2026 (at date NOT NULL, line text);
CREATE TABLE parents (id bigint, name text);
CREATE TABLE children (id bigint, name text);
CREATE VIEW recent AS SELECT id, name FROM customers;
CREATE MATERIALIZED VIEW totals AS SELECT customer_id AS id, count(*) AS orders FROM orders GROUP BY 1;
CREATE UNIQUE INDEX totals_id ON totals (id);
CREATE SEQUENCE tickets;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER customers_touch BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own ON customers USING (true);
CREATE STATISTICS orders_stats ON customer_id, status FROM orders;
CREATE ROLE clerk;
ALTER TABLE orders ADD CONSTRAINT total_known CHECK (total IS NOT NULL) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT customer_known FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
ALTER TABLE lines ADD CONSTRAINT amount_positive CHECK (amount > 0);
";

const ROWS: &str = "
    INSERT INTO customers SELECT n, 'c' || n || '@example.org', 'c' || n FROM generate_series(1, 5) n;
    INSERT INTO orders SELECT n, 1 + n % 5, 'new', n, n, n, '2025-03-01', '2025-03-01', '10.0.0.0/8', 'ab', '{}', 'calm'
        FROM generate_series(1, 20) n;
    INSERT INTO lines SELECT n, n, n FROM generate_series(1, 20) n;
    INSERT INTO events SELECT date '2025-01-01' + n FROM generate_series(1, 20) n;
    INSERT INTO events_2026 SELECT date '2026-01-01' + n FROM generate_series(1, 20) n;
    INSERT INTO events_2027 SELECT date '2027-01-01' + n FROM generate_series(1, 20) n;
    INSERT INTO logs SELECT date '2025-01-01' + n FROM generate_series(1, 20) n;
    INSERT INTO logs_2026 SELECT date '2026-01-01' + n FROM generate_series(1, 20) n;
    INSERT INTO parents SELECT n, n FROM generate_series(1, 20) n;
    INSERT INTO children SELECT n, n FROM generate_series(1, 20) n;
    REFRESH MATERIALIZED VIEW totals;";

/// A zone in which `timestamp` and `timestamptz` are stored differently: in UTC a change of the type rewrites nothing.
const SETTINGS: &str = "SET timezone = 'America/New_York'; SET client_min_messages = error";

/// A server with the database to copy.
pub(crate) struct Host {
    pub(crate) lab: Lab,
}

impl Host {
    /// `None` where there is no server, which has been said then.
    pub(crate) fn start(major: u16) -> Option<Host> {
        let lab = testing::own(&Options::version(major))?;
        lab.create_database("original").expect("it can be made");
        let mut client = lab.connect("original").expect("it answers");
        client.batch_execute(SCHEMA).expect("the schema is sound");
        client.batch_execute(ROWS).expect("the rows are sound");
        drop(client);
        Some(Host { lab })
    }

    /// Two connections to a fresh copy.
    pub(crate) fn copy(&self) -> (Client, Client) {
        let name = testing::copy(&self.lab, "original");
        let connect = || {
            let mut client = self.lab.connect(&name).expect("it answers");
            client.batch_execute(SETTINGS).expect("they are settings");
            client
        };
        (connect(), connect())
    }
}
