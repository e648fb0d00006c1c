//! A page on a server: proven in two databases.

use live::prove::{Database, Rows, Stage};
use live::{Client, Lab, testing};
use palladio::migrate::prove::{Known, prove_in};
use report::proven::{Format, render};

use crate::facts;
use crate::page::Page;

/// Rows of each table where the page brings none.
const ROWS: u32 = 20;

pub(crate) struct Rooms<'a> {
    lab: &'a Lab,
    names: [String; 2],
}

impl<'a> Rooms<'a> {
    pub(crate) fn new(lab: &'a Lab) -> Rooms<'a> {
        Rooms { lab, names: [testing::database(lab), testing::database(lab)] }
    }
}

impl Stage for Rooms<'_> {
    fn open(&mut self, database: Database) -> Result<Client, live::Error> {
        self.lab.connect(&self.names[usize::from(database == Database::Target)])
    }
}

impl Drop for Rooms<'_> {
    fn drop(&mut self) {
        for name in &self.names {
            // Of a page that failed it may be in use still; it ends with its server.
            let _ = self.lab.drop_database(name);
        }
    }
}

/// What is wrong with the page on this server.
pub(crate) fn check(page: &Page, lab: &Lab) -> Vec<String> {
    let sides = page.sides(lab.version().0);
    let plan = page.plan(&sides);
    if page.block("text,left").is_some() {
        // No plan leads there, and the page says so.
        let left: String = plan.left.iter().map(|path| format!("{path}\n")).collect();
        let claimed = page.block("text,left").unwrap_or("");
        return if left == claimed { Vec::new() } else { vec![format!("it leaves {left}")] };
    }
    let rows = match page.block("sql,rows") {
        Some(script) => Rows::Given(script),
        None => Rows::Made { count: ROWS, without: Default::default() },
    };
    let filled = palladio::migrate::plan::origin(&sides, &page.fills()).filled;
    let known = Known { rows, filled, queries: [&sides.readings[0], &sides.readings[1]] };
    let mut rooms = Rooms::new(lab);
    let proven = match prove_in(&mut rooms, &sides, &plan.planned, known) {
        Ok(proven) => proven,
        Err(error) => return vec![error.to_string()],
    };
    let mut wrong = Vec::new();
    if !proven.holds() || !plan.left.is_empty() {
        wrong.push(render(&proven, Format::Text));
    }
    wrong.extend(facts::refuted(page.block("text,facts").unwrap_or(""), &plan.planned, &proven));
    wrong
}
