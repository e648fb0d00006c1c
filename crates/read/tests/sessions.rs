//! What a session keeps between statements: search path, timeouts, transactions, refusals, places.

use model::dialect::Version;
use model::step::Transaction;
use model::{Kind, Path, QName, Reading};
use read::{Input, Options, read};

fn reading_of(text: &str) -> Reading {
    read(vec![Input::new("m/1_a.sql", text)], &Options { version: Version(17, 0), unreleased: None })
}

/// For each step its transaction, its lock timeout and whether it may not run; then tables and views, and problems.
fn check(text: &str, expected: &str) {
    let reading = reading_of(text);
    let mut found = String::new();
    for step in reading.migrations.iter().flat_map(|migration| &migration.steps) {
        let transaction = match step.transaction {
            Transaction::None => "-".to_owned(),
            Transaction::Tool(number) => format!("tool{number}"),
            Transaction::Explicit(number) => format!("begin{number}"),
        };
        let timeout = step.settings.lock_timeout.as_ref().map(|timeout| format!(" {timeout}")).unwrap_or_default();
        let words: Vec<&str> = reading.sources.text(step.place).split_whitespace().take(3).collect();
        let maybe = if step.conditional { " maybe" } else { "" };
        found += &format!("{transaction}{timeout}{maybe}: {}\n", words.join(" "));
    }
    for (path, _) in reading.schema.objects().filter(|(path, _)| path.kind != Kind::Namespace) {
        let columns = reading.schema.table(&path.qname()).map(|table| {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            format!(" ({})", columns.join(", "))
        });
        found += &format!("= {} {path}{}\n", path.kind.sql(), columns.unwrap_or_default());
    }
    for problem in &reading.problems {
        let place = problem.place.expect("every problem of a file has a place");
        let position = reading.sources.position(place);
        found += &format!("! {}:{} {:?}: {}\n", position.line, position.column, problem.kind, problem.message);
    }
    assert_eq!(found, expected, "\n{found}");
}

#[test]
fn the_search_path_says_where_things_go() {
    check(
        "CREATE SCHEMA app;\nSET search_path TO app, public;\nCREATE TABLE t (a int);\nRESET search_path;\nCREATE TABLE t (b int);",
        "-: CREATE SCHEMA app\n\
         -: SET search_path TO\n\
         -: CREATE TABLE t\n\
         -: RESET search_path\n\
         -: CREATE TABLE t\n\
         = TABLE app.t (a)\n\
         = TABLE t (b)\n",
    );
}

#[test]
fn a_local_search_path_ends_with_its_transaction() {
    check(
        "CREATE SCHEMA app;\nBEGIN;\nSET LOCAL search_path = app;\nCREATE TABLE a ();\nCOMMIT;\nCREATE TABLE b ();",
        "-: CREATE SCHEMA app\n\
         begin1: BEGIN\n\
         begin1: SET LOCAL search_path\n\
         begin1: CREATE TABLE a\n\
         begin1: COMMIT\n\
         -: CREATE TABLE b\n\
         = TABLE app.a ()\n\
         = TABLE b ()\n",
    );
}

#[test]
fn pg_dump_empties_the_search_path() {
    check(
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (a int);\nALTER TABLE ONLY public.t ADD PRIMARY KEY (a);",
        "-: SELECT pg_catalog.set_config('search_path', '',\n\
         -: CREATE TABLE public.t\n\
         -: ALTER TABLE ONLY\n\
         = TABLE t (a)\n",
    );
}

#[test]
fn timeouts_hold_until_they_are_reset() {
    check(
        "SET lock_timeout = '2s';\nCREATE TABLE a ();\nBEGIN;\nSET LOCAL lock_timeout TO '5s';\nCREATE TABLE b ();\nROLLBACK;\nCREATE TABLE c ();\nRESET ALL;\nCREATE TABLE d ();",
        "- 2s: SET lock_timeout =\n\
         - 2s: CREATE TABLE a\n\
         begin1 2s: BEGIN\n\
         begin1 5s: SET LOCAL lock_timeout\n\
         begin1 5s: CREATE TABLE b\n\
         begin1 5s: ROLLBACK\n\
         - 2s: CREATE TABLE c\n\
         -: RESET ALL\n\
         -: CREATE TABLE d\n\
         = TABLE a ()\n\
         = TABLE c ()\n\
         = TABLE d ()\n",
    );
}

#[test]
fn savepoints_bring_back_what_was_there() {
    check(
        "BEGIN;\nCREATE TABLE a ();\nSAVEPOINT s;\nCREATE TABLE b ();\nROLLBACK TO SAVEPOINT s;\nCREATE TABLE c ();\nRELEASE s;\nEND;",
        "begin1: BEGIN\n\
         begin1: CREATE TABLE a\n\
         begin1: SAVEPOINT s\n\
         begin1: CREATE TABLE b\n\
         begin1: ROLLBACK TO SAVEPOINT\n\
         begin1: CREATE TABLE c\n\
         begin1: RELEASE s\n\
         begin1: END\n\
         = TABLE a ()\n\
         = TABLE c ()\n",
    );
}

#[test]
fn a_missing_table_is_said_once() {
    check(
        "ALTER TABLE t ADD COLUMN a int;\nALTER TABLE t ADD COLUMN b int;\nALTER TABLE t DROP COLUMN c;\nDROP TABLE IF EXISTS u;\nCREATE TABLE v ();\nCREATE TABLE IF NOT EXISTS v (x int);\nCREATE TABLE v ();",
        "-: ALTER TABLE t\n\
         -: ALTER TABLE t\n\
         -: ALTER TABLE t\n\
         -: DROP TABLE IF\n\
         -: CREATE TABLE v\n\
         -: CREATE TABLE IF\n\
         -: CREATE TABLE v\n\
         = TABLE v ()\n\
         ! 1:15 Refused: t does not exist (table)\n\
         ! 7:1 Refused: v exists already (table)\n",
    );
}

#[test]
fn blocks_do_what_they_can() {
    check(
        "DO $$ BEGIN CREATE TYPE mood AS ENUM ('ok'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n\
         DO $$ BEGIN CREATE TYPE mood AS ENUM ('ok'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n\
         DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN CREATE TABLE t (a mood); END IF; ALTER TABLE t ADD b int; END $$;\n\
         DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD c int'; EXECUTE format('DROP TABLE %I', x); END $$;",
        "-: DO $$ BEGIN\n\
         - maybe: CREATE TYPE mood\n\
         -: DO $$ BEGIN\n\
         - maybe: CREATE TYPE mood\n\
         -: DO $$ BEGIN\n\
         - maybe: SELECT 1\n\
         - maybe: CREATE TABLE t\n\
         -: ALTER TABLE t\n\
         -: DO $$ BEGIN\n\
         -: ALTER TABLE t\n\
         = TYPE mood\n\
         = TABLE t (a, b, c)\n\
         ! 4:1 Opaque: this block puts SQL together while it runs: what that does cannot be known\n",
    );
}

#[test]
fn syntax_errors_have_their_exact_place() {
    check(
        "CREATE TABLE a ();\nDROP TABEL a;\nCREATE TABLE b ();",
        "-: CREATE TABLE a\n\
         -: DROP TABEL a\n\
         -: CREATE TABLE b\n\
         = TABLE a ()\n\
         = TABLE b ()\n\
         ! 2:1 Syntax: no statement of PostgreSQL starts with DROP TABEL\n",
    );
}

#[test]
fn places_follow_renames_and_end_with_drops() {
    let reading = reading_of(
        "CREATE TABLE t (\n  a int,\n  b int UNIQUE\n);\nALTER TABLE t RENAME TO u;\nALTER TABLE u DROP COLUMN a;",
    );
    let u = QName::public("u");
    let lines = |path: &Path| -> Vec<u32> {
        reading.places.of(path).iter().map(|mark| reading.sources.position(mark.whole).line).collect()
    };
    assert_eq!(lines(&Path::table(&u)), [1, 5]);
    assert_eq!(lines(&Path::column(&u, "b")), [3]);
    assert_eq!(lines(&Path::column(&u, "a")), [0; 0]);
    assert_eq!(lines(&Path::constraint(&u, "t_b_key")), [3]);
}

/// What is left of `a`, `b` and `c` once the block has run.
fn check_block(block: &str, expected: &str) {
    let text = format!(
        "CREATE TABLE a (id int, old int); CREATE INDEX a_old_idx ON a (old); CREATE TYPE b AS ENUM ('x');
         DO $$ BEGIN {block} END $$;"
    );
    let reading = reading_of(&text);
    let known = reading.schema.objects().filter(|(path, _)| path.kind != Kind::Namespace);
    let mut left: Vec<String> = known.map(|(path, _)| path.to_string()).collect();
    let table = QName::public("a");
    if let Some(table) = reading.schema.table(&table) {
        left.extend(table.columns.iter().map(|column| format!("a.{}", column.name)));
        left.extend(table.indexes.iter().map(|index| index.name.to_string()));
    }
    assert_eq!(left.join(" "), expected, "{block}");
}

#[test]
fn a_condition_that_asks_for_what_the_model_knows_is_answered() {
    let column = "SELECT 1 FROM information_schema.columns WHERE table_name = 'a' AND column_name =";
    check_block(
        &format!("IF EXISTS ({column} 'old') THEN ALTER TABLE a DROP COLUMN old; ELSE DROP TYPE b; END IF;"),
        "b a a.id",
    );
    check_block(
        &format!("IF EXISTS ({column} 'new') THEN DROP TYPE b; ELSIF true THEN CREATE TABLE c (); END IF;"),
        "b a c a.id a.old a_old_idx",
    );
    check_block(
        "IF EXISTS (SELECT FROM pg_type WHERE typname = 'b') THEN DROP TYPE b; END IF;",
        "a a.id a.old a_old_idx",
    );
    check_block(
        "IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'c') THEN CREATE TABLE c (); DROP TABLE a; END IF;",
        "b c",
    );
    check_block("IF to_regclass('public.a') IS NULL THEN DROP TYPE b; END IF;", "b a a.id a.old a_old_idx");
    check_block(
        "IF EXISTS (SELECT FROM pg_indexes WHERE tablename = 'a' AND indexname = 'a_old_idx' AND schemaname = current_schema())
         THEN EXECUTE 'DROP INDEX a_old_idx'; END IF;",
        "b a a.id a.old",
    );
}

#[test]
fn a_drop_behind_an_open_question_is_not_done_and_what_is_made_is_there() {
    check_block(
        "IF (SELECT count(*) FROM a) > 3 THEN DROP TABLE a; CREATE TABLE c (); END IF;",
        "b a c a.id a.old a_old_idx",
    );
}

/// `Step::table_existed` looks a name up once; what it means is said by `Step::existed` of each kind of relation.
#[test]
fn a_table_existed_when_each_kind_of_relation_did() {
    let kinds = [None, Some("TABLE"), Some("VIEW"), Some("MATERIALIZED VIEW")];
    let make = |kind: Option<&str>| match kind {
        Some("TABLE") => "CREATE TABLE t (a int);\n".to_owned(),
        Some(kind) => format!("CREATE {kind} t AS SELECT 1 AS a;\n"),
        None => String::new(),
    };
    let goes = |kind: Option<&str>| kind.map_or(String::new(), |kind| format!("DROP {kind} t;\n"));
    let name = QName::public("t");
    let (mut steps, mut existed) = (0, 0);
    for first in kinds {
        for second in kinds {
            for third in kinds {
                let texts = [
                    format!("CREATE TABLE other (a int);\n{}", make(first)),
                    format!("{}{}{}ALTER TABLE t ADD b int;\n", goes(first), make(second), make(third)),
                    format!("{}ALTER TABLE t ADD c int;\n", make(third)),
                ];
                let inputs = (1..).zip(&texts).map(|(at, text)| Input::new(&format!("m/{at}_a.sql"), text)).collect();
                let reading = read(inputs, &Options { version: Version(17, 0), unreleased: None });
                for step in reading.migrations.iter().flat_map(|migration| &migration.steps) {
                    let each = [Kind::Table, Kind::View, Kind::MaterializedView];
                    let meant = each.into_iter().all(|kind| step.existed(&Path::object(kind, &name)));
                    assert_eq!(step.table_existed(&name), meant, "{texts:#?}\n{:?}", step.changes);
                    steps += 1;
                    existed += u32::from(meant);
                }
            }
        }
    }
    assert!(steps > 200 && existed > 50 && existed < steps - 50, "{existed} of {steps}");
}
