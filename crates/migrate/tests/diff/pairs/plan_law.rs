//! Plans of pairs, on real servers: run step by step as a runner would they lead to the second database, and from
//! everywhere back to the first, with rows in the tables where the pair has some.

use std::sync::atomic::{AtomicUsize, Ordering};

use live::{Client, Lab, testing};
use migrate::diff::diff;
use migrate::plan;
use model::Schema;
use model::planned::{PlannedStep, Undo};

use super::server_law::{Refused, kind, made, rest};
use super::{Pair, changed, number, read, rows, settings, sql};
use crate::plans::statements;
use crate::servers;

enum Outcome {
    Arrived,
    /// The rows do not fit into the second schema.
    RowsForbid,
    Wrong(String),
}

fn outcome(lab: &Lab, pair: &Pair, major: u16) -> Outcome {
    let names = [testing::database(lab), testing::database(lab), testing::database(lab)];
    let found = walked(lab, &names, pair, major);
    names.iter().for_each(|name| lab.drop_database(name).expect("a database can be dropped"));
    found
}

fn walked(lab: &Lab, [here, there, back]: &[String; 3], pair: &Pair, major: u16) -> Outcome {
    let open = |name: &String| lab.connect(name).expect("the lab answers");
    let (mut target, mut client) = (open(there), open(here));
    let (transaction, after) = made(&mut target, &sql::statements(&pair.after), &mut Refused::default());
    transaction.commit().expect("what was made stays");
    let (mut transaction, before) = made(&mut client, &sql::statements(&pair.before), &mut Refused::default());
    let rows = pair.rows && rows::fill(&mut transaction, pair);
    transaction.commit().expect("what was made stays");
    let (one, other) = match (read(&before, major), read(&after, major)) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(problem), _) | (_, Err(problem)) => return Outcome::Wrong(format!("not read: {problem}")),
    };
    let renames = pair.renamed(&one, &other);
    let images = if rows { rows::images(&mut client, &one, &other, &renames) } else { Vec::new() };
    let (first, wanted) = (servers::look(&mut client), servers::look(&mut target));
    drop((client, target));
    lab.drop_database(back).expect("a database can be dropped");
    lab.create_database_from(back, here).expect("a database can be copied");

    let difference = settings(major, renames);
    let found = diff(&one, &other, &difference);
    let settings = plan::Settings::new(difference);
    let plan = plan(&one, &other, &found, &settings);
    let shown = |done: &[String], words: &str| {
        Outcome::Wrong(format!("{words}\n{}\n{}", changed(&before, &after), done.join("\n")))
    };
    if let Some(path) = plan.left.first() {
        return shown(&[], &format!("no plan to {path}"));
    }
    let steps = &plan.planned.steps;
    let forth: Vec<String> = steps.iter().flat_map(|step| statements(&step.work)).collect();
    let mut client = open(here);
    if let Err((done, words, forbidden)) = run(&mut client, &forth) {
        return if rows && forbidden { Outcome::RowsForbid } else { shown(&forth[..done], &words) };
    }
    if let Some(words) = wrong(&mut client, &wanted, major).or_else(|| rows::changed(&mut client, &images)) {
        return shown(&forth, &words);
    }
    let there_and_back = there_and_back(steps);
    let mut client = open(back);
    if let Err((done, words, forbidden)) = run(&mut client, &there_and_back) {
        let words = format!("back: {words}");
        return if rows && forbidden { Outcome::RowsForbid } else { shown(&there_and_back[..done], &words) };
    }
    match wrong(&mut client, &first, major) {
        None => Outcome::Arrived,
        Some(words) => shown(&there_and_back, &format!("back: {words}")),
    }
}

/// Up to the first step that cannot be taken back, and back from there.
fn there_and_back(steps: &[PlannedStep]) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut undone: Vec<String> = Vec::new();
    for step in steps {
        let undo = match &step.undo {
            Undo::Together(statements) => statements.clone(),
            Undo::Alone(statement) => vec![statement.clone()],
            Undo::Nothing => Vec::new(),
            Undo::Lost(_) => break,
        };
        done.extend(statements(&step.work));
        undone.splice(0..0, undo);
    }
    done.into_iter().chain(undone).collect()
}

/// How far it came, what the server said, and whether that is because of the rows.
fn run(client: &mut Client, steps: &[String]) -> Result<(), (usize, String, bool)> {
    client.batch_execute("SET check_function_bodies = off").expect("a setting");
    for (at, step) in steps.iter().enumerate() {
        if let Err(error) = client.batch_execute(step) {
            let forbidden = error.code().is_some_and(|code| ["22", "23"].contains(&&code.code()[..2]));
            return Err((at + 1, servers::said(&error), forbidden));
        }
    }
    Ok(())
}

fn wrong(client: &mut Client, wanted: &Schema, major: u16) -> Option<String> {
    rest(&servers::look(client), wanted, major)
}

#[test]
fn plans_lead_there_and_back() {
    let start = number("PALLADIO_SEED", 0);
    let count = number("PALLADIO_PLANS", 25);
    let shrinks = number("PALLADIO_SHRINK", 4) as usize;
    let labs = servers::all();
    let (arrived, forbidden) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = servers::on_each(|lab| {
        let major = servers::major(lab);
        let place = labs.iter().position(|other| servers::major(other) == major).expect("it is one of them");
        let mut wrong: Vec<String> = Vec::new();
        for seed in (start..start + count).filter(|seed| *seed as usize % labs.len() == place) {
            let pair = Pair::of(seed, major);
            match outcome(lab, &pair, major) {
                Outcome::Arrived => {
                    arrived.fetch_add(1, Ordering::Relaxed);
                }
                Outcome::RowsForbid => {
                    forbidden.fetch_add(1, Ordering::Relaxed);
                }
                Outcome::Wrong(words) => {
                    let what = kind(&words);
                    let again = |pair: &Pair| match outcome(lab, pair, major) {
                        Outcome::Wrong(words) if kind(&words) == what => Some(words),
                        _ => None,
                    };
                    let words = match wrong.len() < shrinks {
                        true => again(&pair.shrunk(&mut |pair| again(pair).is_some())).unwrap_or(words),
                        false => words.lines().take(2).collect::<Vec<_>>().join("\n"),
                    };
                    println!("== seed {seed} on {major}: {words}");
                    wrong.push(format!("seed {seed} on {major}"));
                }
            }
        }
        wrong
    });
    println!(
        "{} of {count} plans led there and back, {} were forbidden by their rows",
        arrived.into_inner(),
        forbidden.into_inner()
    );
    assert!(wrong.is_empty(), "{} of {count}: {}", wrong.len(), wrong.join(", "));
}
