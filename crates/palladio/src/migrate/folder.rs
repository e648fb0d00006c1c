//! A plan as migrations of the project's own tool: a file for each step, so that no lock is held from one to the next.

use std::collections::BTreeSet;

use model::Reading;
use model::planned::{Cost, Planned, PlannedStep, Undo, Work};
use model::step::Layout;

use crate::Failure;
use crate::history::{Around, History};

/// The files of one release, by path, in the order in which the tool applies them.
pub fn migrations(plan: &Planned, before: &Reading, release: u32) -> Result<Vec<(String, String)>, Failure> {
    let history = History::last(before).ok_or_else(|| {
        Failure::new("A is no history of migrations: there is nothing to write behind")
            .hint("Write the plan itself: palladio migrate plan A B -o plan.json")
    })?;
    let mut history = history;
    let mut files = Vec::new();
    let steps = plan.steps.iter().filter(|step| step.release == release && step.work != Work::Deploy);
    for step in steps {
        let around = if matches!(step.work, Work::Alone { .. }) { Around::Nothing } else { Around::Transaction };
        let taken: BTreeSet<&str> = files.iter().map(|(path, _): &(String, String)| path.as_str()).collect();
        let next = history.next(&taken, around, &slug(&step.title)).ok_or_else(|| {
            Failure::new(format!("migrations of {} are more than files of SQL", history.layout.name()))
                .hint("See the statements: palladio migrate plan A B --sql")
        })?;
        let down = history.down(&next.path);
        let (up, undo) = (up(step), undo(step));
        // Tools with sections keep the undo behind the last line of what they write around.
        let section = if matches!(history.layout, Layout::Dbmate | Layout::Goose) { undo.as_str() } else { "" };
        files.push((next.path.clone(), format!("{}{up}{}{section}", next.before, next.after)));
        files.extend(down.map(|down| (down, undo)));
        history.last = next.path;
    }
    Ok(files)
}

fn up(step: &PlannedStep) -> String {
    let mut out = format!("-- {} ({}): {}\n", step.phase.name(), step.cost.name(), step.title);
    match &step.work {
        // Outside a transaction the statement has to stand alone.
        Work::Alone { statement, .. } => out += &format!("{statement}\n"),
        Work::Together(statements) => {
            out += "SET lock_timeout = '2s';\n";
            // What is not done at once waits for something that nobody thought of.
            let timeout = if step.cost == Cost::Instant { "'1min'" } else { "0" };
            out += &format!("SET statement_timeout = {timeout};\n");
            statements.iter().for_each(|statement| out += &format!("{statement}\n"));
        }
        Work::Backfill(backfill) => {
            let set: Vec<String> = backfill
                .set
                .iter()
                .map(|(column, value)| format!("{} = {value}", model::name::quoted(column)))
                .collect();
            out += "-- On a large table run it in batches: palladio migrate run does\n";
            out += &format!("UPDATE {} SET {} WHERE {};\n", backfill.table, set.join(", "), backfill.condition);
        }
        Work::Deploy => {}
    }
    out
}

fn undo(step: &PlannedStep) -> String {
    match &step.undo {
        Undo::Together(statements) => statements.iter().map(|statement| format!("{statement}\n")).collect(),
        Undo::Alone(statement) => format!("{statement}\n"),
        Undo::Nothing => "-- There is nothing to take back\n".to_owned(),
        Undo::Lost(why) => format!("-- It cannot be taken back: {why}\n"),
    }
}

/// `add column orders.note` becomes `add_column_orders_note`.
fn slug(title: &str) -> String {
    const LONGEST: usize = 48;
    let mut out = String::new();
    for letter in title.chars().map(|letter| letter.to_ascii_lowercase()) {
        match letter.is_ascii_alphanumeric() {
            true => out.push(letter),
            false if !out.ends_with('_') && !out.is_empty() => out.push('_'),
            false => {}
        }
        if out.len() >= LONGEST {
            break;
        }
    }
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_of_files() {
        assert_eq!(slug("add column orders.note"), "add_column_orders_note");
        assert_eq!(slug("\"Ä\" takes no more NULL"), "takes_no_more_null");
    }
}
