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
        r"# Data dictionary

2 tables, 1 view, 1 enum, 1 function

## Contents

- [customers](#customers)
- [orders](#orders): One row per checkout.
- [open_orders](#open_orders)

## Tables

### customers

| Column | Type | Null | Default | Keys | Comment |
|---|---|---|---|---|---|
| `id` | `bigint` | no | identity | PK |  |

**Constraints**

| Constraint | Kind | Says | Comment |
|---|---|---|---|
| `customers_pkey` | primary key | `id` |  |

**Referenced by**

- [orders](#orders) (`customer_id`), on delete cascade

### orders

One row per checkout.

| Column | Type | Null | Default | Keys | Comment |
|---|---|---|---|---|---|
| `id` | `bigint` | no |  | PK |  |
| `customer_id` | `bigint` | no |  | FK |  |
| `status` | `status` | no | `'open'` |  |  |
| `note` | `text` | yes |  |  | a \| b |

**Constraints**

| Constraint | Kind | Says | Comment |
|---|---|---|---|
| `orders_pkey` | primary key | `id` |  |
| `orders_customer_id_fkey` | foreign key | `customer_id` → [customers](#customers) (`id`), on delete cascade |  |
| `said` | check | `note <> '' OR note = '\|'` |  |

**Indexes**

| Index | Keys | Traits | Comment |
|---|---|---|---|
| `orders_open_idx` | `customer_id`, `id DESC` | where `status = 'open'` |  |

**Policies**

| Policy | For | To | Sees | Writes |
|---|---|---|---|---|
| `own` | select | `support` | `customer_id = 1` |  |

**Grants**

| Role | May |
|---|---|
| `support` | SELECT, UPDATE |

## Views

### open_orders

| Column | Comment |
|---|---|
| `id` |  |

```sql
SELECT id FROM orders WHERE status = 'open'
```

## Types

| Enum | Values | Comment |
|---|---|---|
| `status` | `open`, `done` |  |

## Functions

| Function | Returns | Language | Traits | Comment |
|---|---|---|---|---|
| `one()` | `integer` | `sql` | immutable |  |
",
    );
}

#[test]
fn nothing() {
    check("", "# Data dictionary\n\nNothing was found.\n");
}
