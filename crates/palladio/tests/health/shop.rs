//! A shop whose indexes are of every kind, and the work that is done in it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use live::{Client, Lab, testing};

const SCHEMA: &str = "
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, name text NOT NULL, country text NOT NULL);
CREATE UNIQUE INDEX customers_email_once ON customers (email);
CREATE INDEX customers_email ON customers (email);
CREATE INDEX customers_name ON customers (name);
CREATE INDEX customers_lower ON customers (lower(email));
CREATE INDEX customers_country ON customers (country);

CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL,
  placed_at timestamptz NOT NULL, total numeric NOT NULL);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_customer_placed ON orders (customer_id, placed_at);
CREATE INDEX orders_open ON orders (placed_at) WHERE status = 'open';
CREATE INDEX orders_late ON orders (total) WHERE status = 'late';
CREATE INDEX orders_double ON orders ((total * 2));
CREATE INDEX orders_id ON orders (id);

CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders, product bigint NOT NULL, amount int NOT NULL,
  PRIMARY KEY (product, order_id));

CREATE TABLE events (id bigint NOT NULL, day date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX events_day ON events (day);
CREATE INDEX events_kind ON events (kind, id);

CREATE TABLE jobs (id bigint PRIMARY KEY, due_at timestamptz NOT NULL, done boolean NOT NULL);
CREATE INDEX jobs_due ON jobs (due_at);
CREATE INDEX jobs_done ON jobs (done, due_at);

CREATE TABLE docs (id bigint PRIMARY KEY, ref bigint NOT NULL, tag text NOT NULL, body text NOT NULL);
ALTER TABLE docs ALTER body SET STORAGE EXTERNAL;
CREATE INDEX docs_tag ON docs (tag);

CREATE TABLE shelf (id bigint PRIMARY KEY, code text NOT NULL, place bigint NOT NULL);
CREATE INDEX shelf_code ON shelf (code);
CREATE INDEX shelf_place ON shelf (place);
ALTER TABLE shelf ADD UNIQUE (id, code);
";

const ROWS: &str = "
INSERT INTO customers SELECT n, 'user' || n || '@example.org', 'name ' || n, 'land ' || n % 90
FROM generate_series(1, 200000) n;
INSERT INTO orders SELECT n, 1 + n * 7919 % 200000, (ARRAY['open', 'late', 'late', 'late'])[1 + n % 4],
  timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', n FROM generate_series(1, 200000) n;
INSERT INTO lines SELECT n, n % 1000, 1 FROM generate_series(1, 50000) n;
INSERT INTO events SELECT n, date '2024-01-01' + n % 700, 'kind ' || n % 9 FROM generate_series(1, 120000) n;
INSERT INTO jobs SELECT n, timestamptz '2026-01-01 00:00Z' + n * interval '1 second', n % 3 = 0
FROM generate_series(1, 250000) n;
INSERT INTO docs SELECT n, n % 400, 'tag ' || n, repeat(md5(n::text), 100) FROM generate_series(1, 2000) n;
INSERT INTO shelf SELECT n, 'code ' || n, n FROM generate_series(1, 200000) n;
DELETE FROM jobs WHERE id % 12 <> 0
";

/// What the application asks. `$` is another number each time.
const QUERIES: [&str; 11] = [
    "SELECT id FROM customers WHERE email = 'user' || $ || '@example.org'",
    "SELECT id FROM customers WHERE name = 'name ' || $",
    "SELECT id FROM customers WHERE lower(email) = 'user' || $ || '@example.org'",
    "SELECT * FROM orders WHERE customer_id = $",
    "SELECT * FROM orders WHERE status = 'open' AND placed_at < timestamptz '2026-01-01 00:30Z'",
    "SELECT * FROM orders WHERE id = $",
    "SELECT * FROM events WHERE day = date '2024-01-01' + ($ % 700)::int",
    "SELECT id FROM jobs WHERE due_at < timestamptz '2026-01-01 00:03Z'",
    "SELECT due_at FROM jobs WHERE NOT done AND due_at < timestamptz '2026-01-01 00:03Z'",
    "SELECT id FROM docs WHERE tag = 'tag ' || $",
    "SELECT code FROM shelf WHERE place = $",
];
/// What is asked three times.
const SELDOM: &str = "SELECT id FROM shelf WHERE code = 'code ' || $";
/// So often that nobody calls it seldom.
const OFTEN: u32 = 400;

pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) url: String,
}

impl Shop {
    pub(crate) fn open(lab: &Lab) -> Shop {
        let name = testing::database(lab);
        let mut client = lab.connect(&name).expect("it answers");
        client.batch_execute(SCHEMA).expect("it is sound");
        for statement in ROWS.split(";\n") {
            client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        let twice = client.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY docs_ref ON docs (ref)");
        assert!(twice.is_err(), "there are documents with the same reference");
        let mut shop = Shop { client, url: lab.target(&name).to_string() };
        shop.analyze();
        shop
    }

    /// What a session counted is told a second later at the latest, and must not come behind ANALYZE.
    pub(crate) fn analyze(&mut self) {
        sleep(Duration::from_millis(1200));
        self.client.batch_execute("SELECT 1").expect("it answers");
        sleep(Duration::from_millis(300));
        self.client.batch_execute("VACUUM (ANALYZE)").expect("it is a superuser");
    }

    pub(crate) fn work(&mut self) {
        for (query, times) in QUERIES.into_iter().map(|query| (query, OFTEN)).chain([(SELDOM, 3)]) {
            let query = query.replacen("SELECT", "PERFORM", 1).replace('$', "i");
            let all = format!("DO $$ BEGIN FOR i IN 1..{times} LOOP {query}; END LOOP; END $$");
            self.client.batch_execute(&all).unwrap_or_else(|error| panic!("{all}: {error}"));
        }
        sleep(Duration::from_millis(1200));
        self.client.batch_execute("SELECT 1").expect("it answers");
        sleep(Duration::from_millis(800));
    }

    /// Whether the plan of each query finds its rows by an index.
    pub(crate) fn answered_by_index(&mut self) -> Vec<(&'static str, bool)> {
        let plan = |query: &'static str| {
            let rows = self.client.query(&format!("EXPLAIN {}", query.replace('$', "7")), &[]).expect("it is sound");
            let by_index = rows.iter().any(|row| row.get::<_, &str>(0).contains("Index"));
            (query, by_index)
        };
        QUERIES.into_iter().map(plan).collect()
    }
}

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary, where no configuration is.
pub(crate) fn palladio(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_palladio"))
        .args(["--isolated", "--quiet"])
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_remove("DATABASE_URL")
        .output()
        .expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { code: output.status.code().expect("an exit code"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A new folder.
pub(crate) fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("palladio-health-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
