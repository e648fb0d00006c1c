//! On real servers: what the statements make of the first database looks as the second one does, also to `pg_dump`, and
//! the rows of tables and columns that stay are still there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use live::{Client, Lab, introspect_within, testing};
use migrate::diff::diff;
use model::Schema;
use postgres::Transaction;
use postgres::error::SqlState;

use super::script::Statement;
use super::{Pair, changed, number, read, rows, settings, sql, texts};
use crate::{dump, servers};

/// What came of a pair on a server.
enum Outcome {
    Arrived,
    /// The rows do not fit into the second schema, which a server says with these classes of errors.
    RowsForbid,
    Wrong(String),
}

/// What the server refused of the scripts: mistakes of the generator, to be few.
#[derive(Default)]
pub(super) struct Refused(Vec<String>);

/// How closely it is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Ours,
    /// With `pg_dump` as well, where it is at hand.
    Dumps,
}

fn outcome(lab: &Lab, client: &mut Client, pair: &Pair, major: u16, look_by: Look, refused: &mut Refused) -> Outcome {
    let (before, after) = (sql::statements(&pair.before), sql::statements(&pair.after));
    let (mut there, after) = made(client, &after, refused);
    let wanted = look(&mut there);
    there.rollback().expect("it goes back");

    let (mut here, before) = made(client, &before, refused);
    let (one, other) = match (read(&before, major), read(&after, major)) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(problem), _) | (_, Err(problem)) => return Outcome::Wrong(format!("not read: {problem}")),
    };
    let renames = pair.renamed(&one, &other);
    let rows = if pair.rows { rows::fill(&mut here, pair) } else { false };
    let images = if rows { rows::images(&mut here, &one, &other, &renames) } else { Vec::new() };
    let found = diff(&one, &other, &settings(major, renames));
    let statements = found.statements(&one);
    let shown =
        |done: usize, words: &str| format!("{words}\n{}\n{}", changed(&before, &after), statements[..done].join("\n"));
    if let Some(path) = found.left.first() {
        return Outcome::Wrong(shown(statements.len(), &format!("no way to {path}")));
    }
    here.batch_execute("SET LOCAL check_function_bodies = off").expect("a setting");
    for (at, statement) in statements.iter().enumerate() {
        if let Err(error) = here.batch_execute(statement) {
            let class = error.code().map_or("", |code| &code.code()[..2]).to_owned();
            if rows && (class == "22" || class == "23") {
                return Outcome::RowsForbid;
            }
            if error.code() == Some(&SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE) {
                // Only a transaction of its own makes the value usable, before 17 at least.
                drop(here);
                return match one_by_one(lab, [&before, &after], &statements, &wanted, major) {
                    None => Outcome::Arrived,
                    Some(words) => Outcome::Wrong(shown(statements.len(), &words)),
                };
            }
            return Outcome::Wrong(shown(at + 1, &servers::said(&error)));
        }
    }
    if let Some(words) = rest(&look(&mut here), &wanted, major) {
        return Outcome::Wrong(shown(statements.len(), &words));
    }
    if let Some(words) = rows::changed(&mut here, &images) {
        return Outcome::Wrong(shown(statements.len(), &words));
    }
    drop(here);
    let dumped =
        (look_by == Look::Dumps).then(|| one_by_one(lab, [&before, &after], &statements, &wanted, major)).flatten();
    dumped.map_or(Outcome::Arrived, |words| Outcome::Wrong(shown(statements.len(), &words)))
}

/// What still leads from one to the other.
pub(super) fn rest(reached: &Schema, wanted: &Schema, major: u16) -> Option<String> {
    let rest = diff(reached, wanted, &settings(major, Vec::new()));
    let mut words: Vec<String> = rest.statements(reached);
    words.extend(rest.left.iter().map(|path| format!("no way to {path}")));
    (!words.is_empty()).then(|| format!("still: {}", words.join("\n  ")))
}

/// The same in databases that stay until they were dumped, each statement for itself; what is wrong then.
fn one_by_one(
    lab: &Lab,
    [before, after]: [&[String]; 2],
    statements: &[String],
    wanted: &Schema,
    major: u16,
) -> Option<String> {
    let names = [testing::database(lab), testing::database(lab)];
    let [mut here, mut there] = [0, 1].map(|at| lab.connect(&names[at]).expect("the lab answers"));
    let mut wrong = [(&mut here, before), (&mut there, after)]
        .into_iter()
        .find_map(|(client, script)| servers::run(client, &script.join("\n")).err());
    for statement in statements {
        if wrong.is_none() {
            let run = servers::run(&mut here, &format!("SET check_function_bodies = off; {statement}"));
            wrong = run.err().map(|error| format!("{error}: {statement}"));
        }
    }
    let wrong = wrong.or_else(|| rest(&servers::look(&mut here), wanted, major)).or_else(|| {
        let lines = if servers::dumps(lab) { dump::differences(lab, &names[0], &names[1]) } else { Vec::new() };
        (!lines.is_empty()).then(|| format!("dumped: {}", lines.join("\n  ")))
    });
    drop((here, there));
    names.iter().for_each(|name| lab.drop_database(name).expect("a database can be dropped"));
    wrong
}

fn look(transaction: &mut Transaction<'_>) -> Schema {
    introspect_within(transaction).expect("the database can be looked at").schema
}

/// Begins a transaction and runs the statements in it, without what the server refuses. They run at its own level and
/// not below a savepoint: a new value of an enum may be used where the enum itself is of the same transaction.
pub(super) fn made<'c>(
    client: &'c mut Client,
    statements: &[Statement],
    refused: &mut Refused,
) -> (Transaction<'c>, Vec<String>) {
    let mut transaction = client.transaction().expect("a transaction begins");
    let all = texts(statements);
    if transaction.batch_execute(&all.join("\n")).is_ok() {
        return (transaction, all);
    }
    transaction.batch_execute("ROLLBACK; BEGIN").expect("it begins anew");
    let kept = accepted(&mut transaction, statements, refused);
    transaction.batch_execute("ROLLBACK; BEGIN").expect("it begins anew");
    transaction.batch_execute(&kept.join("\n")).expect("the server took each of them");
    (transaction, kept)
}

/// The statements that the server takes.
fn accepted(transaction: &mut Transaction<'_>, statements: &[Statement], refused: &mut Refused) -> Vec<String> {
    let mut kept = Vec::new();
    for statement in statements.iter().filter(|statement| statement.sql.len() > 1) {
        let mut one = transaction.transaction().expect("a savepoint");
        match one.batch_execute(&statement.sql) {
            Ok(()) => {
                one.commit().expect("it stays");
                kept.push(statement.sql.clone());
            }
            Err(error) => refused.0.push(format!("{}: {}", servers::said(&error), statement.sql)),
        }
    }
    kept
}

/// One pair of ten is dumped as well, on the servers that can be: it takes as long as ten others.
fn look_at(lab: &Lab, seed: u64) -> Look {
    let able = servers::all().iter().filter(|lab| servers::dumps(lab)).count();
    let of = (10 * able / servers::all().len()).max(1) as u64;
    match servers::dumps(lab) && (seed / servers::all().len() as u64).is_multiple_of(of) {
        true => Look::Dumps,
        false => Look::Ours,
    }
}

#[test]
fn the_statements_lead_to_the_second_database() {
    let labs = servers::all();
    let start = number("PALLADIO_SEED", 0);
    let count = number("PALLADIO_PAIRS", 60);
    let began = Instant::now();
    let [arrived, without_rows, dumped] = [(); 3].map(|()| AtomicUsize::new(0));
    let (wrong, refused) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let walk = |place: usize, lab: &Lab| {
        let major = servers::major(lab);
        let mut room = Room::new(lab);
        let mut own = Refused::default();
        for seed in (start..start + count).filter(|seed| *seed as usize % labs.len() == place) {
            let mut pair = Pair::of(seed, major);
            let by = look_at(lab, seed);
            let mut found = outcome(lab, room.client(), &pair, major, by, &mut own);
            if matches!(found, Outcome::RowsForbid) {
                // No difference can help it; the way without them is still to be shown.
                without_rows.fetch_add(1, Ordering::Relaxed);
                pair.rows = false;
                found = outcome(lab, room.client(), &pair, major, by, &mut own);
            }
            let Outcome::Wrong(words) = found else {
                arrived.fetch_add(1, Ordering::Relaxed);
                dumped.fetch_add(usize::from(by == Look::Dumps), Ordering::Relaxed);
                continue;
            };
            let count = wrong.lock().map_or(0, |wrong| wrong.len());
            let words = match count < number("PALLADIO_SHRINK", 10) as usize {
                true => {
                    let what = kind(&words);
                    let by = if what.starts_with("dumped") { Look::Dumps } else { Look::Ours };
                    let mut again =
                        |pair: &Pair| match outcome(lab, room.client(), pair, major, by, &mut Refused::default()) {
                            Outcome::Wrong(words) if kind(&words) == what => Some(words),
                            _ => None,
                        };
                    let small = pair.shrunk(&mut |pair| again(pair).is_some());
                    again(&small).unwrap_or(words)
                }
                false => words.lines().take(2).collect::<Vec<_>>().join("\n"),
            };
            // Said at once: a run of thousands takes its time.
            println!("== seed {seed} on {major}: {words}");
            wrong.lock().expect("nobody panics").push(format!("seed {seed} on {major}"));
        }
        refused.lock().expect("nobody panics").extend(own.0);
    };
    std::thread::scope(|scope| {
        for (place, lab) in labs.iter().enumerate() {
            scope.spawn(move || walk(place, lab));
        }
    });
    let (wrong, refused) = (wrong.into_inner().expect("nobody panics"), refused.into_inner().expect("nobody panics"));
    let [arrived, without_rows, dumped] = [arrived, without_rows, dumped].map(AtomicUsize::into_inner);
    println!(
        "{arrived} of {count} pairs arrived in {:.0} s ({dumped} of them dumped alike, {without_rows} without the rows \
         that their second schema forbids)",
        began.elapsed().as_secs_f64()
    );
    println!("refused by the servers, of what was generated: {}", refused.len());
    if std::env::var_os("PALLADIO_REFUSED").is_some() {
        println!("{}", refused.join("\n"));
    }
    assert!(wrong.is_empty(), "{} of {count}: {}", wrong.len(), wrong.join(", "));
}

/// What is wrong, without names: `cannot drop x because y depends on it` is one kind.
pub(super) fn kind(words: &str) -> String {
    let line = words.lines().next().unwrap_or("");
    let mut kind = String::new();
    let mut quoted = false;
    for letter in line.chars() {
        quoted ^= letter == '"';
        if !quoted && !letter.is_ascii_digit() {
            kind.push(letter);
        }
    }
    kind.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
}

/// A database that is used again: each pair takes back what it did. Rows that are gone stay in its catalogs, so that it
/// is made anew now and then.
struct Room<'a> {
    lab: &'a Lab,
    name: String,
    client: Option<Client>,
    uses: u32,
}

impl<'a> Room<'a> {
    fn new(lab: &'a Lab) -> Room<'a> {
        Room { lab, name: testing::database(lab), client: None, uses: 0 }
    }

    fn client(&mut self) -> &mut Client {
        self.uses += 1;
        if self.uses.is_multiple_of(150) {
            self.client = None;
            self.lab.drop_database(&self.name).expect("a database can be dropped");
            self.name = testing::database(self.lab);
        }
        let (lab, name) = (self.lab, &self.name);
        self.client.get_or_insert_with(|| lab.connect(name).expect("the lab answers"))
    }
}
