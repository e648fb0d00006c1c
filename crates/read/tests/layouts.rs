//! Every convention by which migrations are kept, as a set of files and what becomes of it.

use model::dialect::Version;
use model::reading::SourceKind;
use model::step::Transaction;
use read::{Input, Options, read};

/// Reads the files; one line for each source found, each migration with the transactions of its steps, each table
/// at the end with its columns, each problem.
fn check(files: &[(&str, &str)], expected: &str) {
    let inputs = files.iter().map(|(path, text)| Input::new(path, text)).collect();
    let reading = read(inputs, &Options { version: Version(17, 0), unreleased: None });
    let mut found = String::new();
    for source in &reading.found {
        let kind = match source.kind {
            SourceKind::Migrations(layout) => layout.name(),
            SourceKind::Schema => "schema",
            SourceKind::Queries => "queries",
            SourceKind::QueryPlan => "query plan",
            SourceKind::Stats => "statistics",
        };
        let note = source.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        found += &format!("{} {kind} {}{note}\n", source.files, source.path);
    }
    for migration in &reading.migrations {
        let mut transactions: Vec<String> = migration.steps.iter().map(|step| short(step.transaction)).collect();
        transactions.dedup();
        let side = if migration.down { "down" } else { "up" };
        found += &format!("- {} {side} {}\n", migration.name, transactions.join(" "));
    }
    for table in reading.schema.tables() {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        found += &format!("{} ({})\n", table.name, columns.join(", "));
    }
    for query in &reading.queries {
        found += &format!("? {}\n", query.name.as_deref().unwrap_or("-"));
    }
    for problem in &reading.problems {
        let place = problem.place.expect("every problem of a file has a place");
        let position = reading.sources.position(place);
        found += &format!("! {}:{} {}\n", reading.sources.file(place.file).path, position.line, problem.message);
    }
    assert_eq!(found, expected, "\n{found}");
}

fn short(transaction: Transaction) -> String {
    match transaction {
        Transaction::None => "none".to_owned(),
        Transaction::Tool(number) => format!("tool{number}"),
        Transaction::Explicit(number) => format!("begin{number}"),
    }
}

#[test]
fn flyway_orders_by_version_and_runs_repeatables_last() {
    check(
        &[
            ("db/migration/R__v.sql", "CREATE VIEW v AS SELECT a FROM t;"),
            ("db/migration/V10__c.sql", "ALTER TABLE t ADD COLUMN c int;"),
            ("db/migration/V2_1__b.sql", "ALTER TABLE t ADD COLUMN b int;"),
            ("db/migration/V1__t.sql", "CREATE TABLE t (a int);"),
            ("db/migration/U10__c.sql", "ALTER TABLE t DROP COLUMN c;"),
            ("db/migration/V11__i.sql", "CREATE INDEX CONCURRENTLY i ON t (a);"),
        ],
        "6 Flyway db/migration\n\
         - V1__t up tool1\n\
         - V2_1__b up tool1\n\
         - V10__c up tool1\n\
         - V10__c down tool1\n\
         - V11__i up none\n\
         - R__v up tool1\n\
         t (a, b, c)\n\
         ? -\n",
    );
}

#[test]
fn flyway_baseline_beside_its_versions_is_left_out() {
    check(
        &[
            ("sql/B2__all.sql", "CREATE TABLE t (a int, b int);"),
            ("sql/V1__t.sql", "CREATE TABLE t (a int);"),
            ("sql/V2__b.sql", "ALTER TABLE t ADD COLUMN b int;"),
        ],
        "2 Flyway sql\n\
         1 schema sql/B2__all.sql (describes the same database as sql)\n\
         - V1__t up tool1\n\
         - V2__b up tool1\n\
         t (a, b)\n",
    );
}

#[test]
fn refinery_has_versions_out_of_line() {
    check(
        &[
            ("src/db/migrations/V1__t.sql", "CREATE TABLE t (a int);"),
            ("src/db/migrations/U2__b.sql", "ALTER TABLE t ADD COLUMN b int;"),
        ],
        "2 refinery src/db/migrations\n- V1__t up tool1\n- U2__b up tool1\nt (a, b)\n",
    );
}

#[test]
fn golang_migrate_sends_a_file_as_one_string() {
    check(
        &[
            ("m/000001_t.up.sql", "CREATE TABLE t (a int); CREATE INDEX ON t (a);"),
            ("m/000001_t.down.sql", "DROP TABLE t;"),
            ("m/000002_i.up.sql", "CREATE INDEX CONCURRENTLY i ON t (a);"),
            ("m/000002_i.down.sql", "DROP INDEX i;"),
        ],
        "4 golang-migrate m\n\
         - 000001_t up tool1\n\
         - 000001_t down none\n\
         - 000002_i up none\n\
         - 000002_i down none\n\
         t (a)\n",
    );
}

#[test]
fn dbmate_keeps_both_sides_in_a_file() {
    check(
        &[
            (
                "db/migrations/20240101000000_t.sql",
                "-- migrate:up\nCREATE TABLE t (a int);\n-- migrate:down\nDROP TABLE t;\n",
            ),
            (
                "db/migrations/20240102000000_i.sql",
                "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n\n-- migrate:down\nDROP INDEX i;\n",
            ),
            ("db/schema.sql", "CREATE TABLE public.t (a int);\nCREATE INDEX i ON public.t (a);\n"),
        ],
        "2 dbmate db/migrations\n\
         1 schema db/schema.sql (describes the same database as db/migrations)\n\
         - 20240101000000_t up tool1\n\
         - 20240101000000_t down tool1\n\
         - 20240102000000_i up none\n\
         - 20240102000000_i down tool1\n\
         t (a)\n",
    );
}

#[test]
fn goose_marks_sides_and_statements() {
    check(
        &[
            (
                "m/00001_t.sql",
                "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE t (a int);\n-- +goose StatementEnd\n\n-- +goose Down\nDROP TABLE t;\n",
            ),
            ("m/00002_i.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON t (a);\n"),
        ],
        "2 goose m\n\
         - 00001_t up tool1\n\
         - 00001_t down tool1\n\
         - 00002_i up none\n\
         t (a)\n",
    );
}

#[test]
fn sqlx_leaves_out_the_transaction_when_told() {
    check(
        &[
            ("migrations/20240101000000_t.sql", "CREATE TABLE t (a int);"),
            ("migrations/20240102000000_i.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);"),
        ],
        "2 sqlx migrations\n- 20240101000000_t up tool1\n- 20240102000000_i up none\nt (a)\n",
    );
}

#[test]
fn diesel_has_a_folder_for_each_migration() {
    check(
        &[
            ("migrations/2024-01-02-000000_b/up.sql", "ALTER TABLE t ADD COLUMN b int;"),
            ("migrations/2024-01-02-000000_b/down.sql", "ALTER TABLE t DROP COLUMN b;"),
            ("migrations/2024-01-02-000000_b/metadata.toml", "run_in_transaction = false\n"),
            ("migrations/00000000000000_setup/up.sql", "CREATE TABLE t (a int);"),
            ("migrations/00000000000000_setup/down.sql", "DROP TABLE t;"),
        ],
        "4 diesel migrations\n\
         - 00000000000000_setup up tool1\n\
         - 00000000000000_setup down tool1\n\
         - 2024-01-02-000000_b up none\n\
         - 2024-01-02-000000_b down none\n\
         t (a, b)\n",
    );
}

#[test]
fn prisma_has_a_folder_for_each_migration() {
    check(
        &[
            ("prisma/migrations/20240102000000_i/migration.sql", "CREATE INDEX CONCURRENTLY \"i\" ON \"T\"(\"a\");"),
            (
                "prisma/migrations/20240101000000_init/migration.sql",
                "CREATE TABLE \"T\" (\"a\" INT);\nCREATE TABLE \"U\" ();",
            ),
            ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
        ],
        "2 Prisma Migrate prisma/migrations\n\
         - 20240101000000_init up tool1\n\
         - 20240102000000_i up none\n\
         \"T\" (a)\n\
         \"U\" ()\n",
    );
}

#[test]
fn drizzle_kit_follows_its_journal() {
    check(
        &[
            ("drizzle/0000_b.sql", "CREATE TABLE t (a int);--> statement-breakpoint\nCREATE TABLE u (a int);"),
            ("drizzle/0001_a.sql", "ALTER TABLE t ADD COLUMN b int;"),
            (
                "drizzle/meta/_journal.json",
                "{\"dialect\": \"postgresql\", \"entries\": [{\"idx\": 1, \"tag\": \"0001_a\"}, {\"idx\": 0, \"tag\": \"0000_b\"}]}",
            ),
        ],
        "2 drizzle-kit drizzle\n- 0000_b up tool1\n- 0001_a up tool1\nt (a, b)\nu (a)\n",
    );
    check(
        &[
            ("drizzle/20240102000000_b/migration.sql", "ALTER TABLE t ADD COLUMN b int;"),
            ("drizzle/20240102000000_b/snapshot.json", "{}"),
            ("drizzle/20240101000000_a/migration.sql", "CREATE TABLE t (a int);"),
            ("drizzle/20240101000000_a/snapshot.json", "{}"),
        ],
        "2 drizzle-kit drizzle\n- 20240101000000_a up tool1\n- 20240102000000_b up tool1\nt (a, b)\n",
    );
}

#[test]
fn liquibase_has_changesets_with_their_undo_in_comments() {
    check(
        &[(
            "db/changelog.sql",
            "--liquibase formatted sql\n\n\
             --changeset ann:1\n--preconditions onFail:MARK_RAN\nCREATE TABLE t (a int);\n--rollback DROP TABLE t;\n\n\
             --changeset ann:2 runInTransaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n--rollback empty\n\n\
             --changeset ann:3 dbms:mysql\nALTER TABLE t ADD COLUMN m int;\n\n\
             --changeset bob:4\nALTER TABLE t ADD COLUMN b int;\n/* liquibase rollback\nALTER TABLE t\n  DROP COLUMN b;\n*/\n",
        )],
        "1 Liquibase db/changelog.sql\n\
         - ann:1 up tool1\n\
         - ann:1 down tool1\n\
         - ann:2 up none\n\
         - bob:4 up tool1\n\
         - bob:4 down tool1\n\
         t (a, b)\n",
    );
}

#[test]
fn rails_dumps_the_structure() {
    check(
        &[("db/structure.sql", "SET search_path TO public;\nCREATE TABLE t (a int);\n")],
        "1 schema db/structure.sql\n- structure up none\nt (a)\n",
    );
}

#[test]
fn numbered_files_compare_as_numbers() {
    check(
        &[
            ("sql/10_c.sql", "ALTER TABLE t ADD COLUMN c int;"),
            ("sql/2_b.sql", "BEGIN;\nALTER TABLE t ADD COLUMN b int;\nCOMMIT;\nANALYZE t;"),
            ("sql/1_t.sql", "CREATE TABLE t (a int);"),
        ],
        "3 numbered files sql\n\
         - 1_t up none\n\
         - 2_b up begin1 none\n\
         - 10_c up none\n\
         t (a, b, c)\n",
    );
}

#[test]
fn versions_as_folders() {
    check(
        &[
            ("schema/versioned/v1.10/b.sql", "ALTER TABLE t ADD COLUMN c int;"),
            ("schema/versioned/v1.2/b.sql", "ALTER TABLE t ADD COLUMN b int;"),
            ("schema/versioned/v1.0/a.sql", "CREATE TABLE t (a int);"),
            ("schema/schema.sql", "CREATE TABLE t (a int, b int, c int);"),
        ],
        "3 numbered files schema/versioned\n\
         1 schema schema/schema.sql (describes the same database as schema/versioned)\n\
         - v1.0 up none\n\
         - v1.2 up none\n\
         - v1.10 up none\n\
         t (a, b, c)\n",
    );
}

#[test]
fn histories_that_make_the_same_table_are_separate_databases() {
    check(
        &[
            ("a/001_x.sql", "CREATE TABLE version (n int);\nCREATE TABLE a (x int);"),
            ("b/001_x.sql", "CREATE TABLE version (m text);\nCREATE TABLE b (x int);"),
            ("b/002_y.sql", "ALTER TABLE version ADD COLUMN z int;"),
        ],
        "1 numbered files a/001_x.sql\n\
         2 numbered files b (a database of its own: a/001_x.sql makes some of its tables too)\n\
         - 001_x up none\n\
         - 001_x up none\n\
         - 002_y up none\n\
         a (x)\n\
         b (x)\n\
         version (n)\n",
    );
}

#[test]
fn histories_that_lean_on_each_other_are_one_database() {
    check(
        &[
            ("billing/001_x.sql", "CREATE TABLE bills (user_id int REFERENCES users);"),
            ("users/001_x.sql", "CREATE TABLE users (id int PRIMARY KEY);"),
        ],
        "1 numbered files users/001_x.sql\n\
         1 numbered files billing/001_x.sql\n\
         - 001_x up none\n\
         - 001_x up none\n\
         bills (user_id)\n\
         users (id)\n",
    );
}

#[test]
fn files_without_an_order_find_theirs() {
    check(
        &[
            ("schema/a.sql", "CREATE TABLE a (b_id int REFERENCES b);"),
            ("schema/b.sql", "CREATE TABLE b (id int PRIMARY KEY);\nALTER TABLE missing ADD COLUMN x int;"),
            ("schema/drop.sql", "DROP TABLE a;\nDROP TABLE b;"),
        ],
        "3 schema schema\n\
         - a up none\n\
         - b up none\n\
         - drop down none\n\
         a (b_id)\n\
         b (id)\n\
         ! schema/b.sql:2 missing does not exist (table)\n",
    );
}

#[test]
fn query_files_are_asked_of_the_schema() {
    check(
        &[
            ("schema.sql", "CREATE TABLE t (a int);"),
            (
                "queries/t.sql",
                "-- name: GetT :one\nSELECT a FROM t;\n\n-- name: PutT :exec\nINSERT INTO t VALUES ($1);\n",
            ),
        ],
        "1 schema schema.sql\n1 queries queries\n- schema up none\nt (a)\n? GetT\n? PutT\n",
    );
}

#[test]
fn other_databases_are_left_out_once_a_folder() {
    check(
        &[
            ("mysql/1.sql", "CREATE TABLE t (a int);"),
            ("mysql/2.sql", "CREATE TABLE u (a int);"),
            ("lite/x.sql", "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT);"),
            ("my/x.sql", "CREATE TABLE `t` (a int) ENGINE=InnoDB;"),
            ("pg/x.sql", "CREATE TABLE t (a int); -- not `ENGINE=`\n"),
        ],
        "1 schema pg/x.sql\n\
         - x up none\n\
         t (a)\n\
         ! mysql/1.sql:1 2 files in mysql left out: written for MySQL, and only PostgreSQL is read\n\
         ! lite/x.sql:1 1 file in lite left out: written for SQLite, and only PostgreSQL is read\n\
         ! my/x.sql:1 1 file in my left out: written for MySQL, and only PostgreSQL is read\n",
    );
}

#[test]
fn unreleased_migrations_share_their_base() {
    let files = [
        ("m/1_t.sql", "CREATE TABLE t (a int);"),
        ("m/2_u.sql", "CREATE TABLE u (a int);"),
        ("m/3_u.sql", "ALTER TABLE u ADD COLUMN b int; ALTER TABLE t ADD COLUMN b int;"),
    ];
    let inputs: Vec<Input> = files.iter().map(|(path, text)| Input::new(path, text)).collect();
    let existed = |unreleased: Option<&[&str]>| -> Vec<bool> {
        let unreleased = unreleased.map(|paths| paths.iter().map(ToString::to_string).collect());
        let reading = read(inputs.clone(), &Options { version: Version(17, 0), unreleased });
        let steps = &reading.migrations[2].steps;
        steps.iter().map(|step| step.table_existed(&step.changes[0].path().qname())).collect()
    };
    assert_eq!(existed(None), [true, true]);
    assert_eq!(existed(Some(&["m/2_u.sql", "m/3_u.sql"])), [false, true]);
}

#[test]
fn scripts_that_include_others_say_the_order() {
    check(
        &[
            ("db/all.sql", "\\ir tables/b.sql\n\\i 'tables/a.sql'\n"),
            ("db/tables/a.sql", "\\ir ../all.sql\nCREATE TABLE a (b_id int REFERENCES b);"),
            ("db/tables/b.sql", "CREATE TABLE b (id int PRIMARY KEY);"),
            ("db/top.sql", "\\i all.sql\nSELECT 1;"),
        ],
        "4 schema db/top.sql\n- top up none\na (b_id)\nb (id)\n? -\n",
    );
}
