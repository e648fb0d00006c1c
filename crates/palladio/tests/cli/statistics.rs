//! `stats`: one file, written from a real database, for the planner and for the rules.

use live::testing;

use crate::project::Project;

#[test]
fn without_a_database_there_is_nothing_to_export() {
    let run = Project::empty().run(&["stats", "export", "--db", "mysql://host/db"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    Project::empty().check(
        "stats show gone.json",
        2,
        "",
        "error: gone.json cannot be read: No such file or directory (os error 2)\n",
    );
}

#[test]
fn a_file_of_the_rules_alone_says_what_it_lacks() {
    Project::with(&[("stats.json", "{\"version\": 2}")]).check(
        "stats show stats.json",
        2,
        "",
        "\
error: statistics of version 2; version 1 is read
  Write one of a database: palladio stats export URL -o FILE
",
    );
}

#[test]
fn exported_shown_and_heeded_by_rules() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let schema = "CREATE TABLE orders (id bigint PRIMARY KEY, status text);\n";
    let mut client = lab.connect(&name).expect("it answers");
    client.batch_execute(schema).expect("the schema is sound");
    client.batch_execute("INSERT INTO orders SELECT n, 'open' FROM generate_series(1, 1000) n").expect("they fit");
    client.batch_execute("VACUUM (ANALYZE) orders").expect("it is a superuser");
    let project = Project::with(&[("schema.sql", schema)]);
    let url = lab.target(&name).to_string();

    let run = project.run(&["stats", "export", &url, "--no-values", "-o", "stats.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let version = lab.version();
    let summary =
        format!("Statistics of PostgreSQL {}.{}: 1 table, 1 index, without values of the data\n", version.0, version.1);
    assert_eq!((run.stdout.as_str(), &run.stderr), ("", &summary));
    assert!(!project.read("stats.json").contains("open"), "no values");
    let run = project.run(&["stats", "show", "stats.json"]);
    // How large a small table is differs between versions.
    let lines: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(run.stdout.starts_with(&summary), "{}", run.stdout);
    assert_eq!(lines[2], ["table", "rows", "size", "columns", "indexes"]);
    assert_eq!((lines[3][..2].to_vec(), &lines[3][4..]), (vec!["public.orders", "1,000"], &["2", "1"][..]));

    let run = project.run(&["check", "schema.sql", "--stats", "stats.json", "--show-problems", "--exit-zero"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = run.stdout + &run.stderr;
    assert!(!said.contains("problem") && !said.contains("not understood"), "{said}");

    let run = project.run(&["stats", "export", &url]);
    assert!(run.stdout.contains("{open}"), "values are kept: {}", run.stdout);
}
