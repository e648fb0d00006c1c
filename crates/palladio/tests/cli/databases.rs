//! A running database as a source: by its address, by a name of the configuration, and where its findings are.

use live::testing;

use crate::project::Project;

#[test]
fn a_database_is_named_in_one_way_everywhere() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let schema = "CREATE SCHEMA sales; CREATE TABLE sales.orders (id bigint PRIMARY KEY, placed_at timestamp)";
    lab.connect(&name).expect("it answers").batch_execute(schema).expect("it is sound");
    let url = lab.target(&name).to_string();
    let config = format!("[databases.live]\nurl = \"{url}\"\n");
    let project = Project::with(&[("palladio.toml", &config)]);
    let said = format!(
        "postgres:///{name}: sales.orders.placed_at: warning T001 timestamp-without-zone sales.orders.placed_at stores no time zone\n"
    );
    let concise = ["check", "--select", "T001", "--format", "concise", "--quiet"];
    for words in [&["--db", "live"][..], &["--db", &url], &["db:live"], &[&url]] {
        let run = project.run(&[&concise[..], words].concat());
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (1, said.as_str(), ""), "{words:?}");
        let run = project.run(&[&["inspect"][..], words].concat());
        assert!(run.stdout.contains("CREATE TABLE sales.orders"), "{words:?}: {}{}", run.stdout, run.stderr);
    }
    let run = project.run(&["stats", "export", "--db", "live", "-o", "stats.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = project.run(&["diff", "db:live", &url]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let run = project.run(&["lab", "role", "--db", "live"]);
    assert!(run.stdout.contains(&format!("GRANT CONNECT ON DATABASE \"{name}\" TO \"palladio\";")), "{}", run.stdout);
    project.check(
        "check --db lve",
        2,
        "",
        "error: no database is called `lve` in palladio.toml\n  Did you mean --db live?\n",
    );
    project.check(
        "check --db live palladio.toml",
        2,
        "",
        "error: a database is read by itself, without other sources\n  Run it once for the database and once for the files\n",
    );
}

/// A finding without a file has the database for a path, and the object in it, in every format for machines.
#[test]
fn findings_of_a_database_have_a_place() {
    let Some(lab) = testing::lab() else { return };
    let name = testing::database(lab);
    let schema = "CREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp)";
    lab.connect(&name).expect("it answers").batch_execute(schema).expect("it is sound");
    let url = lab.target(&name).to_string();
    let project = Project::empty();
    let database = format!("postgres:///{name}");
    let whole = format!("{database}: public.orders.placed_at");
    let printed = |format: &str| {
        let run = project.run(&["check", "--select", "T001", "--format", format, &url]);
        assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{format}");
        run.stdout
    };
    let json: serde_json::Value = serde_json::from_str(&printed("json")).expect("it is JSON");
    let finding = &json["findings"][0];
    assert_eq!((finding["path"].as_str(), finding["line"].as_u64()), (Some(database.as_str()), None));
    assert_eq!(finding["object"], "public.orders.placed_at");
    let sarif: serde_json::Value = serde_json::from_str(&printed("sarif")).expect("it is JSON");
    let location = &sarif["runs"][0]["results"][0]["locations"][0];
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], whole.as_str());
    assert!(location.get("physicalLocation").is_none());
    let gitlab: serde_json::Value = serde_json::from_str(&printed("gitlab")).expect("it is JSON");
    assert_eq!(gitlab[0]["location"]["path"], whole.as_str());
    for (format, expected) in [
        ("junit", "at public.orders.placed_at\""),
        ("github", &format!("::{whole}: orders.placed_at stores no time zone")),
        ("markdown", &format!("<code>{}</code> ", whole.replace('_', "&#95;"))),
    ] {
        let text = printed(format);
        assert!(text.contains(expected), "{format}: {text}");
    }
}
