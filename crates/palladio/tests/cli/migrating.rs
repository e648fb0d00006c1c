//! `diff`, `migrate plan` and `migrate prove`: from one source to another.

use live::testing;

use crate::project::Project;

const OLD: &str = "\
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer text NOT NULL,
  total numeric(10, 2)
);
";
const NEW: &str = "\
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_name text NOT NULL, -- palladio: was customer
  total numeric(12, 2),
  CHECK (total >= 0)
);
CREATE INDEX orders_total ON orders (total);
";

fn project() -> Project {
    Project::with(&[("old.sql", OLD), ("new.sql", NEW), ("bare.sql", &NEW.replace(" -- palladio: was customer", ""))])
}

#[test]
fn a_note_in_the_target_keeps_the_values() {
    project().check(
        "diff old.sql new.sql",
        1,
        "\
ALTER TABLE orders RENAME COLUMN customer TO customer_name;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,2);
ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0);
CREATE INDEX orders_total ON orders (total);
",
        "",
    );
}

#[test]
fn nothing_is_dropped_by_a_guess() {
    project().check(
        "diff old.sql bare.sql",
        2,
        "",
        "\
error: orders.customer may be customer_name under its old name
  --rename orders.customer=customer_name keeps it; --drop orders.customer drops it
",
    );
}

#[test]
fn what_is_the_same_says_nothing() {
    project().check("diff old.sql old.sql", 0, "", "");
    project().check("migrate plan old.sql old.sql", 0, "Nothing to do: both sides are the same.\n", "");
}

#[test]
fn a_list_for_a_pull_request() {
    project().check(
        "diff old.sql bare.sql --drop orders.customer --format markdown --exit-zero",
        0,
        "\
- add column orders.customer_name
- orders.total changes from numeric(10,2) to numeric(12,2)
- add constraint orders.orders_total_check
- create index orders_total on orders
- drop column orders.customer

```sql
ALTER TABLE orders ADD COLUMN customer_name text NOT NULL;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,2);
ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0);
CREATE INDEX orders_total ON orders (total);
ALTER TABLE orders DROP COLUMN customer;
```
",
        "",
    );
}

#[test]
fn machines_get_a_versioned_document() {
    let run = project().run(&["diff", "old.sql", "new.sql", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(document["version"], 1);
    assert_eq!(document["changes"][0]["change"], "rename");
    assert_eq!(document["changes"][0]["sql"][0], "ALTER TABLE orders RENAME COLUMN customer TO customer_name;");
}

#[test]
fn a_rename_that_cannot_be_is_explained() {
    project().check(
        "diff old.sql new.sql --rename orders.client=customer_name",
        2,
        "",
        "\
error: nothing is called orders.client before the change
  See both sides: palladio inspect SOURCE
",
    );
}

#[test]
fn a_plan_says_who_waits_and_the_way_back() {
    let run = project().run(&["migrate", "plan", "old.sql", "new.sql", "-o", "plan.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    for said in [
        "no step keeps writers waiting",
        "add orders.customer_name and keep it in step",
        "locks rows only, 5,000 at a time, resumable",
        "no way back: the values of",
    ] {
        assert!(run.stdout.contains(said), "{said}\n{}", run.stdout);
    }
    assert!(run.stderr.ends_with("Next: palladio migrate prove plan.json\n"), "{}", run.stderr);
}

#[test]
fn a_release_becomes_migrations_that_no_rule_minds() {
    let files = [
        ("m/000001_init.up.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n"),
        ("m/000001_init.down.sql", "DROP TABLE orders;\n"),
        (
            "want.sql",
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL);\nCREATE INDEX orders_note ON orders (note);\n",
        ),
    ];
    let project = Project::with(&files);
    let run = project.run(&["migrate", "plan", "m", "want.sql", "--fill", "orders.note=''", "--write", "-q"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        project.read("m/000002_create_index_orders_note_on_orders.up.sql"),
        "-- expand (build): create index orders_note on orders\nCREATE INDEX CONCURRENTLY orders_note ON orders (note);\n"
    );
    project.check("diff m want.sql", 0, "", "");
    let run = project.run(&["check", "m", "--quiet"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

#[test]
fn a_plan_is_proven_with_rows() {
    if testing::lab().is_none() {
        return;
    }
    let run = project().run(&["migrate", "prove", "old.sql", "new.sql", "--rows", "50"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("target reached, every way back walked, 50 rows of 1"), "{}", run.stdout);
}

#[test]
fn a_database_that_drifted_is_told_from_its_file() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(OLD).expect("the schema is sound");
    let url = lab.target(&name).to_string();
    let project = project();
    let run = project.run(&["diff", "old.sql", &url, "--quiet"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    client.batch_execute("CREATE INDEX oops ON orders (customer)").expect("it can be made");
    let run = project.run(&["diff", "old.sql", &url, "--quiet"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, "CREATE INDEX oops ON orders (customer);\n"), "{}", run.stderr);
}

#[test]
fn a_small_change_is_one_file() {
    let after = format!(
        "{OLD}CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL);\nCREATE INDEX notes_body ON notes (body);\n"
    );
    let project = Project::with(&[("old.sql", OLD), ("new.sql", &after)]);
    let run = project.run(&["migrate", "plan", "old.sql", "new.sql", "-o", "m", "--layout", "numbered"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "\
1 step in 1 release; no step keeps writers waiting while it reads or writes rows

release 1
  expand     1  create table notes
                locks nobody out · undo: 1 statement
  rely on       notes may be used
"
    );
    assert_eq!(run.stderr, "Wrote m/0001_create_table_notes.sql\n");
    assert_eq!(
        project.read("m/0001_create_table_notes.sql"),
        "\
-- expand (instant): create table notes
-- From here on notes may be used
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '1min';
CREATE TABLE notes (
    id bigint NOT NULL,
    body text NOT NULL,
    CONSTRAINT notes_pkey PRIMARY KEY (id)
);
CREATE INDEX notes_body ON notes (body);
COMMIT;
"
    );
}

#[test]
fn what_the_user_says_of_the_way_is_understood_or_refused() {
    let files = [
        (
            "a.sql",
            "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE a (id int PRIMARY KEY, x text, m mood);\nCREATE TABLE b (id int PRIMARY KEY);\n",
        ),
        (
            "b.sql",
            "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE a (id int PRIMARY KEY, m mood);\nCREATE TABLE b (id int PRIMARY KEY, x text);\n",
        ),
    ];
    let project = Project::with(&files);
    let said = |words: &[&str]| {
        // What becomes of the value that goes is said as well.
        let known: &[&str] =
            if words[1].starts_with("mood.") { &["--drop", "mood.sad"] } else { &["--fill", "mood.sad=ok"] };
        let run = project.run(&[&["migrate", "plan", "a.sql", "b.sql"], words, known].concat());
        run.stderr.lines().next().unwrap_or_default().to_owned()
    };
    for (words, expected) in [
        (&["--fill", "mood.sad=ok"][..], ""),
        (&["--fill", "mood.sad=glad"], "error: `mood.sad=glad` fills nothing: mood has no value glad in the end"),
        (&["--fill", "mood.mad=ok"], "error: `mood.mad=ok` fills nothing: mood has no value mad"),
        (&["--fill", "a.y='z'"], "error: `a.y='z'` fills nothing: there is no a.y"),
        (&["--fill", "b.x=)"], "error: `b.x=)` fills nothing: what it says is no expression"),
        (&["--move", "a.x=b.x"], "error: nothing says which rows of a and b belong together"),
        (&["--move", "a.x=b.x", "--by", "a.id=b.id"], ""),
        (&["--move", "a.m=b.x"], "error: `a.m=b.x` moves nothing: a.m does not go"),
        (&["--move", "a.x=b.id"], "error: `a.x=b.id` moves nothing: b.id does not come"),
    ] {
        assert_eq!(said(words), expected, "{words:?}");
    }
}

#[test]
fn a_table_without_a_key_is_not_made_beside_itself() {
    let project = Project::with(&[
        ("a.sql", "CREATE TABLE t (id int, at date);\n"),
        (
            "b.sql",
            "CREATE TABLE t (id int, at date) PARTITION BY RANGE (at);\nCREATE TABLE t_all PARTITION OF t DEFAULT;\n",
        ),
    ]);
    let run = project.run(&["migrate", "plan", "a.sql", "b.sql"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: the plan does not reach table t\n"), "{}", run.stderr);
    assert!(run.stderr.contains("when both have a unique key in common"), "{}", run.stderr);
}
