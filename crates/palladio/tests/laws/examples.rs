//! The bad examples of all rules, as projects.

use crate::project::File;

pub(crate) struct Example {
    pub(crate) rule: &'static str,
    pub(crate) files: Vec<File>,
}

/// Each bad example as a Flyway history, and as a schema file where it is one part.
pub(crate) fn bad() -> Vec<Example> {
    let mut all = Vec::new();
    for rule in check::rules() {
        for text in blocks(rule.page) {
            let several = text.lines().any(|line| line == "-- next migration");
            all.push(Example { rule: rule.name, files: files(text, true) });
            if !several {
                all.push(Example { rule: rule.name, files: files(text, false) });
            }
        }
    }
    all
}

fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("```sql,bad\n").skip(1).map(|rest| rest.split("```").next().unwrap_or(rest))
}

/// A line of its own begins another migration, the queries, or the statistics.
fn files(text: &str, history: bool) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    let mut migrations = 0;
    let mut path = String::new();
    for line in std::iter::once("-- next migration").chain(text.lines()) {
        match line {
            "-- next migration" => {
                migrations += 1;
                path = if history { format!("migrations/V{migrations}__step.sql") } else { "schema.sql".to_owned() };
            }
            "-- queries" => path = "queries/queries.sql".to_owned(),
            "-- stats" => path = "stats.json".to_owned(),
            _ => match files.iter_mut().find(|(there, _)| *there == path) {
                Some((_, text)) => *text += &format!("{line}\n"),
                None => files.push((path.clone(), format!("{line}\n"))),
            },
        }
    }
    files.sort();
    files
}
