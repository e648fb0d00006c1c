//! Migrations that somebody wrote, rehearsed with rows: up with every lock watched, down to where it was, and up again.

use std::collections::BTreeSet;

use model::proven::{Down, Proven, Shown, Tried};
use model::{Name, QName, Schema};
use postgres::Client;

use super::walk::State;
use super::{Database, Differences, Stage, images, run};
use crate::rehearse::{lacks, provide_role};
use crate::sample::{self, Ahead};
use crate::trace::{Trace, Tracer};
use crate::{Error, Refusal};

/// One migration of a folder.
#[derive(Debug)]
pub struct Script<'a> {
    /// As its tool calls it.
    pub name: String,
    pub file: String,
    pub up: Vec<Piece>,
    /// The file that takes it back, and its statements.
    pub down: Option<(String, Vec<Piece>)>,
    /// As it was read, with what the scripts behind ask of the rows: they are made from these.
    pub before: &'a Ahead,
    pub after: &'a Ahead,
}

/// One statement of a file.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What is sent; or why it cannot be sent from here.
    pub text: Result<String, String>,
    /// `migrations/2_status.sql:4`
    pub at: String,
    /// Statements of one number run in one transaction.
    pub transaction: Option<u32>,
    /// What it is about: held back, so that its locks can be seen where it refuses to run in a transaction.
    pub table: Option<QName>,
}

/// Rehearses the scripts from this one on; those before it are only run.
pub fn prove(
    scripts: &[Script<'_>],
    first: usize,
    rows: u32,
    stage: &mut dyn Stage,
    differences: &Differences<'_>,
) -> Result<Proven, Error> {
    let mut client = stage.open(Database::Rehearsal)?;
    let mut observer = stage.open(Database::Rehearsal)?;
    client.batch_execute(run::SETTINGS)?;
    observer.batch_execute(run::SETTINGS)?;
    let mut proven = Proven { server: run::server(&mut client)?, ..Proven::default() };
    for script in &scripts[..first] {
        let steps = all(&script.up, [&mut client, &mut observer])?;
        if let Some(step) = steps.iter().find(|step| !step.holds()) {
            let why = step.wrong.first().or(step.untried.as_ref()).map_or("", String::as_str);
            let at = step.at.as_deref().unwrap_or(&script.file);
            proven.wrong.push(format!("{at}, before the first that was to be proven: {why}"));
            return Ok(proven);
        }
    }
    for (index, script) in scripts.iter().enumerate().skip(first) {
        let turn = u32::try_from(index - first).unwrap_or(u32::MAX);
        // What a script sets for its session is over with it.
        client.batch_execute(&format!("RESET ALL; {}", run::SETTINGS))?;
        // Rows of what was made since.
        proven.obeyed.extend(sample::fill_more(&mut client, script.before, rows, turn.saturating_mul(2))?);
        let (mut tried, goes_on) = one(
            script,
            (rows, turn.saturating_mul(2).saturating_add(1)),
            [&mut client, &mut observer],
            differences,
            &mut proven.compared,
        )?;
        let left = scripts.len() - index - 1;
        if !goes_on && left > 0 {
            tried.wrong.push(format!("what comes after it was not tried: {left} of {}", scripts.len() - first));
        }
        proven.migrations.push(tried);
        if !goes_on {
            break;
        }
    }
    if let Some(last) = scripts[first..].iter().take(proven.migrations.len()).next_back() {
        sample::fill_more(&mut client, last.after, rows, 2 * proven.migrations.len() as u32)?;
        proven.filled = sample::count(&mut client, &last.after.now)?;
    }
    Ok(proven)
}

fn one(
    script: &Script<'_>,
    (rows, turn): (u32, u32),
    [client, observer]: [&mut Client; 2],
    differences: &Differences<'_>,
    compared: &mut usize,
) -> Result<(Tried, bool), Error> {
    let was = State::of(client, &BTreeSet::new())?;
    let mut tried = Tried { name: script.name.clone(), file: Some(script.file.clone()), ..Tried::default() };
    tried.steps = all(&script.up, [client, observer])?;
    if !tried.steps.iter().all(Shown::holds) {
        return Ok((tried, false));
    }
    let Some((file, pieces)) = &script.down else {
        tried.notes.push("nothing takes it back".to_owned());
        return Ok((tried, true));
    };
    let now = State::of(client, &BTreeSet::new())?;
    // The way back has to go with rows in what is new as well.
    sample::fill_more(client, script.after, rows, turn)?;
    let steps = all(pieces, [client, observer])?;
    let done = steps.iter().all(Shown::holds);
    tried.down = Some(Down { file: file.clone(), steps });
    let back = State::of(client, &BTreeSet::new())?;
    let left = differences(&back.schema, &was.schema);
    if done && left.is_empty() {
        *compared += was.schema.tables().map(|table| table.columns.len()).sum::<usize>();
        let lost = images::apart(&was.rows, &back.rows);
        tried.notes.extend(lost.into_iter().map(|lost| format!("the way back leaves {lost}")));
        tried.notes.extend(fresh(&was.schema, &now.schema).into_iter().map(|own| format!("the way back drops {own}")));
    } else if !mend(client, &left, &was.schema, differences)? {
        let said = left.into_iter().filter(|_| done).map(|left| format!("the way back leaves {left}"));
        tried.wrong.extend(said);
        return Ok((tried, false));
    } else if done {
        tried.wrong.extend(left.into_iter().map(|left| format!("the way back leaves {left}")));
    }
    let again = all(&script.up, [client, observer])?;
    let goes_on = again.iter().all(Shown::holds);
    let refused = again.into_iter().flat_map(|step| step.wrong);
    tried.wrong.extend(refused.map(|said| format!("up once more: {said}")));
    Ok((tried, goes_on))
}

/// What the way back left is mended, so that the next one finds what it needs. Whether that could be done.
fn mend(client: &mut Client, left: &[String], was: &Schema, differences: &Differences<'_>) -> Result<bool, Error> {
    for statement in left {
        match client.batch_execute(statement) {
            Ok(()) => {}
            Err(error) => {
                Refusal::of(error)?;
                return Ok(false);
            }
        }
    }
    let is = State::of(client, &BTreeSet::new())?;
    Ok(differences(&is.schema, was).is_empty())
}

/// What is lost when it goes: tables and columns that were not there before.
fn fresh(was: &Schema, now: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    for table in now.tables().filter(|table| table.partition_of.is_none()) {
        let Some(old) = was.table(&table.name) else {
            found.push(format!("{} with its rows", table.name));
            continue;
        };
        let new = |name: &Name| old.column(name).is_none();
        let columns = table.columns.iter().filter(|column| new(&column.name) && column.generated.is_none());
        found.extend(
            columns.map(|column| format!("the values of {}.{}", table.name, model::name::quoted(&column.name))),
        );
    }
    found
}

/// Every statement, those of one transaction together. Behind one that is refused nothing is run.
fn all(pieces: &[Piece], [client, observer]: [&mut Client; 2]) -> Result<Vec<Shown>, Error> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        let length = match first.transaction {
            None => 1,
            own => rest.iter().take_while(|piece| piece.transaction == own).count(),
        };
        let (group, others) = rest.split_at(length);
        rest = others;
        let from = shown.len();
        let refused = match together(group, from, [client, observer], &mut shown)? {
            // A role that the platform has is made, and all is tried once more.
            Some(refusal) if provide_role(client, &refusal)? => {
                shown.truncate(from);
                together(group, from, [client, observer], &mut shown)?
            }
            refused => refused,
        };
        if refused.is_some() {
            break;
        }
    }
    Ok(shown)
}

fn together(
    group: &[Piece],
    from: usize,
    [client, observer]: [&mut Client; 2],
    shown: &mut Vec<Shown>,
) -> Result<Option<Refusal>, Error> {
    let mut tracer = Tracer::new(client, observer)?;
    let open = group.first().is_some_and(|piece| piece.transaction.is_some());
    if open {
        tracer.begin()?;
    }
    let mut made = BTreeSet::new();
    for (index, piece) in group.iter().enumerate() {
        let mut step =
            Shown { number: from + index + 1, at: Some(piece.at.clone()), title: title(piece), ..Shown::default() };
        let text = match &piece.text {
            Ok(text) => text,
            Err(why) => {
                step.untried = Some(why.clone());
                shown.push(step);
                continue;
            }
        };
        match tracer.run(text, piece.table.as_ref())? {
            Ok(trace) => see(&mut step, trace, &tracer, &mut made),
            Err(refusal) => {
                if open {
                    tracer.rollback()?;
                }
                match lacks(&refusal) {
                    Some(lacks) => step.untried = Some(format!("this server has no {lacks}")),
                    None => step.wrong.push(run::said(&refusal)),
                }
                shown.push(step);
                return Ok(Some(refusal));
            }
        }
        shown.push(step);
    }
    if open && let Err(error) = tracer.commit() {
        let refusal = Refusal::of(error)?;
        if let Some(last) = shown.last_mut() {
            last.wrong.push(format!("at its COMMIT: {}", run::said(&refusal)));
        }
        return Ok(Some(refusal));
    }
    Ok(None)
}

fn see(step: &mut Shown, trace: Trace, tracer: &Tracer<'_>, made: &mut BTreeSet<QName>) {
    let mut seen = run::Seen::default();
    seen.add(trace, tracer, made);
    (step.locks, step.rewritten, step.scanned) = (seen.locks, seen.rewritten, seen.scanned);
}

/// The statement in a line.
fn title(piece: &Piece) -> String {
    const LONGEST: usize = 66;
    let Ok(text) = &piece.text else { return "a statement that is not run from here".to_owned() };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some((end, _)) => format!("{} …", line[..end].trim_end()),
    }
}
