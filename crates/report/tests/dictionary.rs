//! The data dictionary of a small schema, whole.

use model::dialect::Version;

fn check(sql: &str, expected: &str) {
    let options = read::Options { version: Version(17, 0), unreleased: None };
    let reading = read::read(vec![read::Input::new("schema.sql", sql)], &options);
    assert_eq!(reading.problems, [], "the test's SQL is understood");
    assert_eq!(report::dictionary::render(&reading.schema), expected);
}

#[test]
fn a_shop() {
    check(
        "
        CREATE TYPE status AS ENUM ('open', 'done');
        CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
        CREATE TABLE orders (
            id          bigint PRIMARY KEY,
            customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE,
            status      status NOT NULL DEFAULT 'open',
            note        text CONSTRAINT said CHECK (note <> '' OR note = '|')
        );
        CREATE INDEX orders_open_idx ON orders (customer_id, id DESC) WHERE status = 'open';
        COMMENT ON TABLE orders IS 'One row per checkout.';
        COMMENT ON COLUMN orders.note IS 'a | b';
        ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON orders FOR SELECT TO support USING (customer_id = 1);
        GRANT SELECT, UPDATE ON orders TO support;
        CREATE VIEW open_orders AS SELECT id FROM orders WHERE status = 'open';
        CREATE FUNCTION one() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        ",
        "",
    );
}

#[test]
fn nothing() {
    check("", "# Data dictionary\n\nNothing was found.\n");
}
