//! A plan is written as migrations of each tool; read again they lead to the target, and run on a server they do so
//! with rows.

use live::{Client, Lab, testing};

use crate::process::Folder;

const BEFORE: &str = "CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, name text NOT NULL, amount int);
";
const ROWS: &str = "INSERT INTO customers SELECT generate_series(0, 9);
INSERT INTO orders SELECT n, n % 10, 'a b', n FROM generate_series(1, 12000) n;
";
const AFTER: &str = "CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers (id), amount bigint,
    first text NOT NULL, last text, placed date DEFAULT now());
CREATE INDEX orders_customer_id ON orders (customer_id);
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);
";

struct Tool {
    layout: &'static str,
    /// The first migration, and what stands around its statements.
    first: &'static str,
    around: [&'static str; 2],
    /// `migrate run` runs such a folder.
    runs: bool,
}

const TOOLS: [Tool; 11] = [
    Tool { layout: "flyway", first: "m/V1__init.sql", around: ["", ""], runs: true },
    Tool { layout: "golang-migrate", first: "m/000001_init.up.sql", around: ["", ""], runs: true },
    Tool {
        layout: "dbmate",
        first: "m/20260101000000_init.sql",
        around: ["-- migrate:up\n", "-- migrate:down\n"],
        runs: true,
    },
    Tool { layout: "goose", first: "m/00001_init.sql", around: ["-- +goose Up\n", "-- +goose Down\n"], runs: true },
    Tool { layout: "sqlx", first: "m/20260101000000_init.sql", around: ["", ""], runs: false },
    Tool { layout: "diesel", first: "m/2026-01-01-000000_init/up.sql", around: ["", ""], runs: true },
    Tool { layout: "prisma", first: "m/20260101000000_init/migration.sql", around: ["", ""], runs: true },
    Tool { layout: "drizzle", first: "m/0000_init.sql", around: ["", ""], runs: true },
    Tool { layout: "refinery", first: "crates/m/V1__init.sql", around: ["", ""], runs: false },
    Tool {
        layout: "liquibase",
        first: "m/001_init.sql",
        around: ["--liquibase formatted sql\n--changeset me:init\n", "--rollback DROP TABLE orders;\n"],
        runs: false,
    },
    Tool { layout: "numbered", first: "m/0001_init.sql", around: ["", ""], runs: false },
];

fn project(tool: &Tool) -> Folder {
    let folder = Folder::new();
    let [head, tail] = tool.around;
    folder.write(tool.first, &format!("{head}{BEFORE}{ROWS}{tail}"));
    folder.write("want.sql", AFTER);
    match tool.layout {
        "golang-migrate" => folder.write("m/000001_init.down.sql", "DROP TABLE orders; DROP TABLE customers;\n"),
        "diesel" => folder.write("m/2026-01-01-000000_init/down.sql", "DROP TABLE orders; DROP TABLE customers;\n"),
        "prisma" => folder.write("m/migration_lock.toml", "provider = \"postgresql\"\n"),
        "drizzle" => {
            let journal = "{\"version\": \"7\", \"dialect\": \"postgresql\", \"entries\": [{\"idx\": 0, \"version\": \"7\", \
                           \"when\": 1700000000000, \"tag\": \"0000_init\", \"breakpoints\": true}]}";
            folder.write("m/meta/_journal.json", journal);
            folder.write("m/meta/0000_snapshot.json", "{\"id\": \"a\", \"prevId\": \"0\", \"tables\": {}}");
        }
        _ => {}
    }
    folder
}

/// Plans, and writes both releases.
fn written(tool: &Tool) -> Folder {
    let folder = project(tool);
    let home = tool.first.split('/').take_while(|part| *part != "m").chain(["m"]).collect::<Vec<_>>().join("/");
    let fills = ["--fill", "orders.first=split_part(name, ' ', 1)", "--fill", "orders.last=split_part(name, ' ', 2)"];
    let plan = [&["plan", &home, "want.sql"], &fills[..], &["-o", "plan.json", "--pg-version", "15", "-q"]].concat();
    let (code, _, stderr) = folder.run(&plan);
    assert_eq!(code, 0, "{}: {stderr}", tool.layout);
    for release in ["1", "2"] {
        let (code, _, stderr) =
            folder.run(&["write", "plan.json", &home, "--release", release, "--layout", tool.layout]);
        assert_eq!(code, 0, "{}: {stderr}", tool.layout);
    }
    folder
}

fn files(folder: &Folder) -> Vec<String> {
    fn walk(path: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(path).expect("a folder").flatten() {
            if entry.path().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
        }
    }
    let mut found = Vec::new();
    walk(&folder.path, &mut found);
    let shown = |path: &std::path::PathBuf| path.strip_prefix(&folder.path).expect("inside").display().to_string();
    let mut found: Vec<String> = found.iter().map(shown).collect();
    found.sort();
    found
}

#[test]
fn what_is_written_reads_as_the_target() {
    for tool in &TOOLS {
        let folder = written(tool);
        let home = if tool.first.starts_with("crates") { "crates/m" } else { "m" };
        let run = folder.words(&["diff", home, "want.sql", "--quiet"]);
        assert_eq!((run.0, run.1.as_str()), (0, ""), "{}: {}\n{}", tool.layout, run.2, files(&folder).join("\n"));
    }
}

/// The texts that the tool sends, each with one call.
fn sent(folder: &Folder, tool: &Tool) -> Vec<String> {
    let ups = files(folder).into_iter().filter(|path| path.contains("m/") && path.ends_with(".sql"));
    let ups = ups.filter(|path| !path.ends_with("down.sql") && !path.contains("/U"));
    let mut ups: Vec<String> = ups.collect();
    ups.sort_by_key(|path| {
        let name = path.rsplit('/').next().unwrap_or_default().trim_start_matches('V');
        let end = name.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(name.len());
        name[..end].parse::<u64>().unwrap_or(0)
    });
    let texts = ups.iter().map(|path| std::fs::read_to_string(folder.path.join(path)).expect("a file"));
    let cut = |text: String| match tool.layout {
        "liquibase" => text.split("--changeset").skip(1).map(|part| format!("--{part}")).collect(),
        "refinery" => vec![format!("BEGIN;\n{text}\nCOMMIT;")],
        "sqlx" if !text.starts_with("-- no-transaction") => vec![format!("BEGIN;\n{text}\nCOMMIT;")],
        _ => vec![text],
    };
    texts.flat_map(cut).collect()
}

fn sound(client: &mut Client) -> bool {
    let question = "SELECT count(*) = 12000 AND bool_and(amount = id AND first = 'a' AND last = 'b') FROM orders";
    client.query_one(question, &[]).expect("it answers").get(0)
}

fn open(lab: &Lab) -> (Client, String) {
    let name = testing::database(lab);
    (lab.connect(&name).expect("it answers"), lab.target(&name).to_string())
}

#[test]
fn what_is_written_runs() {
    let Some(lab) = testing::lab() else { return };
    for tool in &TOOLS {
        let folder = written(tool);
        let (mut client, url) = open(lab);
        if tool.runs {
            let (code, stdout, stderr) = folder.run(&["run", "m", "--db", &url, "--quiet"]);
            assert_eq!(code, 0, "{}: {stdout}{stderr}", tool.layout);
        } else {
            for text in sent(&folder, tool) {
                client.batch_execute(&text).unwrap_or_else(|error| panic!("{}: {error:?}\n{text}", tool.layout));
            }
        }
        assert!(sound(&mut client), "{}", tool.layout);
        let ours = "DROP SCHEMA IF EXISTS palladio, drizzle CASCADE; DROP TABLE IF EXISTS flyway_schema_history, \
                    schema_migrations, goose_db_version, __diesel_schema_migrations, _prisma_migrations CASCADE";
        client.batch_execute(ours).expect("it can");
        let (code, stdout, stderr) = folder.words(&["diff", &url, "want.sql", "--quiet"]);
        assert_eq!((code, stdout.as_str()), (0, ""), "{}: {stderr}", tool.layout);
    }
}

#[test]
fn what_is_written_can_be_taken_back() {
    let Some(lab) = testing::lab() else { return };
    let tool = &TOOLS[1];
    let folder = written(tool);
    let (mut client, url) = open(lab);
    folder.write("a.sql", BEFORE);
    let first_of_two = files(&folder)
        .into_iter()
        .filter(|path| path.ends_with(".up.sql"))
        .position(|path| std::fs::read_to_string(folder.path.join(path)).expect("a file").contains("DROP COLUMN name"));
    let ups: Vec<String> = files(&folder).into_iter().filter(|path| path.ends_with(".up.sql")).collect();
    // What takes the values away has no way back.
    let ups = &ups[..first_of_two.expect("a column goes")];
    let text = |path: &str| std::fs::read_to_string(folder.path.join(path)).expect("a file");
    for path in ups {
        client.batch_execute(&text(path)).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    for path in ups[1..].iter().rev() {
        let down = path.replace(".up.sql", ".down.sql");
        client.batch_execute(&text(&down)).unwrap_or_else(|error| panic!("{down}: {error:?}"));
    }
    let (code, stdout, stderr) = folder.words(&["diff", &url, "a.sql", "--quiet"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    let kept = "SELECT count(*) = 12000 AND bool_and(amount = id AND name = 'a b') FROM orders";
    assert!(client.query_one(kept, &[]).expect("it answers").get::<_, bool>(0));
}

#[test]
fn rails_gets_ruby() {
    let Some(lab) = testing::lab() else { return };
    let folder = Folder::new();
    folder.write(
        "db/structure.sql",
        &format!("{BEFORE}INSERT INTO \"schema_migrations\" (version) VALUES ('20260101000000');\n"),
    );
    folder.write("a.sql", BEFORE);
    folder.write("want.sql", AFTER);
    let fills = ["--fill", "orders.first=split_part(name, ' ', 1)", "--fill", "orders.last=split_part(name, ' ', 2)"];
    let plan = [&["plan", "a.sql", "want.sql"], &fills[..], &["-o", "plan.json", "--pg-version", "15", "-q"]].concat();
    assert_eq!(folder.run(&plan).0, 0);
    for release in ["1", "2"] {
        let (code, _, stderr) =
            folder.run(&["write", "plan.json", "db/migrate", "--release", release, "--layout", "rails"]);
        assert_eq!(code, 0, "{stderr}");
        assert!(stderr.contains("schema_format = :sql"), "{stderr}");
    }
    let (mut client, url) = open(lab);
    client.batch_execute(&format!("{BEFORE}{ROWS}")).expect("it is sound");
    let mut alone = 0;
    for path in files(&folder).iter().filter(|path| path.ends_with(".rb")) {
        let text = std::fs::read_to_string(folder.path.join(path)).expect("a file");
        let up =
            text.split_once("  def up\n").and_then(|(_, rest)| rest.split_once("  def down\n")).expect("both ways").0;
        let statements =
            up.split("execute <<~'SQL'\n").skip(1).map(|part| part.split_once("    SQL\n").expect("its end").0);
        let statements: Vec<&str> = statements.collect();
        if text.contains("disable_ddl_transaction!") {
            alone += 1;
            statements.iter().for_each(|statement| client.batch_execute(statement).expect(statement));
        } else {
            let whole = format!("BEGIN; {} COMMIT;", statements.join("\n"));
            client.batch_execute(&whole).unwrap_or_else(|error| panic!("{error:?}\n{whole}"));
        }
    }
    assert!(alone > 1, "an index and a backfill");
    assert!(sound(&mut client));
    let (code, stdout, stderr) = folder.words(&["diff", &url, "want.sql", "--quiet"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
}
