//! What Palladio plans, no rule minds: each page of differences as a plan, written as the migrations of a project.

use std::path::Path;

use migrate::diff::{Owners, Settings, diff, named};
use migrate::plan::Grace;
use model::dialect::Version;
use model::planned::{Cost, Phase, Work};
use palladio::migrate::{folder, plan};
use read::Input;

use crate::project::check;

/// PostgreSQL of the pages.
const MAJOR: u16 = 15;

/// Two names that are exchanged have no moment in which both applications could work.
const EXCHANGED: [&str; 3] = ["rename_below_a_view", "rename_two_columns_into_each_other", "swap_two_names"];

/// What a plan does on purpose, or what nobody can do in another way: a shadow is kept in step by a trigger, values of
/// enums are renamed for everybody at once, what a constraint forbids may be what the new application does. A partition
/// that is made in place and a constraint that takes over from another lock more than they have to.
const ON_PURPOSE: [&str; 7] = [
    "rename-object",
    "drop-not-null",
    "trigger-on-table-in-use",
    "rename-enum-value",
    "drop-constraint",
    "partition-made-in-place",
    "several-tables-locked",
];

fn block<'a>(page: &'a str, kind: &str) -> Option<&'a str> {
    let start = page.find(&format!("```{kind}\n"))? + kind.len() + 4;
    Some(&page[start..start + page[start..].find("```")?])
}

/// What the page says besides two schemas: the words that a user would say after `--`.
fn asked(page: &str) -> plan::Asked {
    let mut asked = plan::Asked::default();
    for line in block(page, "text,asked").unwrap_or("").lines() {
        match line.split_once(' ').expect("a line begins with a verb") {
            ("fill" | "value", text) => asked.fills.push(text.to_owned()),
            ("move", text) => {
                let (columns, by) = text.split_once(" by ").expect("what goes, and by which columns");
                asked.moves.push(columns.to_owned());
                asked.pairs.extend(by.split(',').map(str::to_owned));
            }
            ("grace", word) => asked.grace = Some(if word == "columns" { Grace::Columns } else { Grace::None }),
            (other, _) => panic!("`{other}` is no verb"),
        }
    }
    asked
}

/// The hazards in the migrations of the page's plan, but for steps that say themselves what they cost.
fn hazards(name: &str, page: &str) -> Vec<String> {
    let version = Version(MAJOR, 0);
    let read =
        |path: &str, sql: &str| read::read(vec![Input::new(path, sql)], &read::Options { version, unreleased: None });
    let (before, after) = (block(page, "sql,before").unwrap_or(""), block(page, "sql,after").unwrap_or(""));
    let first = "m/000001_first.up.sql";
    // A history may begin with nothing.
    let before = if before.is_empty() { "SELECT 1;\n" } else { before };
    let (one, other) = (read(first, before), read("want.sql", after));
    let renames = block(page, "text,renames").unwrap_or("").lines();
    let asked = asked(page);
    let values = asked.fills.iter().filter_map(|text| palladio::diff::value(&one.schema, &other.schema, text));
    let renames = renames.filter_map(|line| named(&one.schema, &other.schema, line).ok()).chain(values).collect();
    let settings = Settings { version, renames, owners: Owners::Ignored, privileges: true };
    let found = diff(&one.schema, &other.schema, &settings);
    let settings = plan::settings(&one.schema, &other.schema, settings, &asked).expect("the page asks for what can be");
    let plan = migrate::plan(&one.schema, &other.schema, &found, &settings).planned;
    // What comes behind a deployment counts on it.
    if plan.steps.first().is_none_or(|step| step.work == Work::Deploy) || EXCHANGED.contains(&name) {
        return Vec::new();
    }
    let costly = plan
        .steps
        .iter()
        .any(|step| step.locks.iter().any(|(_, mode)| mode.blocks_writes()) && step.cost >= Cost::Scan);
    let Ok(files) = folder::migrations(&plan, &one, 1) else { return Vec::new() };
    let mut all = vec![(first.to_owned(), before.to_owned())];
    all.extend(files);
    let checked = check(&all);
    let hazards = checked
        .findings
        .iter()
        .filter(|finding| finding.rule.starts_with('M') && !costly && !ON_PURPOSE.contains(&finding.name));
    let planned = hazards.filter(|finding| {
        finding.place.is_some_and(|place| {
            let file = checked.reading.sources.file(place.file);
            // In the one moment at which a shadow takes its place, names go from one to the other.
            &*file.path != first && !file.text.starts_with(&format!("-- {}", Phase::Switch.name()))
        })
    });
    planned.map(|finding| format!("{name}: {} {}", finding.name, finding.message)).collect()
}

#[test]
fn a_planned_migration_has_no_hazard() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases");
    let mut found = Vec::new();
    let folders = ["diff", "plan"].map(|name| std::fs::read_dir(cases.join(name)).expect("the folder of cases"));
    for entry in folders.into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let page = std::fs::read_to_string(&path).expect("a page is text");
        let since = block(&page, "text,since").and_then(|since| since.trim().parse().ok()).unwrap_or(14);
        if since <= MAJOR {
            found.extend(hazards(&path.file_stem().expect("a name").to_string_lossy(), &page));
        }
    }
    found.sort();
    assert_eq!(found.join("\n"), "");
}
