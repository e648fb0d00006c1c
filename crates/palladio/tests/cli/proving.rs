//! `migrate prove`: a plan from its file, the application's queries, and migrations that somebody wrote.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use live::testing;

use crate::project::Project;

const OLD: &str = "\
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  note text
);
";
const NEW: &str = "\
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  remark text -- palladio: was note
);
";

fn planned() -> Project {
    let project = Project::with(&[("old.sql", OLD), ("new.sql", NEW)]);
    let run = project.run(&["migrate", "plan", "old.sql", "new.sql", "-o", "plan.json", "--pg-version", &major()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    project
}

fn major() -> String {
    testing::lab().map_or(17, |lab| lab.version().0).to_string()
}

/// What is said, without the version of the server.
fn said(text: &str) -> String {
    let mut words = String::new();
    for line in text.lines() {
        let line = match line.split_once("PostgreSQL ") {
            Some((head, tail)) => {
                let version = tail.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(tail.len());
                format!("{head}PostgreSQL N{}", &tail[version..])
            }
            None => line.to_owned(),
        };
        words += &line;
        words.push('\n');
    }
    words
}

#[test]
fn a_plan_is_proven_from_its_file() {
    if testing::lab().is_none() {
        return;
    }
    let project = planned();
    let run = project.run(&["migrate", "prove", "plan.json", "--rows", "40"]);
    let expected = "  \
  1  ok    add orders.remark and keep it in step
           ACCESS EXCLUSIVE on orders: everybody waits · taken back
  2  ok    fill remark in the rows of orders
           locks nobody out
  3        deploy the application that does without orders.note
  4  ok    drop column orders.note
           ACCESS EXCLUSIVE on orders: everybody waits · no way back: the values
           of orders.note are gone
proven on PostgreSQL N: target reached, every way back walked, 80 rows of 2
tables, 5 columns unchanged
";
    assert_eq!((run.code, said(&run.stdout).as_str()), (0, expected), "{}", run.stderr);
    let run = project.run(&["migrate", "prove", "plan.json", "--before", "old.sql", "--rows", "2"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn every_query_works_as_long_as_it_has_to() {
    if testing::lab().is_none() {
        return;
    }
    let project = planned();
    let old = "-- name: Notes :many\nSELECT id, note FROM orders WHERE customer_id = $1;\n\
               -- name: Put :exec\nINSERT INTO orders (id, customer_id, note) VALUES (@id, @customer_id, @note);\n";
    project.write("q/old.sql", old);
    project.write("q/new/all.sql", "-- name: Remarks :many\nSELECT id, remark FROM orders;\n");
    let run =
        project.run(&["migrate", "prove", "plan.json", "--queries-before", "q/old.sql", "--queries-after", "q/new"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\n2 queries before and 1 after, which takes over at step 3\n"), "{}", run.stdout);

    project.write("q/new/all.sql", "-- name: Remarks :many\nSELECT id,\n  note FROM orders;\n");
    let run = project.run(&["migrate", "prove", "plan.json", "--queries-after", "q/new"]);
    let refused = "\
the new query Remarks fails after step 4: column \"note\" does not exist
  q/new/all.sql:3:3
";
    assert!(run.code == 1 && run.stdout.contains(refused), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\nnot proven on PostgreSQL "), "{}", run.stdout);
}

#[test]
fn an_old_query_that_a_step_breaks_is_named_with_it() {
    if testing::lab().is_none() {
        return;
    }
    let project = planned();
    let mut plan: serde_json::Value = serde_json::from_str(&project.read("plan.json")).expect("it is JSON");
    // Somebody drops the old column before the new application is there.
    let steps = plan["steps"].as_array_mut().expect("steps");
    steps.swap(2, 3);
    project.write("plan.json", &plan.to_string());
    project.write("q.sql", "-- name: Notes :many\nSELECT note FROM orders;\n");
    let run = project.run(&["migrate", "prove", "plan.json", "--queries-before", "q.sql"]);
    let refused = "the old query Notes fails after steps 3 to 4: column \"note\" does not exist\n  q.sql:2:8\n";
    assert!(run.code == 1 && run.stdout.contains(refused), "{}{}", run.stdout, run.stderr);
}

#[test]
fn what_is_no_plan_is_told() {
    let project = planned();
    let whole = project.read("plan.json");
    project.write("cut.json", &whole[..whole.len() / 2]);
    project.write("edited.json", &whole.replace("customer_id bigint NOT NULL", "customer_id bigint"));
    let mut plan: serde_json::Value = serde_json::from_str(&whole).expect("it is JSON");
    plan["origin"] = serde_json::Value::Null;
    project.write("bare.json", &plan.to_string());
    project.write("other.sql", "CREATE TABLE orders (id bigint PRIMARY KEY);\n");
    for (words, expected) in [
        ("cut.json", "error: cut.json is no plan: EOF while parsing"),
        ("edited.json", "error: edited.json was edited: its schema before is not the one that it was made for\n"),
        ("bare.json", "error: bare.json does not say what it was made of\n  Plan again: palladio migrate plan A B"),
        ("gone.json", "error: gone.json cannot be read: "),
        ("old.sql", "error: old.sql is neither a plan nor a folder of migrations\n  Two sources are planned"),
        ("plan.json --before other.sql", "error: plan.json was made for another schema than other.sql: its shape is"),
        ("plan.json --last", "error: --last is for a folder"),
        ("plan.json --fill a.b=1", "error: --fill is for two sources: the plan was made with what it needs"),
        (". --last", "error: . is neither a plan nor a folder of migrations"),
    ] {
        let all: Vec<&str> = ["migrate", "prove"].into_iter().chain(words.split(' ')).collect();
        let run = project.run(&all);
        assert!(run.code == 2 && run.stderr.starts_with(expected), "{words}: {} {}", run.code, run.stderr);
    }
}

#[test]
fn machines_read_a_proof() {
    if testing::lab().is_none() {
        return;
    }
    let project = planned();
    let run = project.run(&["migrate", "prove", "plan.json", "--format", "json"]);
    let proof: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!((run.code, &proof["version"], &proof["proven"]), (0, &1.into(), &true.into()));
    let step = &proof["migrations"][0]["steps"][0];
    assert_eq!((&step["phase"], &step["back"]), (&"expand".into(), &"walked".into()));
    assert_eq!(
        (&step["locks"][0]["mode"], &step["locks"][0]["blocks_reads"]),
        (&"ACCESS EXCLUSIVE".into(), &true.into())
    );
    let run = project.run(&["migrate", "prove", "plan.json", "--format", "junit", "-o", "proof.xml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(
        project.read("proof.xml").contains("<testsuites name=\"palladio migrate prove\" tests=\"4\" failures=\"0\">")
    );
    let run = project.run(&["migrate", "prove", "plan.json", "--format", "markdown"]);
    assert!(run.stdout.starts_with("### Palladio: proven\n\nproven on PostgreSQL "), "{}", run.stdout);
}

#[test]
fn rows_come_from_a_running_database() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    let rows = "INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 1000) n;
        INSERT INTO orders SELECT n, 1001 - n, E'it''s\\n' || n FROM generate_series(1, 1000) n;
        UPDATE orders SET note = NULL WHERE id % 3 = 0";
    client.batch_execute(&format!("{OLD}{rows}")).expect("it is sound");
    let url = lab.target(&name).to_string();
    let run = planned().run(&["migrate", "prove", "plan.json", "--sample", &url, "--rows", "30"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    // Thirty of each, and the customers of the orders.
    assert!(run.stdout.contains("90 rows of 2\ntables"), "{}", run.stdout);
}

const FIRST: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL);\n";
const SECOND: &str = "ALTER TABLE orders ADD note text;\nCREATE INDEX orders_status ON orders (status);\n";

#[test]
fn a_folder_goes_up_and_down() {
    if testing::lab().is_none() {
        return;
    }
    let project = Project::with(&[
        ("m/000001_orders.up.sql", FIRST),
        ("m/000001_orders.down.sql", "DROP TABLE orders;\n"),
        ("m/000002_note.up.sql", SECOND),
        ("m/000002_note.down.sql", "ALTER TABLE orders DROP note;\n"),
        ("m/000003_status.up.sql", "ALTER TABLE orders ALTER status TYPE varchar(9), DROP note;\n"),
        ("m/000003_status.down.sql", "ALTER TABLE orders ALTER status TYPE text, ADD note text;\n"),
    ]);
    let run = project.run(&["migrate", "prove", "m", "--pg-version", &major()]);
    let expected = "\
m/000001_orders.up.sql
  1  ok    CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL)
           locks nobody out
  back: m/000001_orders.down.sql
  1  ok    DROP TABLE orders
           ACCESS EXCLUSIVE on orders: everybody waits
     ok    taken back, and run again
     note: the way back drops orders with its rows

m/000002_note.up.sql
  1  ok    ALTER TABLE orders ADD note text
           ACCESS EXCLUSIVE on orders: everybody waits
  2  ok    CREATE INDEX orders_status ON orders (status)
           SHARE on orders: writes wait · reads orders
  back: m/000002_note.down.sql
  1  ok    ALTER TABLE orders DROP note
           ACCESS EXCLUSIVE on orders: everybody waits
     WRONG the way back leaves DROP INDEX orders_status;

m/000003_status.up.sql
  1  ok    ALTER TABLE orders ALTER status TYPE varchar(9), DROP note
           ACCESS EXCLUSIVE on orders: everybody waits · writes orders anew
  back: m/000003_status.down.sql
  1  ok    ALTER TABLE orders ALTER status TYPE text, ADD note text
           ACCESS EXCLUSIVE on orders: everybody waits
     ok    taken back, and run again
     note: the way back leaves orders.note with other values than before

not proven on PostgreSQL N; 300 rows of 1 table
";
    assert_eq!((run.code, said(&run.stdout).as_str()), (1, expected), "{}", run.stderr);
    let run = project.run(&["migrate", "prove", "m", "--last", "--pg-version", &major()]);
    assert!(run.code == 0 && run.stdout.starts_with("m/000003_status.up.sql\n"), "{}{}", run.stdout, run.stderr);
    let run = project.run(&["migrate", "prove", "m", "--from", "9"]);
    assert!(run.code == 2 && run.stderr.starts_with("error: no migration of m is called 9\n"), "{}", run.stderr);
}

#[test]
fn a_statement_that_the_server_refuses_ends_it() {
    if testing::lab().is_none() {
        return;
    }
    let project = Project::with(&[
        ("m/V1__orders.sql", FIRST),
        ("m/V2__broken.sql", "\nALTER TABLE orders ALTER status TYPE int USING status::int;\n"),
        ("m/V3__more.sql", SECOND),
    ]);
    let run = project.run(&["migrate", "prove", "m", "--pg-version", &major(), "--rows", "10"]);
    let expected = "  \
  1  WRONG ALTER TABLE orders ALTER status TYPE int USING status::int
           invalid input syntax for type integer: \"text 21\"
           m/V2__broken.sql:2
     WRONG what comes after it was not tried: 1 of 3
";
    assert!(run.code == 1 && run.stdout.contains(expected), "{}{}", run.stdout, run.stderr);
}

#[test]
fn every_layout_is_proven() {
    if testing::lab().is_none() {
        return;
    }
    const MAKE: &str = "CREATE TABLE orders (id int);\n";
    const GONE: &str = "DROP TABLE orders;\n";
    const UP: &str = "ALTER TABLE orders ADD v int;\n";
    const DOWN: &str = "ALTER TABLE orders DROP v;\n";
    let goose = |up: &str, down: &str| format!("-- +goose Up\n{up}-- +goose Down\n{down}");
    let dbmate = |up: &str, down: &str| format!("-- migrate:up\n{up}-- migrate:down\n{down}");
    let (goose, dbmate) = ([goose(MAKE, GONE), goose(UP, DOWN)], [dbmate(MAKE, GONE), dbmate(UP, DOWN)]);
    let layouts: [(Files<'_>, bool); 8] = [
        (&[("00001_a.sql", &goose[0]), ("00002_b.sql", &goose[1])], true),
        (&[("20240101000000_a.sql", &dbmate[0]), ("20240102000000_b.sql", &dbmate[1])], true),
        (
            &[
                ("2024-01-01-000000_a/up.sql", MAKE),
                ("2024-01-01-000000_a/down.sql", GONE),
                ("2024-01-02-000000_b/up.sql", UP),
                ("2024-01-02-000000_b/down.sql", DOWN),
            ],
            true,
        ),
        (
            &[
                ("20240101000000_a.up.sql", MAKE),
                ("20240101000000_a.down.sql", GONE),
                ("20240102000000_b.up.sql", UP),
                ("20240102000000_b.down.sql", DOWN),
            ],
            true,
        ),
        (&[("V1__a.sql", MAKE), ("V2__b.sql", UP), ("U2__b.sql", DOWN)], true),
        (
            &[
                ("migration_lock.toml", "provider = \"postgresql\"\n"),
                ("20240101000000_a/migration.sql", MAKE),
                ("20240102000000_b/migration.sql", UP),
            ],
            false,
        ),
        (&[("V1__a.sql", MAKE), ("V2__b.sql", UP)], false),
        (&[("001_a.sql", MAKE), ("002_b.sql", UP)], false),
    ];
    for (files, has_down) in layouts {
        let name = files[0].0;
        let project = Project::empty();
        files.iter().for_each(|(path, text)| project.write(&format!("m/{path}"), text));
        let run = project.run(&["migrate", "prove", "m", "--last", "--rows", "5", "--pg-version", &major()]);
        assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("ALTER TABLE orders ADD v int\n"), "{name}: {}", run.stdout);
        assert_eq!(run.stdout.contains("ALTER TABLE orders DROP v\n"), has_down, "{name}: {}", run.stdout);
    }
}

type Files<'a> = &'a [(&'a str, &'a str)];

/// A proof that is long under way, and the folder of its labs.
fn begun(project: &Project) -> (Child, PathBuf) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // A long path would be none for a socket, and a disk may be busy for longer than anybody waits here.
    let base = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(base).join(format!("proof-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    open_to_all(&folder);
    let mut child = Command::new(env!("CARGO_BIN_EXE_palladio"))
        .args(["migrate", "prove", "plan.json", "--rows", "3000000"])
        .current_dir(project.path("."))
        .env("PALLADIO_LAB_FOLDER", &folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // Both of its databases are made, beside those of every server.
    wait_for("a server", || {
        assert!(child.try_wait().is_ok_and(|ended| ended.is_none()), "it ended before");
        labs(&folder).iter().any(|lab| std::fs::read_dir(lab.join("data/base")).map_or(0, Iterator::count) >= 5)
    });
    std::thread::sleep(Duration::from_secs(1));
    (child, folder)
}

fn labs(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|lab| Some(lab.ok()?.path())).collect()
}

fn kill(signal: &str, process: &str) {
    let sent = Command::new("kill").args([signal, process]).status().expect("there is kill");
    assert!(sent.success());
}

/// An interrupted proof leaves no server and no folder behind.
/// Conditions on what is there: of values that rows rarely have by themselves.
const ASKING: &str = "\
ALTER TABLE item ALTER COLUMN code SET NOT NULL;
ALTER TABLE item ADD CONSTRAINT long CHECK (length(name) > 7);
ALTER TABLE item ADD CONSTRAINT dear CHECK (price > 60 OR price IS NULL);
CREATE UNIQUE INDEX by_price ON item (price) WHERE price < 80;
ALTER TABLE line ADD CONSTRAINT of_item FOREIGN KEY (item) REFERENCES item (code);
";
const ASKED: &str = "\
CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, code int UNIQUE, price numeric(4,2));
CREATE TABLE line (id bigint PRIMARY KEY, item int);
";

#[test]
fn rows_obey_what_is_asked_of_them_later() {
    if testing::lab().is_none() {
        return;
    }
    let target = format!("{ASKED}{ASKING}");
    let project = Project::with(&[
        ("old.sql", ASKED),
        ("new.sql", &target),
        ("db/V1__items.sql", ASKED),
        ("db/V2__nothing.sql", "CREATE TABLE other (id int);"),
        ("db/V3__asking.sql", ASKING),
    ]);
    let run = project.run(&["migrate", "plan", "old.sql", "new.sql", "-o", "plan.json", "--pg-version", &major()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for (source, more) in [("plan.json", &["--rows", "30"][..]), ("db", &["--rows", "30"])] {
        let run = project.run(&[&["migrate", "prove", source], more].concat());
        assert_eq!(run.code, 0, "{source}: {}{}", run.stdout, run.stderr);
        let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("a row of yours that does not stops this"), "{source}: {said}");
        assert!(said.contains("60 rows of 2 tables") || said.contains("of 3 tables"), "{source}: {said}");
        assert!(!said.contains("No rows were found"), "{source}: {said}");
    }
}

#[test]
fn ctrl_c_leaves_nothing() {
    if testing::lab().is_none() {
        return;
    }
    let project = planned();
    let (mut child, folder) = begun(&project);
    kill("-INT", &child.id().to_string());
    child.wait().expect("it ends");
    wait_for("nothing", || labs(&folder).is_empty());
    std::fs::remove_dir(folder).expect("it is empty");
}

#[test]
fn a_server_that_ends_is_told_from_a_step_that_fails() {
    if testing::lab().is_none() {
        return;
    }
    let project = planned();
    let (child, folder) = begun(&project);
    let lab = labs(&folder).into_iter().next().expect("there is one");
    let file = std::fs::read_to_string(lab.join("data/postmaster.pid")).expect("it runs");
    kill("-QUIT", file.lines().next().expect("its number"));
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let expected = "error: the private PostgreSQL ended in the middle of it: ";
    assert!(output.status.code() == Some(2) && stderr.starts_with(expected), "{stderr}");
    wait_for("nothing", || labs(&folder).is_empty());
    std::fs::remove_dir(folder).expect("it is empty");
}

/// The server may run as another user.
#[cfg(unix)]
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let everybody = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder, everybody).expect("it is ours");
}

fn wait_for(what: &str, mut seen: impl FnMut() -> bool) {
    for _ in 0..600 {
        if seen() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("there is not {what}");
}
