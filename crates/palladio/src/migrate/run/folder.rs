//! A folder of migrations that somebody wrote: its statements, grouped as the tool would send them.

use std::path::Path;

use live::prove::history::Piece;
use live::run::history::Script;
use model::dialect::Version;
use model::planned::{Cost, Fingerprint, Phase, Planned, PlannedStep, Undo, Work};
use model::reading::SourceKind;
use model::step::{Action, Layout, Maintenance, Transaction};
use model::{Change, Kind, Migration, QName, Reading, Step};
use read::Options;
use read::sql::postgres::sendable;

use crate::sources::{self, Request};
use crate::{Failure, files};

/// The one history in a folder.
#[derive(Debug)]
pub struct Folder {
    pub layout: Layout,
    pub scripts: Vec<Script>,
}

pub fn load(folder: &Path, source: &Path) -> Result<Folder, Failure> {
    let (reading, layout) = read(folder, source, Version(17, 0))?;
    let ups = reading.migrations.iter().filter(|migration| !migration.down);
    let scripts: Result<Vec<Script>, Failure> = ups.map(|up| script(folder, source, &reading, up)).collect();
    let mut scripts = scripts?;
    if layout == Layout::Drizzle {
        let journal = std::fs::read_to_string(folder.join(source).join("meta/_journal.json")).unwrap_or_default();
        scripts.iter_mut().for_each(|script| script.when = when(&journal, &script.name));
    }
    Ok(Folder { layout, scripts })
}

/// What is in a folder that holds one history.
pub(crate) fn read(folder: &Path, source: &Path, version: Version) -> Result<(Reading, Layout), Failure> {
    let shown = files::shown(source);
    let exclude = sources::globs(&[])?;
    let named = [shown.clone()];
    let request =
        Request { folder, sources: &named, exclude: &exclude, root: folder, stdin_filename: "stdin.sql", logs: false };
    let inputs = sources::load(folder, &sources::find(&request)?)?;
    let reading = read::read(inputs, &Options { version, unreleased: None });
    let mut layouts = reading.found.iter().filter_map(|found| match found.kind {
        SourceKind::Migrations(layout) => Some(layout),
        _ => None,
    });
    match (layouts.next(), layouts.next()) {
        (Some(layout), None) => Ok((reading, layout)),
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("{shown} holds several histories")).hint("Name the folder of one of them"))
        }
        (None, _) => Err(Failure::new(format!("{shown} is neither a plan nor a folder of migrations"))),
    }
}

impl Folder {
    /// The same files, when the database says that they belong to another tool than they look like.
    #[must_use]
    pub fn of(mut self, layout: Layout) -> Folder {
        if self.layout == Layout::Numbered && layout == Layout::Sqlx {
            self.scripts.iter_mut().for_each(as_one);
        }
        self.layout = layout;
        self
    }
}

/// sqlx sends a file as one transaction, unless its first line says otherwise.
fn as_one(script: &mut Script) {
    if script.bytes.starts_with(b"-- no-transaction") {
        return;
    }
    let steps = std::mem::take(&mut script.plan.steps);
    let statements: Vec<String> = steps.iter().flat_map(|step| step.work.statements()).map(str::to_owned).collect();
    script.plan.steps = steps
        .into_iter()
        .take(1)
        .map(|step| PlannedStep { work: Work::Together(statements.clone()), ..step })
        .collect();
}

/// What drizzle-kit's journal says of a migration.
fn when(journal: &str, name: &str) -> Option<i64> {
    let journal: serde_json::Value = serde_json::from_str(journal).ok()?;
    let mut entries = journal["entries"].as_array()?.iter();
    entries.find(|entry| entry["tag"].as_str() == Some(name))?["when"].as_i64()
}

fn script(folder: &Path, source: &Path, reading: &Reading, migration: &Migration) -> Result<Script, Failure> {
    let path = reading.sources.file(migration.place.file).path.to_string();
    let bytes =
        std::fs::read(folder.join(&path)).map_err(|cause| Failure::new(format!("{path} cannot be read: {cause}")))?;
    let below = Path::new(&path).strip_prefix(source.strip_prefix("./").unwrap_or(source)).map(files::shown);
    let steps = grouped(reading, migration)?;
    let none = Fingerprint(0);
    let name = migration.name.to_string();
    let plan = Planned { title: name.clone(), version: Version(0, 0), from: none, to: none, steps };
    Ok(Script { name, file: below.unwrap_or(path), bytes, when: None, plan })
}

/// The statements that are sent: what stands inside of one runs with it.
fn sent(migration: &Migration) -> Vec<&Step> {
    let mut sent: Vec<&Step> = Vec::new();
    for step in &migration.steps {
        let inside = |done: &&Step| {
            let (done, own) = (done.place, step.place);
            done.file == own.file && done.start <= own.start && own.end <= done.end
        };
        if !sent.last().is_some_and(inside) {
            sent.push(step);
        }
    }
    sent
}

/// Each statement by itself, with what is known of it; one that cannot be sent says why.
pub(crate) fn pieces(reading: &Reading, migration: &Migration) -> Vec<Piece> {
    let own = sent(migration).into_iter().filter(|step| !matches!(step.action, Action::Begin | Action::Commit));
    own.map(|step| {
        let line = reading.sources.position(step.place).line;
        Piece {
            text: text(reading, step).map_err(str::to_owned),
            at: format!("{}:{line}", reading.sources.file(step.place.file).path),
            transaction: match step.transaction {
                Transaction::None => None,
                Transaction::Tool(number) => Some(2 * number),
                Transaction::Explicit(number) => Some(2 * number + 1),
            },
            table: step.changes.first().map(|change| change.path().qname()).or_else(|| maintained(step)),
        }
    })
    .collect()
}

fn maintained(step: &Step) -> Option<QName> {
    match &step.action {
        Action::Maintain { target: Some(path), .. } => Some(path.qname()),
        _ => None,
    }
}

/// What is sent together, and what by itself.
fn grouped(reading: &Reading, migration: &Migration) -> Result<Vec<PlannedStep>, Failure> {
    let mut steps: Vec<PlannedStep> = Vec::new();
    let mut open: Option<Transaction> = None;
    for step in sent(migration) {
        if matches!(step.action, Action::Begin | Action::Commit) {
            open = None;
            continue;
        }
        let text = statement(reading, step)?;
        let together = step.transaction.is_open().then_some(step.transaction);
        match steps.last_mut().map(|last| &mut last.work) {
            Some(Work::Together(statements)) if together.is_some() && open == together => statements.push(text),
            _ => steps.push(planned(step, text)),
        }
        open = together;
    }
    Ok(steps)
}

fn planned(step: &Step, text: String) -> PlannedStep {
    let by_itself = !step.transaction.is_open() && stands_alone(step);
    let title = text.lines().next().unwrap_or_default().to_owned();
    let work = if by_itself { Work::Alone { statement: text, index: built(step) } } else { Work::Together(vec![text]) };
    PlannedStep {
        release: 1,
        phase: Phase::Expand,
        title,
        work,
        locks: Vec::new(),
        // Nobody has said how long it takes.
        cost: Cost::Scan,
        undo: Undo::Nothing,
        after: None,
    }
}

/// What the server refuses in a transaction, or what may end one itself.
fn stands_alone(step: &Step) -> bool {
    let cluster = |change: &Change| matches!(change.path().kind, Kind::Database | Kind::Tablespace);
    step.how.concurrently
        || step.changes.iter().any(cluster)
        || match &step.action {
            Action::Maintain { what, .. } => *what != Maintenance::Analyze && *what != Maintenance::RefreshView,
            Action::Do { .. } | Action::Call(_) | Action::Unknown | Action::Other(_) => true,
            _ => false,
        }
}

/// The index that is built beside others' work.
fn built(step: &Step) -> Option<QName> {
    let made = step.changes.iter().find_map(|change| match change {
        Change::Create { path, .. } if path.kind == Kind::Index => Some(path),
        _ => None,
    });
    made.filter(|_| step.how.concurrently).map(|path| QName { schema: path.schema.clone(), name: path.part.clone() })
}

fn statement(reading: &Reading, step: &Step) -> Result<String, Failure> {
    let position = reading.sources.position(step.place);
    let at = || format!("{}:{}", reading.sources.file(step.place.file).path, position.line);
    text(reading, step).map_err(|what| {
        Failure::new(format!("{}: {what}", at())).hint("Run this migration with its own tool, then the rest from here")
    })
}

/// As it is sent; or why it is not.
fn text(reading: &Reading, step: &Step) -> Result<String, &'static str> {
    match step.action {
        Action::Copy { from: true, .. } => return Err("data behind COPY is not run from here"),
        Action::Rollback => return Err("a migration that rolls itself back is not run from here"),
        _ => {}
    }
    let sendable = sendable(reading.sources.text(step.place));
    if sendable.templated {
        return Err("its tool replaces a part of this statement before it is sent");
    }
    Ok(sendable.text.trim().trim_end_matches(';').trim_end().to_owned())
}
