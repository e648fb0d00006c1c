//! Folders of hand-written migrations: run once, each written down as its own tool would.

use live::{Client, Lab, testing};

use crate::process::Folder;

struct Case<'a> {
    files: &'a [(&'a str, &'a str)],
    /// The folder that is run.
    folder: &'a str,
    /// Reads the tool's table without what differs each time.
    table: &'a str,
    rows: &'a str,
}

fn open(lab: &Lab) -> (Client, String) {
    let name = testing::database(lab);
    (lab.connect(&name).expect("it answers"), lab.target(&name).to_string())
}

fn check(case: &Case) {
    let Some(lab) = testing::lab() else { return };
    let (mut client, url) = open(lab);
    let folder = Folder::new();
    case.files.iter().for_each(|(name, text)| folder.write(name, text));
    let run = || folder.run(&["run", case.folder, "--db", &url, "--quiet"]);
    let (code, stdout, stderr) = run();
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains(": 2 migrations applied as ") && stdout.ends_with(" would, 0 before\n"), "{stdout}");
    let rows = |client: &mut Client| -> String {
        let rows = client.query(case.table, &[]).expect(case.table);
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(rows(&mut client), case.rows);
    let (code, stdout, stderr) = run();
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(": 0 migrations applied as "), "{stdout}");
    assert_eq!(rows(&mut client), case.rows);
    let valid = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('orders_v')::oid AND indisvalid";
    assert_eq!(client.query_one(valid, &[]).expect("it answers").get::<_, i64>(0), 1);
}

const FIRST: &str = "CREATE TABLE orders (id bigint PRIMARY KEY);\nALTER TABLE orders ADD v int;\n";
const SECOND: &str = "CREATE INDEX CONCURRENTLY orders_v ON orders (v);\n";

#[test]
fn golang_migrate() {
    check(&Case {
        files: &[
            ("m/000001_orders.up.sql", FIRST),
            ("m/000001_orders.down.sql", "DROP TABLE orders;\n"),
            ("m/000002_index.up.sql", SECOND),
            ("m/000002_index.down.sql", "DROP INDEX orders_v;\n"),
        ],
        folder: "m",
        table: "SELECT version || ' ' || dirty FROM schema_migrations",
        rows: "2 false",
    });
}

#[test]
fn dbmate() {
    check(&Case {
        files: &[
            ("m/20240101000000_orders.sql", &format!("-- migrate:up\n{FIRST}\n-- migrate:down\nDROP TABLE orders;\n")),
            ("m/20240102000000_index.sql", &format!("-- migrate:up transaction:false\n{SECOND}")),
        ],
        folder: "m",
        table: "SELECT version::text FROM schema_migrations ORDER BY 1",
        rows: "20240101000000\n20240102000000",
    });
}

#[test]
fn flyway() {
    // The sums of zlib's crc32 over the lines without their ends.
    check(&Case {
        files: &[("m/V1__create_orders.sql", FIRST), ("m/V1_1__index.sql", SECOND)],
        folder: "m",
        table:
            "SELECT concat_ws(' ', installed_rank, version, description, type, script, checksum, installed_by, success)
                FROM flyway_schema_history ORDER BY installed_rank",
        rows: "1 1 create orders SQL V1__create_orders.sql 77752146 postgres t
2 1.1 index SQL V1_1__index.sql 2092374306 postgres t",
    });
}

#[test]
fn prisma() {
    check(&Case {
        files: &[
            ("m/migration_lock.toml", "provider = \"postgresql\"\n"),
            ("m/20240101000000_orders/migration.sql", FIRST),
            ("m/20240102000000_index/migration.sql", SECOND),
        ],
        folder: "m",
        table:
            "SELECT concat_ws(' ', length(id), migration_name, checksum, applied_steps_count, finished_at >= started_at)
                FROM _prisma_migrations ORDER BY migration_name",
        rows: "36 20240101000000_orders d45ab55173009233f1cc10a4b5fd9927defa7a460a94c5ee26da5e04c3c26cbf 1 t
36 20240102000000_index 7b2239f7ce2b3855dbd056ae4f9b9fe6190d6832c40536628c0bd37d6346dd69 1 t",
    });
}

#[test]
fn sqlx() {
    let second = format!("-- no-transaction\n{SECOND}");
    check(&Case {
        files: &[("m/20240101000000_orders.sql", FIRST), ("m/20240102000000_by_v.sql", &second)],
        folder: "m",
        table:
            "SELECT concat_ws(' ', version, description, success, left(encode(checksum, 'hex'), 16), execution_time > 0)
                FROM _sqlx_migrations ORDER BY version",
        rows: "20240101000000 orders t 3fdc039e4000a385 t
20240102000000 by v t 936889e70021d33d t",
    });
}

#[test]
fn goose() {
    let up = |text: &str| format!("-- +goose Up\n{text}\n-- +goose Down\nSELECT 1;\n");
    check(&Case {
        files: &[
            ("m/00001_orders.sql", &up(FIRST)),
            ("m/00002_index.sql", &format!("-- +goose NO TRANSACTION\n{}", up(SECOND))),
        ],
        folder: "m",
        table: "SELECT version_id || ' ' || is_applied FROM goose_db_version ORDER BY id",
        rows: "0 true\n1 true\n2 true",
    });
}

#[test]
fn diesel() {
    check(&Case {
        files: &[
            ("m/2024-01-01-000000_orders/up.sql", FIRST),
            ("m/2024-01-01-000000_orders/down.sql", "DROP TABLE orders;\n"),
            ("m/2024-01-02-000000_index/up.sql", SECOND),
            ("m/2024-01-02-000000_index/down.sql", "DROP INDEX orders_v;\n"),
            ("m/2024-01-02-000000_index/metadata.toml", "run_in_transaction = false\n"),
        ],
        folder: "m",
        table: "SELECT version::text FROM __diesel_schema_migrations ORDER BY 1",
        rows: "20240101000000\n20240102000000",
    });
}

#[test]
fn drizzle() {
    let Some(lab) = testing::lab() else { return };
    let (mut client, url) = open(lab);
    let folder = Folder::new();
    let journal = "{\"entries\": [{\"idx\": 0, \"when\": 1700000000000, \"tag\": \"0000_orders\"},
        {\"idx\": 1, \"when\": 1700000001000, \"tag\": \"0001_more\"}]}";
    folder.write("m/meta/_journal.json", journal);
    folder
        .write("m/0000_orders.sql", "CREATE TABLE orders (id int);--> statement-breakpoint\nCREATE TABLE b (id int);");
    folder.write("m/0001_more.sql", "ALTER TABLE orders ADD v int;");
    let run = || folder.run(&["run", "m", "--db", &url, "--quiet"]);
    let (code, stdout, stderr) = run();
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.ends_with(": 2 migrations applied as drizzle-kit would, 0 before\n"), "{stdout}");
    let rows =
        "SELECT string_agg(created_at || ' ' || left(hash, 16), ', ' ORDER BY id) FROM drizzle.__drizzle_migrations";
    let rows: String = client.query_one(rows, &[]).expect("it answers").get(0);
    assert_eq!(rows, "1700000000000 11d35127e5e672b8, 1700000001000 69038bdc3a1052da");
    assert!(run().1.contains(": 0 migrations applied as "));
}

#[test]
fn the_table_in_the_database_tells_whose_the_files_are() {
    let Some(lab) = testing::lab() else { return };
    let (mut client, url) = open(lab);
    client
        .batch_execute(
            "CREATE TABLE _sqlx_migrations (
                 version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(),
                 success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL)",
        )
        .expect("it is sound");
    let folder = Folder::new();
    folder.write("migrations/20240101000000_orders.sql", FIRST);
    let (code, stdout, stderr) = folder.run(&["run", "migrations", "--db", &url, "--quiet"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(": 1 migration applied as sqlx would"), "{stdout}");
    let rows = client.query_one("SELECT description FROM _sqlx_migrations", &[]).expect("it answers");
    assert_eq!(rows.get::<_, String>(0), "orders");
}

#[test]
fn a_migration_that_failed_is_taken_up_where_it_ended() {
    let Some(lab) = testing::lab() else { return };
    let (mut client, url) = open(lab);
    let folder = Folder::new();
    let third = "ALTER TABLE orders ADD w int;\nCREATE UNIQUE INDEX CONCURRENTLY orders_w ON orders (w);\n";
    folder.write("m/1_orders.up.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, v int);");
    folder.write("m/1_orders.down.sql", "DROP TABLE orders;");
    folder.write("m/2_rows.up.sql", "INSERT INTO orders VALUES (1, 1), (2, 1);");
    // Several statements in one message would be one transaction; it is for the tool to refuse that.
    folder.write("m/3_index.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY orders_v ON orders (v);");
    let run = || folder.run(&["run", "m", "--db", &url, "--quiet"]);
    let (code, _, stderr) = run();
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.starts_with("error: 3_index.up.sql: step 1, CREATE UNIQUE INDEX CONCURRENTLY"), "{stderr}");
    let state = "SELECT version || ' ' || dirty FROM schema_migrations";
    assert_eq!(client.query_one(state, &[]).expect("it answers").get::<_, String>(0), "3 true");
    client.batch_execute("DELETE FROM orders WHERE id = 2").expect("it can");
    let (code, stdout, stderr) = run();
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(": 1 migration applied as golang-migrate would, 2 before"), "{stdout}");
    assert_eq!(client.query_one(state, &[]).expect("it answers").get::<_, String>(0), "3 false");

    // One that another program left dirty is nobody's to guess about.
    client.batch_execute("UPDATE schema_migrations SET version = 4, dirty = true").expect("it can");
    folder.write("m/4_more.up.sql", third);
    let (code, _, stderr) = run();
    assert_eq!(code, 2);
    assert!(stderr.contains("4_more was begun by another program and did not come to its end"), "{stderr}");
}

#[test]
fn what_is_refused() {
    let Some(lab) = testing::lab() else { return };
    let (mut client, url) = open(lab);
    let folder = Folder::new();
    folder.write("m/V1__a.sql", "CREATE TABLE a (id int);");
    folder.write("m/V3__c.sql", "CREATE TABLE c (id int);");
    client.batch_execute("CREATE TABLE old (id int)").expect("it can");
    let run = || folder.run(&["run", "m", "--db", &url, "--quiet"]);
    let (code, _, stderr) = run();
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: the database has tables, and no flyway_schema_history that says"), "{stderr}");
    client.batch_execute("DROP TABLE old").expect("it can");
    let (code, stdout, _) = folder.run(&["run", "m", "--db", &url, "--dry-run"]);
    assert_eq!(
        (code, stdout.as_str()),
        (
            0,
            "-- V1__a.sql\nBEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\n\n-- V3__c.sql\nBEGIN;\nCREATE TABLE c (id int);\nCOMMIT;\n\n"
        )
    );
    let (_, stdout, _) = folder.run(&["status", "m", "--db", &url]);
    assert!(stdout.ends_with(": 0 of 2 migrations applied\n  pending  V1__a.sql\n  pending  V3__c.sql\n"), "{stdout}");
    assert_eq!(run().0, 0);
    folder.write("m/V2__b.sql", "CREATE TABLE b (id int);");
    let (code, _, stderr) = run();
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: V2__b.sql is older than 3 in flyway_schema_history"), "{stderr}");
    std::fs::remove_file(folder.path.join("m/V2__b.sql")).expect("it is there");
    folder.write("m/V1__a.sql", "CREATE TABLE a (id bigint);");
    let (code, _, stderr) = run();
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: V1__a.sql was changed after it was applied"), "{stderr}");
    folder.write("m/V1__a.sql", "CREATE TABLE a (id int);");
    // What is repeatable is run again when it changes, and only then.
    folder.write("m/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;");
    assert!(run().1.contains(": 1 migration applied"));
    assert!(run().1.contains(": 0 migrations applied"));
    folder.write("m/R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS one;");
    assert!(run().1.contains(": 1 migration applied"));

    folder.write("m/V9__t.sql", "CREATE TABLE ${name} (id int);");
    let (code, _, stderr) = run();
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: m/V9__t.sql:1: its tool replaces a part of this statement"), "{stderr}");
}
