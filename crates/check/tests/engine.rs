//! How findings are ordered, merged, silenced and weighed.

use std::collections::{BTreeMap, BTreeSet};

use check::{House, Settings, select};
use model::dialect::{POSTGRES, Version};
use model::{FileId, Severity};

/// What the default rules say, one finding a line: file, line, severity, name.
fn found(files: &[(&str, &str)], severities: BTreeMap<&'static str, Severity>) -> String {
    found_since(files, severities, None)
}

/// The same, where only one file is new.
fn found_since(files: &[(&str, &str)], severities: BTreeMap<&'static str, Severity>, new_file: Option<&str>) -> String {
    let inputs = files.iter().map(|(path, text)| read::Input::new(path, text)).collect();
    let version = Version(15, 0);
    let reading = read::read(inputs, &read::Options { version, unreleased: None });
    let file_of = |path: &str| reading.sources.files.iter().position(|file| &*file.path == path);
    let fresh = new_file.map(|path| BTreeSet::from([FileId(file_of(path).expect("it was read") as u32)]));
    let enabled = select(&[], &[], &[]).expect("no word is unknown");
    let settings = Settings {
        version,
        target: &POSTGRES,
        house: House::default(),
        enabled,
        severities,
        fresh,
        edited: BTreeSet::new(),
    };
    let lines = check::check(&reading, &settings).into_iter().map(|finding| {
        let place = finding.place.expect("files have places");
        let file = reading.sources.file(place.file);
        format!("{}:{} {} {}\n", file.path, file.position(place.start).line, finding.severity.name(), finding.name)
    });
    lines.collect()
}

fn check(files: &[(&str, &str)], expected: &str) {
    assert_eq!(found(files, BTreeMap::new()), expected);
}

const ORDERS: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, status text);\n";

#[test]
fn a_script_that_makes_everything_locks_nobody() {
    let script = "
        CREATE TABLE customers (id bigint PRIMARY KEY);
        CREATE TABLE orders (id bigint, customer_id bigint, email text);
        ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
        ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
        ALTER TABLE orders ALTER COLUMN email SET NOT NULL;
        ALTER TABLE orders ALTER COLUMN email TYPE varchar(10);
        ALTER TABLE orders ADD CONSTRAINT email_unique UNIQUE (email);
        ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers;
        ALTER TABLE orders ADD CONSTRAINT email_given CHECK (email <> '');
        CREATE INDEX orders_customer_id ON orders (customer_id);
        UPDATE orders SET email = 'none';
        DROP INDEX orders_customer_id;
        CREATE INDEX orders_by_customer ON orders (customer_id);
        ALTER TABLE orders RENAME COLUMN email TO mail;
    ";
    check(&[("schema.sql", script)], "");
}

#[test]
fn findings_come_by_file_and_place() {
    let later = "DROP TABLE orders;\nCREATE TABLE notes (written_at timestamp, body json);\n";
    check(
        &[("migrations/0001_a.sql", ORDERS), ("migrations/0002_b.sql", later)],
        "migrations/0002_b.sql:1 warning drop-table
migrations/0002_b.sql:1 note missing-lock-timeout
migrations/0002_b.sql:2 warning missing-primary-key
migrations/0002_b.sql:2 warning timestamp-without-zone
migrations/0002_b.sql:2 warning json-instead-of-jsonb
",
    );
}

#[test]
fn a_comment_silences_by_code_name_group_and_by_the_name_of_another_tool() {
    for word in
        ["palladio: ignore[M001]", "palladio: ignore[index-blocks-writes, M022]", "palladio: ignore[migrations]"]
    {
        let later =
            format!("SET lock_timeout = '1s';\n-- {word} the table is small\nCREATE INDEX ON orders (status);\n");
        let unused = if word.contains("M022") { "migrations/0002_b.sql:2 warning unused-ignore\n" } else { "" };
        check(&[("migrations/0001_a.sql", ORDERS), ("migrations/0002_b.sql", &later)], unused);
    }
    let later = "SET lock_timeout = '1s';\n-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX ON orders (status);\n";
    check(&[("migrations/0001_a.sql", ORDERS), ("migrations/0002_b.sql", later)], "");
}

#[test]
fn a_comment_for_another_tool_is_never_idle() {
    check(
        &[("schema.sql", "-- squawk-ignore prefer-robust-stmts\nCREATE TABLE orders (id bigint PRIMARY KEY);\n")],
        "",
    );
    let misspelled = "-- palladio: ignore[missing-primary-keys]\nCREATE TABLE orders (id bigint PRIMARY KEY);\n";
    check(&[("schema.sql", misspelled)], "schema.sql:1 warning unused-ignore\n");
}

#[test]
fn one_statement_that_does_a_thing_twice_is_one_finding() {
    let later = "SET lock_timeout = '1s';\nDROP INDEX a, b;\n";
    let first = format!("{ORDERS}CREATE INDEX a ON orders (status);\nCREATE INDEX b ON orders (id, status);\n");
    check(
        &[("migrations/0001_a.sql", &first), ("migrations/0002_b.sql", later)],
        "migrations/0002_b.sql:2 warning drop-index-blocks\n",
    );
}

#[test]
fn the_size_of_a_table_decides_how_bad_a_lock_is() {
    let later = "SET lock_timeout = '1s';\nCREATE INDEX ON orders (status);\n";
    for (rows, severity) in [(200, "note"), (500_000, "warning"), (80_000_000, "error")] {
        let stats = format!("{{\"version\": 1, \"tables\": [{{\"name\": \"orders\", \"rows\": {rows}}}]}}");
        let files = [("migrations/0001_a.sql", ORDERS), ("migrations/0002_b.sql", later), ("stats.json", &stats)];
        check(&files, &format!("migrations/0002_b.sql:2 {severity} index-blocks-writes\n"));
    }
}

#[test]
fn the_severity_that_the_user_sets_stands() {
    let later = "SET lock_timeout = '1s';\nCREATE INDEX ON orders (status);\n";
    let stats = "{\"version\": 1, \"tables\": [{\"name\": \"orders\", \"rows\": 80000000}]}";
    let files = [("migrations/0001_a.sql", ORDERS), ("migrations/0002_b.sql", later), ("stats.json", stats)];
    let set = BTreeMap::from([("M001", Severity::Note)]);
    assert_eq!(found(&files, set), "migrations/0002_b.sql:2 note index-blocks-writes\n");
}

#[test]
fn a_missing_timeout_is_said_where_it_can_still_be_set() {
    let column = |name: &str| format!("ALTER TABLE orders ADD COLUMN {name} text;\n");
    let (b, c) = (column("b"), column("c"));
    let files = [("migrations/0001_a.sql", ORDERS), ("migrations/0002_b.sql", &b), ("migrations/0003_c.sql", &c)];
    let last = "migrations/0003_c.sql:1 note missing-lock-timeout\n";
    assert_eq!(found(&files, BTreeMap::new()), last);
    let new =
        "migrations/0002_b.sql:1 note missing-lock-timeout\nmigrations/0002_b.sql:1 error out-of-order-migration\n";
    assert_eq!(found_since(&files, BTreeMap::new(), Some("migrations/0002_b.sql")), new);
    let first = "migrations/0001_a.sql:1 error out-of-order-migration\n";
    assert_eq!(found_since(&files, BTreeMap::new(), Some("migrations/0001_a.sql")), first);
}

#[test]
fn a_number_that_is_nearly_used_up_is_graver_than_one_that_has_just_begun() {
    let table = "CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n";
    for (rows, severity) in [(640.0, "note"), (41.2e6, "warning"), (0.9e9, "error")] {
        let stats = format!("{{\"version\": 1, \"tables\": [{{\"name\": \"orders\", \"rows\": {rows}}}]}}");
        let files = [("schema.sql", table), ("stats.json", &stats)];
        check(&files, &format!("schema.sql:1 {severity} integer-primary-key\n"));
    }
}

#[test]
fn what_was_last_said_is_what_is_marked() {
    let script = "CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
CREATE POLICY own ON orders USING (tenant = current_user);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON orders TO PUBLIC;
GRANT DELETE ON orders TO PUBLIC;
COMMENT ON TABLE orders IS 'what was sold';
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
CREATE TABLE drafts (id bigint PRIMARY KEY);
CREATE POLICY own ON drafts USING (true);
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
";
    check(
        &[("schema.sql", script)],
        "schema.sql:2 note policy-column-without-index
schema.sql:5 warning grant-to-public
schema.sql:7 error policy-without-row-security
schema.sql:9 error policy-without-row-security
schema.sql:9 warning policy-always-true
schema.sql:11 note row-security-without-policy
",
    );
}

#[test]
fn a_serial_column_is_marked_where_its_sequence_came_from() {
    let widened = "CREATE TABLE orders (id serial PRIMARY KEY);
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
CREATE TABLE notes (id bigint PRIMARY KEY);
CREATE SEQUENCE notes_id_seq OWNED BY notes.id;
ALTER TABLE notes ALTER COLUMN id SET DEFAULT nextval('notes_id_seq');
";
    check(
        &[("schema.sql", widened)],
        "schema.sql:1 note serial-column
schema.sql:2 warning sequence-narrower-than-column
schema.sql:5 note serial-column
",
    );
}
