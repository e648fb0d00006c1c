//! DBML and Mermaid of small schemas, whole.

use model::Schema;
use model::dialect::Version;

fn read(sql: &str) -> Schema {
    let options = read::Options { version: Version(17, 0), unreleased: None };
    let reading = read::read(vec![read::Input::new("schema.sql", sql)], &options);
    assert_eq!(reading.problems, [], "the test's SQL is understood");
    reading.schema
}

fn dbml(sql: &str, expected: &str) {
    assert_eq!(write::dbml::render(&read(sql)), expected);
}

fn mermaid(sql: &str, expected: &str) {
    assert_eq!(write::mermaid::render(&read(sql)), expected);
}

const SHOP: &str = "
    CREATE TYPE status AS ENUM ('open', 'in progress');
    CREATE TABLE customers (
        id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email text NOT NULL UNIQUE
    );
    CREATE TABLE orders (
        id          serial PRIMARY KEY,
        customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE,
        voucher_of  bigint UNIQUE REFERENCES customers ON DELETE SET NULL ON UPDATE RESTRICT,
        status      status NOT NULL DEFAULT 'open',
        total       numeric(12, 2) DEFAULT 0,
        tags        text[],
        placed_at   timestamptz DEFAULT now(),
        CONSTRAINT cheap CHECK (total < 1000)
    );
    CREATE INDEX recent ON orders (customer_id, placed_at DESC) WHERE status = 'open';
    CREATE INDEX tagged ON orders USING gin (tags);
    COMMENT ON TABLE orders IS 'One row per checkout; it''s never deleted.';
    COMMENT ON COLUMN orders.total IS 'With \"tax\"
and shipping.';
    CREATE TABLE items (
        order_id integer REFERENCES orders,
        line     integer,
        PRIMARY KEY (order_id, line)
    );
    CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE status = 'open';
";

#[test]
fn a_shop_in_dbml() {
    dbml(
        SHOP,
        r#"Enum status {
  open
  "in progress"
}

Table customers {
  id bigint [pk, increment, not null]
  email text [unique, not null]
}

Table items {
  order_id integer [not null]
  line integer [not null]

  indexes {
    (order_id, line) [pk, name: 'items_pkey']
  }
}

Table orders {
  id integer [pk, increment, not null]
  customer_id bigint [not null]
  voucher_of bigint [unique]
  status status [not null, default: 'open']
  total numeric(12,2) [default: 0, note: 'With "tax"\nand shipping.']
  tags "text[]"
  placed_at timestamptz [default: `now()`]

  indexes {
    (customer_id, `placed_at DESC`) [name: 'recent', note: 'WHERE status = \'open\'']
    tags [type: gin, name: 'tagged']
  }

  checks {
    `total < 1000` [name: 'cheap']
  }

  Note: 'One row per checkout; it\'s never deleted.'
}

Ref items_order_id_fkey: items.order_id > orders.id
Ref orders_customer_id_fkey: orders.customer_id > customers.id [delete: cascade]
Ref orders_voucher_of_fkey: orders.voucher_of - customers.id [delete: set null, update: restrict]

// view open_orders (id, total)
"#,
    );
}

#[test]
fn a_shop_in_mermaid() {
    mermaid(
        SHOP,
        r#"erDiagram
    customers {
        bigint id PK
        text email UK
    }
    items {
        integer order_id PK, FK
        integer line PK
    }
    orders {
        integer id PK
        bigint customer_id FK
        bigint voucher_of FK, UK
        status status
        numeric(12_2) total "With 'tax'"
        text[] tags
        timestamptz placed_at
    }
    orders ||--o{ items : "order_id"
    customers ||--o{ orders : "customer_id"
    customers |o--o| orders : "voucher_of"
"#,
    );
}

#[test]
fn names_are_made_plain_and_stay_apart() {
    mermaid(
        r#"
        CREATE SCHEMA app;
        CREATE TABLE "one" (id integer PRIMARY KEY, "50 %" text);
        CREATE TABLE app.one (id "char", "1st" double precision);
        CREATE TABLE "a%b" (one integer REFERENCES "one");
        CREATE TABLE "a\b" (two integer NOT NULL);
        "#,
        r#"erDiagram
    "app.one" {
        _char_ id
        double_precision _1st
    }
    a_b {
        integer one FK
    }
    a_b_2 {
        integer two
    }
    "one" {
        integer id PK
        text _50__
    }
    "one" |o--o{ a_b : "one"
"#,
    );
}

#[test]
fn what_the_parser_would_refuse_is_a_comment() {
    dbml(
        r#"
        CREATE TYPE nothing AS ENUM ();
        CREATE TABLE nobody ();
        CREATE TABLE "note" ("a ""b"" \" integer PRIMARY KEY REFERENCES "note", other integer);
        ALTER TABLE "note" ADD CONSTRAINT twice FOREIGN KEY (other) REFERENCES "note";
        ALTER TABLE "note" ADD CONSTRAINT thrice FOREIGN KEY (other) REFERENCES "note";
        "#,
        r#"// an enum without values cannot be said:
// Enum nothing {
// }

// a table without columns cannot be said:
// Table nobody {
// }

Table "note" {
  "a \"b\" \\" integer [pk, not null]
  other integer
}

// points at itself:
// Ref "note_a \"b\" \\_fkey": "note"."a \"b\" \\" - "note"."a \"b\" \\"
Ref twice: "note".other > "note"."a \"b\" \\"
// joins the same columns as a line above:
// Ref thrice: "note".other > "note"."a \"b\" \\"
"#,
    );
}

#[test]
fn partitions_are_part_of_their_table() {
    let sql = "
        CREATE TABLE events (at date NOT NULL, kind text) PARTITION BY RANGE (at);
        CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        ";
    dbml(
        sql,
        r"Table events {
  at date [not null]
  kind text

  Note: 'partitioned by range of at, 1 partition'
}
",
    );
    mermaid(
        sql,
        r"erDiagram
    events {
        date at
        text kind
    }
",
    );
}

#[test]
fn an_empty_database_is_an_empty_diagram() {
    dbml("", "");
    mermaid("", "erDiagram\n");
}
