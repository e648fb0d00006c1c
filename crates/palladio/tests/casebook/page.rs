//! A page: what is before and after, what the user says about it, and what is expected of the plan.

use std::fs;
use std::path::{Path, PathBuf};

use migrate::diff::{Owners, named};
use migrate::plan::{self, Plan};
use model::Reading;
use model::dialect::Version;
use palladio::diff::Sides;
use palladio::migrate::plan as verb;
use read::Input;

pub(crate) struct Page {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Page {
    /// The body of the block of that kind.
    pub(crate) fn block(&self, kind: &str) -> Option<&str> {
        let start = self.text.find(&format!("```{kind}\n"))? + kind.len() + 4;
        let end = start + self.text[start..].find("```")?;
        Some(&self.text[start..end])
    }

    pub(crate) fn name(&self) -> String {
        self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The first major version that knows what the page is about.
    pub(crate) fn since(&self) -> u16 {
        self.block("text,since").and_then(|since| since.trim().parse().ok()).unwrap_or(14)
    }

    pub(crate) fn fills(&self) -> Vec<String> {
        self.block("text,fills").unwrap_or("").lines().map(str::to_owned).collect()
    }

    /// Both sides, with the queries of the application in them.
    pub(crate) fn sides(&self, major: u16) -> Sides {
        let version = Version(major, 0);
        let options = read::Options { version, unreleased: None };
        let one = |schema: &str, queries: &str| -> Reading {
            let mut inputs = vec![Input::new("schema.sql", self.block(schema).unwrap_or(""))];
            inputs.extend(self.block(queries).map(|text| Input::new("queries.sql", text)));
            let reading = read::read(inputs, &options);
            let problems: Vec<&str> = reading.problems.iter().map(|problem| problem.message.as_str()).collect();
            assert!(problems.is_empty(), "{}: {problems:?}", self.name());
            reading
        };
        let readings = [one("sql,before", "sql,old"), one("sql,after", "sql,new")];
        let [before, after] = [readings[0].schema.clone(), readings[1].schema.clone()];
        let renames = self.block("text,renames").unwrap_or("").lines();
        let named = |line| named(&before, &after, line).unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        let fills = self.fills();
        let values = fills.iter().filter_map(|text| palladio::diff::value(&before, &after, text));
        let renames = renames.map(named).chain(values).collect();
        let settings = migrate::diff::Settings { version, renames, owners: Owners::Ignored, privileges: true };
        Sides { readings, before, after, settings, remarks: Vec::new() }
    }

    pub(crate) fn plan(&self, sides: &Sides) -> Plan {
        verb::plan(sides, &verb::Asked { fills: self.fills(), ..verb::Asked::default() }, None)
            .unwrap_or_else(|failure| panic!("{}: {failure}", self.name()))
    }
}

/// The pages of the book, or those that `PALLADIO_PAGE` names the beginning of.
pub(crate) fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/migrate");
    let wanted = std::env::var("PALLADIO_PAGE").unwrap_or_default();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder of cases").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: PathBuf| Page { text: fs::read_to_string(&path).expect("a page is text"), path };
    paths.into_iter().map(read).filter(|page| page.name().starts_with(&wanted)).collect()
}

/// The version whose plans the pages show.
pub(crate) const SHOWN: u16 = 17;

#[test]
fn pages_show_their_plans() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for page in pages() {
        let sides = page.sides(SHOWN.max(page.since()));
        let plan::Plan { planned, left } = page.plan(&sides);
        let shown = report::planned::text(&planned, &left, report::planned::Detail::Statements);
        if page.block("text,plan") == Some(&shown) {
            continue;
        }
        if update {
            let text = match page.block("text,plan") {
                Some(old) => {
                    page.text.replace(&format!("```text,plan\n{old}```"), &format!("```text,plan\n{shown}```"))
                }
                None => format!("{}\n\n```text,plan\n{shown}```\n", page.text.trim_end()),
            };
            fs::write(&page.path, text).expect("a page can be written");
        } else {
            wrong.push(format!("{}\n{shown}", page.name()));
        }
    }
    assert!(wrong.is_empty(), "UPDATE=1 cargo test writes these pages:\n\n{}", wrong.join("\n\n"));
}
