//! What `fix` writes, and what it leaves alone.

use crate::project::Project;

const TIMESTAMP: &str = "CREATE TABLE orders (\r\n  id bigint PRIMARY KEY,\r\n  placed_at timestamp -- when\r\n);\r\n";

const FIX: [&str; 4] = ["fix", "--unsafe-fixes", "--select", "T001"];

#[test]
fn a_schema_is_mended_in_its_text() {
    let project = Project::with(&[("schema.sql", TIMESTAMP)]);
    let run = project.run(&FIX);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(run.stdout.contains("Fixed 1 finding in 1 file\nNo findings\n"), "{}", run.stdout);
    assert_eq!(project.read("schema.sql"), TIMESTAMP.replace("timestamp", "timestamptz"));
}

#[test]
fn a_diff_writes_nothing() {
    let project = Project::with(&[("schema.sql", &TIMESTAMP.replace('\r', ""))]);
    let run = project.run(&[&FIX[..], &["--diff"]].concat());
    assert_eq!(run.code, 1);
    assert_eq!(
        run.stdout,
        "\
--- a/schema.sql
+++ b/schema.sql
@@ -1,4 +1,4 @@
 CREATE TABLE orders (
   id bigint PRIMARY KEY,
-  placed_at timestamp -- when
+  placed_at timestamptz -- when
 );
"
    );
    assert_eq!(project.read("schema.sql"), TIMESTAMP.replace('\r', ""));
    let clean = project.run(&["fix", "--diff", "--select", "T001"]);
    assert_eq!((clean.code, &*clean.stdout), (0, ""), "an unsafe fix is not made unasked");
}

#[test]
fn a_history_gets_a_new_migration() {
    let first = TIMESTAMP.replace('\r', "");
    let project = Project::with(&[
        ("migrations/V1__orders.sql", &*first),
        ("migrations/V2__note.sql", "ALTER TABLE orders ADD note text;\n"),
    ]);
    let run = project.run(&FIX);
    assert_eq!(run.stderr, "");
    assert_eq!(project.read("migrations/V1__orders.sql"), first);
    assert_eq!(
        project.read("migrations/V3__palladio_fixes.sql"),
        "\
-- Fixes by palladio: T001
ALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz;
"
    );
    assert!(run.stdout.contains("Fixed 1 finding in 1 file"), "{}", run.stdout);
}

#[test]
fn an_index_is_built_outside_the_transaction_of_a_migration() {
    let project = Project::with(&[(
        "migrations/V1__shop.sql",
        "CREATE TABLE customers (id bigint PRIMARY KEY);\n\
         CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);\n",
    )]);
    let run = project.run(&["fix", "--select", "K002,M"]);
    assert_eq!(
        project.read("migrations/V2__palladio_fixes.sql"),
        "-- Fixes by palladio: K002\nCREATE INDEX CONCURRENTLY ON orders (customer_id);\n"
    );
    assert_eq!(run.code, 0, "the fix is no hazard: {}", run.stdout);
}

#[test]
fn the_last_migration_may_be_edited_and_the_others_not() {
    let index = "CREATE INDEX orders_note ON orders (note);\n";
    let project = Project::with(&[
        ("db/1_orders.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n"),
        ("db/2_index.sql", index),
        ("db/3_index.sql", "CREATE INDEX orders_id_note ON orders (id, note);\n"),
    ]);
    let run = project.run(&["fix", "--select", "index-blocks-writes"]);
    assert_eq!(run.stderr, "");
    assert_eq!(project.read("db/2_index.sql"), index);
    assert_eq!(project.read("db/3_index.sql"), "CREATE INDEX CONCURRENTLY orders_id_note ON orders (id, note);\n");
    project.run(&["fix", "--select", "index-blocks-writes", "db", "db/2_index.sql"]);
    assert_eq!(project.read("db/2_index.sql"), "CREATE INDEX CONCURRENTLY orders_note ON orders (note);\n");
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    let project = Project::with(&[("schema.sql", TIMESTAMP)]);
    let path = project.path("schema.sql");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
    project.run(&FIX);
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(project.path("")).expect("a folder").count(), 1, "nothing is left beside it");
}

#[test]
fn the_standard_input_is_only_shown() {
    let project = Project::empty();
    let run = project.run_with(&["fix", "-"], TIMESTAMP);
    assert_eq!(run.code, 2);
    let run = project.run_with(&[&FIX[..], &["--diff", "-"]].concat(), TIMESTAMP);
    assert!(run.stdout.contains("+  placed_at timestamptz -- when"), "{}", run.stdout);
}
