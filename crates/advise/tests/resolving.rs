//! What queries ask of tables, by the names in them.

use std::fmt::Write as _;

use advise::{Condition, resolve};
use model::dialect::Version;
use read::{Input, Options};

const SCHEMA: &str = "
CREATE TABLE customers (id bigint PRIMARY KEY, email text, name text, active boolean, joined date);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text, placed_at timestamptz, total numeric, tags text[], doc jsonb);
CREATE VIEW open_orders AS SELECT id, customer_id AS buyer, placed_at FROM orders WHERE status = 'open';
";

/// One line for each table: conditions, then orders, then the columns that are read.
#[track_caller]
fn check(query: &str, expected: &str) {
    let inputs = vec![Input::new("schema.sql", SCHEMA), Input::new("queries.sql", query)];
    let reading = read::read(inputs, &Options { version: Version(17, 0), unreleased: None });
    let found =
        reading.queries.iter().find(|found| found.origin == model::query::Origin::File).expect("there is a query");
    let mut text = String::new();
    for asked in resolve(&reading.schema, &found.query) {
        let condition = |condition: &Condition| {
            let branch = if condition.branch { "?" } else { "" };
            format!("{}{branch} {:?}", condition.key, condition.kind).replace("Contains(\"", "").replace("\")", "")
        };
        let conditions: Vec<String> = asked.conditions.iter().map(condition).collect();
        let orders: Vec<String> = asked
            .orders
            .iter()
            .map(|order| {
                let keys = order.iter().map(|key| format!("{}{}", key.key, if key.descending { " DESC" } else { "" }));
                format!("[{}]", keys.collect::<Vec<_>>().join(", "))
            })
            .collect();
        let needed: Vec<&str> = asked.needed.iter().map(|name| name.as_str()).collect();
        let needed = if asked.everything { "*".to_owned() } else { needed.join(" ") };
        let _ = writeln!(text, "{}: {} {} {{{needed}}}", asked.table.name, conditions.join(", "), orders.join(" "));
    }
    let tidy = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert_eq!(tidy(&text), tidy(expected), "\n{text}");
}

#[test]
fn names_without_a_qualifier_belong_to_the_table_that_has_them() {
    check(
        "SELECT email, total FROM customers, orders WHERE customer_id = customers.id AND status = 'open' ORDER BY placed_at DESC LIMIT 5;",
        "customers: id Join  {email id}
         orders: customer_id Join, status Equal [placed_at DESC] {customer_id placed_at status total}",
    );
}

#[test]
fn self_joins_are_two_tables() {
    check(
        "SELECT a.id FROM orders a JOIN orders b ON b.customer_id = a.customer_id AND b.placed_at > a.placed_at WHERE a.status = 'new';",
        "orders: customer_id Join, placed_at Range, status Equal  {customer_id id placed_at status}
         orders: customer_id Join, placed_at Range  {customer_id placed_at}",
    );
}

#[test]
fn derived_tables_and_common_table_expressions_lead_to_their_tables() {
    check(
        "WITH recent AS (SELECT customer_id AS who, placed_at AS at FROM orders WHERE status = 'open')
         SELECT name FROM customers c JOIN (SELECT who FROM recent WHERE at > now()) r ON r.who = c.id;",
        "orders: status Equal, placed_at Range, customer_id Join  {customer_id placed_at status}
         customers: id Join  {id name}",
    );
}

#[test]
fn views_are_opened() {
    check(
        "SELECT id FROM open_orders WHERE buyer = $1 ORDER BY placed_at;",
        "orders: status Equal, customer_id Equal [placed_at] {customer_id id placed_at status}",
    );
}

#[test]
fn subqueries_are_bound_to_their_surroundings() {
    check(
        "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE customer_id = c.id AND total > 100) AND id IN (SELECT customer_id FROM orders);",
        "customers: id Join  {id name}
         orders: customer_id Join, total Range  {customer_id total}
         orders: customer_id Join  {customer_id}",
    );
}

#[test]
fn what_all_branches_of_an_or_share_holds() {
    check(
        "SELECT id FROM orders WHERE (customer_id = 1 AND status = 'a') OR (customer_id = 1 AND total > 5);",
        "orders: customer_id Equal, status? Equal, total? Range  {customer_id id status total}",
    );
}

#[test]
fn expressions_patterns_and_containment() {
    check(
        "SELECT * FROM customers WHERE lower(email) = $1 AND name LIKE 'Smi%' AND active AND joined IS NOT NULL;",
        "customers: lower(email) Equal, name Prefix, active True, joined NotNull  {*}",
    );
    check(
        "SELECT id FROM orders WHERE tags @> ARRAY['x'] AND doc @> '{\"a\": 1}' AND status ILIKE '%x%' AND total BETWEEN 1 AND 2 AND id = ANY($1);",
        "orders: tags @>, doc @>, status Search, total Range, id In  {doc id status tags total}",
    );
}

#[test]
fn writes_find_their_rows_too() {
    check(
        "UPDATE orders SET status = 'done' WHERE customer_id = $1 AND status = 'open';",
        "orders: customer_id Equal, status Equal  {customer_id status}",
    );
}

#[test]
fn groups_and_ends_are_orders() {
    check(
        "SELECT customer_id, max(total) FROM orders GROUP BY customer_id;",
        "orders:  [customer_id] {customer_id total}",
    );
    check(
        "SELECT min(placed_at) FROM orders WHERE status = 'x';",
        "orders: status Equal [placed_at] {placed_at status}",
    );
}
