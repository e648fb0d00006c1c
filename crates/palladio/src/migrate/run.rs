//! `migrate run`, `status`, `undo`: a plan from its file, and what is said about its steps.

pub mod folder;
pub mod many;
pub mod targets;

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use live::run::history::{Ran, Script};
use live::run::{Entry, Outcome, State, Status};
use model::planned::{Planned, PlannedStep, Work};
use model::step::Layout;
use report::count::{counted, number};
use report::planned::Origin;

use crate::{Failure, files};

/// The plan in a file.
pub fn load(path: &Path) -> Result<Planned, Failure> {
    Ok(load_with_origin(path)?.0)
}

/// The plan in a file, and what it was made of.
pub fn load_with_origin(path: &Path) -> Result<(Planned, Option<Origin>), Failure> {
    let shown = files::shown(path);
    let bytes = std::fs::read(path).map_err(|cause| Failure::new(format!("{shown} cannot be read: {cause}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(format!("{shown} is no text")))?;
    report::planned::read(&text).map_err(|said| {
        Failure::new(format!("{shown} is no plan: {said}")).hint("Make one: palladio migrate plan A B -o plan.json")
    })
}

/// What a run would do, statement by statement. Nothing is run.
pub fn dry(plan: &Planned, status: &Status) -> String {
    let mut out = String::new();
    let say = |out: &mut String, line: &str| writeln!(out, "{line}").expect("a string takes it");
    for (index, step) in plan.steps.iter().enumerate() {
        let state = status.entries.get(&(index + 1)).map(|entry| entry.state);
        if state == Some(State::Done) {
            continue;
        }
        say(&mut out, &format!("-- {} {}: {}", index + 1, step.phase.name(), step.title));
        match &step.work {
            Work::Together(statements) => {
                say(&mut out, "BEGIN;");
                statements.iter().for_each(|statement| say(&mut out, &ended(statement)));
                say(&mut out, "COMMIT;");
            }
            Work::Alone { statement, .. } => say(&mut out, &ended(statement)),
            Work::Backfill(backfill) => {
                say(&mut out, "-- in batches, in the order of the key");
                say(&mut out, &format!("{};", backfill.statement()));
            }
            Work::Deploy => say(&mut out, "-- the application is deployed"),
        }
        out.push('\n');
    }
    if out.is_empty() { "Nothing is left to run.\n".to_owned() } else { out }
}

fn ended(statement: &str) -> String {
    format!("{};", statement.trim_end().trim_end_matches(';'))
}

/// The migrations of a folder that are not applied yet, as they would be sent.
pub fn pending(scripts: &[&Script]) -> String {
    let mut out = String::new();
    for script in scripts {
        writeln!(out, "-- {}", script.file).expect("a string takes it");
        for step in &script.plan.steps {
            match &step.work {
                Work::Together(statements) => {
                    let statements: Vec<String> = statements.iter().map(|statement| ended(statement)).collect();
                    writeln!(out, "BEGIN;\n{}\nCOMMIT;", statements.join("\n")).expect("a string takes it");
                }
                Work::Alone { statement, .. } => writeln!(out, "{}", ended(statement)).expect("a string takes it"),
                Work::Backfill(_) | Work::Deploy => {}
            }
        }
        out.push('\n');
    }
    if out.is_empty() { "Nothing is pending.\n".to_owned() } else { out }
}

/// How many migrations of a folder are applied, and which are not.
pub fn waiting(name: &str, all: usize, pending: &[&Script]) -> String {
    let mut out = String::new();
    let applied = all - pending.len();
    writeln!(out, "{name}: {applied} of {} applied", counted(all, "migration")).expect("a string takes it");
    for script in pending {
        writeln!(out, "  pending  {}", script.file).expect("a string takes it");
    }
    out
}

/// What a run of a folder came to.
pub fn applied(name: &str, layout: Layout, ran: &Ran) -> String {
    let mut out = String::new();
    let (now, before) = (counted(ran.now.len(), "migration"), ran.before);
    writeln!(out, "{name}: {now} applied as {} would, {before} before", layout.name()).expect("a string takes it");
    if let Some(stopped) = &ran.stopped {
        writeln!(out, "Stopped at {stopped}. Nothing is lost; the same command goes on there.").expect("it does");
    }
    out
}

/// The steps with what is known of each.
pub fn table(plan: &Planned, status: &Status) -> String {
    let mut out = format!("{}  (plan {})\n", plan.title, status.id);
    let done = |number: usize| status.entries.get(&number).is_some_and(|entry| entry.state == State::Done);
    let next = (1..=plan.steps.len()).find(|number| !done(*number));
    for (index, step) in plan.steps.iter().enumerate() {
        let entry = status.entries.get(&(index + 1));
        let state = match entry {
            Some(entry) => entry.state.name(),
            None if next == Some(index + 1) => "next",
            None => "",
        };
        let line =
            format!("{:>3}  {:<10} {:<9} {}", index + 1, step.phase.name(), state, step.title).trim_end().to_owned();
        writeln!(out, "{line}").expect("a string takes it");
        if let Some(more) = entry.and_then(|entry| detail(step, entry)) {
            writeln!(out, "{:26}{more}", "").expect("a string takes it");
        }
    }
    if status.finished {
        out += "Done: the database has the planned shape.\n";
    } else if let Some(next) = next {
        let count = (1..=plan.steps.len()).filter(|number| done(*number)).count();
        writeln!(out, "{count} of {} done; next is {next}", counted(plan.steps.len(), "step")).expect("it does");
    }
    if let Some(who) = &status.running {
        writeln!(out, "Running now: {who}").expect("a string takes it");
    }
    out
}

fn detail(step: &PlannedStep, entry: &Entry) -> Option<String> {
    let Work::Backfill(_) = step.work else { return None };
    let count = |rows: i64| number(usize::try_from(rows).unwrap_or(0));
    Some(format!("{} rows changed, {} looked at", count(entry.changed), count(entry.seen)))
}

/// Where the run ended, and how to go on. `again` is what to type for it, without its options.
pub fn ended_at(plan: &Planned, outcome: &Outcome, again: &str) -> String {
    let step = |number: usize| &plan.steps[number - 1];
    match outcome {
        Outcome::Reached => "Done: the database has the planned shape.\n".to_owned(),
        Outcome::NothingToDo => "Nothing to do: every step was run before.\n".to_owned(),
        Outcome::Deploy(number) => {
            let after = step(*number).after.as_ref().map_or_else(String::new, |after| format!("  {after}\n"));
            let release = plan.steps[*number..].iter().map(|step| step.release).next().unwrap_or(step(*number).release);
            format!(
                "Stopped before step {number}: {}\n{after}When that is deployed everywhere: {again} --release {release}\n",
                step(*number).title,
            )
        }
        Outcome::Paused(number) => format!("Stopped before step {number}, {}, as asked.\n", step(*number).title),
        Outcome::Stopped(number) => {
            format!("Stopped at step {number}, {}. Nothing is lost; go on: {again}\n", step(*number).title)
        }
    }
}

/// `to` of an undo: a number, the name of a phase (it stays), or `start`.
pub fn last_kept(plan: &Planned, word: &str) -> Result<usize, Failure> {
    if word == "start" {
        return Ok(0);
    }
    if let Some(phase) = model::planned::Phase::named(word) {
        // A later release may have the same phase again: the first end of it counts.
        let first = plan.steps.iter().position(|step| step.phase == phase);
        let rest = first.map(|first| plan.steps[first..].iter().take_while(|step| step.phase == phase).count());
        return match (first, rest) {
            (Some(first), Some(rest)) => Ok(first + rest),
            _ => Err(Failure::new(format!("the plan has no phase {word}"))),
        };
    }
    let number = word.parse().ok().filter(|number| *number <= plan.steps.len());
    number.ok_or_else(|| {
        Failure::new(format!("`{word}` is no step of the plan"))
            .hint(format!("One of 0 to {}, a phase, or start", plan.steps.len()))
    })
}

/// How far one of many databases is.
pub fn in_a_line(plan: &Planned, status: &Status) -> String {
    let done = |number: &usize| status.entries.get(number).is_some_and(|entry| entry.state == State::Done);
    let of = plan.steps.len();
    match (1..=of).find(|number| !done(number)) {
        None if status.finished => "done".to_owned(),
        None => "every step is done; its shape was not looked at".to_owned(),
        Some(1) if status.entries.is_empty() => "not begun".to_owned(),
        Some(next) => {
            format!("{} of {of} done; next is {next}, {}", (1..=of).filter(done).count(), plan.steps[next - 1].title)
        }
    }
}

/// `2s`, `500ms`, `10m`, `1h`
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    let count: u64 = text[..digits].parse().map_err(|_| "a number with ms, s, m or h, like 2s".to_owned())?;
    let milliseconds = match &text[digits..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("a number with ms, s, m or h, like 2s".to_owned()),
    };
    count.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(|| "too long".to_owned())
}

/// `0.4 s`, `12 s`, `3 min`, `2 h 5 min`
pub fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        assert!(duration("10").is_err() && duration("s").is_err() && duration("99999999999999999999s").is_err());
        assert!(duration("9999999999999999999h").is_err());
        let shown = [400, 12_345, 180_000, 7_500_000].map(|ms| spoken(Duration::from_millis(ms)));
        assert_eq!(shown, ["0.4 s", "12 s", "3 min", "2 h 5 min"]);
    }
}
