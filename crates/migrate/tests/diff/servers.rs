//! The servers at hand, and the question whether statements lead from one database to another.

use std::sync::OnceLock;

use live::lab::{Options, installed};
use live::{Client, Lab, introspect, testing};
use migrate::diff::{Settings, diff};
use model::Schema;
use model::dialect::Version;

/// One server of each major version that is installed; none at all is said by the first.
pub(crate) fn all() -> &'static [Lab] {
    static LABS: OnceLock<Vec<Lab>> = OnceLock::new();
    LABS.get_or_init(|| {
        let mut majors: Vec<u16> = installed().iter().map(|found| found.major()).filter(|major| *major >= 14).collect();
        majors.sort_unstable();
        majors.dedup();
        let labs: Vec<Lab> = majors.iter().filter_map(|major| testing::own(&Options::version(*major))).collect();
        if labs.is_empty() { testing::own(&Options::default()).into_iter().collect() } else { labs }
    })
}

pub(crate) fn major(lab: &Lab) -> u16 {
    lab.version().0
}

pub(crate) fn settings(major: u16) -> Settings {
    Settings { version: Version(major, 0), renames: Vec::new(), owners: true, privileges: true }
}

/// Runs a script by itself; what the server says against it.
pub(crate) fn run(client: &mut Client, script: &str) -> Result<(), String> {
    client.batch_execute(script).map_err(|error| said(&error))
}

pub(crate) fn said(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => [Some(error.message()), error.detail()].into_iter().flatten().collect::<Vec<_>>().join("; "),
        None => error.to_string(),
    }
}

pub(crate) fn look(client: &mut Client) -> Schema {
    introspect(client).expect("the database can be looked at").schema
}

/// Makes both databases and goes from one to the other; what is wrong then.
pub(crate) fn arrives(lab: &Lab, before: &str, statements: &[String], after: &str) -> Vec<String> {
    let (one, other) = (testing::database(lab), testing::database(lab));
    let complaints = go(lab, &one, &other, before, statements, after);
    for name in [one, other] {
        lab.drop_database(&name).expect("a database can be dropped");
    }
    complaints
}

fn go(lab: &Lab, one: &str, other: &str, before: &str, statements: &[String], after: &str) -> Vec<String> {
    let mut client = lab.connect(one).expect("the lab answers");
    let mut target = lab.connect(other).expect("the lab answers");
    if let Err(error) = run(&mut client, before) {
        return vec![format!("before: {error}")];
    }
    if let Err(error) = run(&mut target, after) {
        return vec![format!("after: {error}")];
    }
    run(&mut client, "SET check_function_bodies = off").expect("a setting can be set");
    for statement in statements {
        if let Err(error) = run(&mut client, statement) {
            return vec![format!("{error}: {statement}")];
        }
    }
    let (found, wanted) = (look(&mut client), look(&mut target));
    drop((client, target));
    let rest = diff(&found, &wanted, &settings(major(lab)));
    let mut complaints: Vec<String> =
        rest.statements(&found).into_iter().map(|left| format!("still: {left}")).collect();
    complaints.extend(rest.left.iter().map(|path| format!("still different: {path}")));
    if lab.has_tools() && complaints.is_empty() {
        // An independent look: what the differ does not see, the dump does.
        let dump = |name: &str| canonical(&lab.dump(name).expect("the database can be dumped"));
        let (found, wanted) = (dump(one), dump(other));
        let only = |one: &[String], other: &[String]| {
            one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>()
        };
        complaints.extend(only(&found, &wanted).into_iter().map(|line| format!("dump has: {line}")));
        complaints.extend(only(&wanted, &found).into_iter().map(|line| format!("dump lacks: {line}")));
    }
    complaints
}

/// The lines of a dump as a sorted list: columns stand in another order in a table that grew.
fn canonical(dump: &str) -> Vec<String> {
    let noise = |line: &&str| !line.is_empty() && !line.starts_with("--") && !line.starts_with("\\");
    let mut lines: Vec<String> =
        dump.lines().filter(noise).map(|line| sorted_options(line.trim_end_matches(','))).collect();
    lines.sort();
    lines
}

/// The order of storage parameters is that of their setting.
fn sorted_options(line: &str) -> String {
    let Some((head, (inside, tail))) =
        line.split_once("WITH (").and_then(|(head, rest)| Some((head, rest.split_once(')')?)))
    else {
        return line.to_owned();
    };
    let mut options: Vec<&str> = inside.split(", ").collect();
    options.sort_unstable();
    format!("{head}WITH ({}){tail}", options.join(", "))
}
