//! `migrate prove`: a plan on a private server, with rows.

use std::collections::BTreeSet;

use live::lab::Options;
use live::prove::{Asked, Database, Kept, Proof, Stage, Subject};
use live::{Client, Lab};
use migrate::diff::{Owners, Rename, Settings, diff, replaced_columns};
use model::object::Object;
use model::planned::{Planned, Undo, Work};
use model::query::Origin;
use model::{Kind, LockMode, Name, Path, QName, Reading, Schema};
use report::count::{counted, number};

use crate::Failure;
use crate::diff::{Sides, roles};

/// Rehearses the plan of the two sides.
pub fn prove(sides: &Sides, plan: &Planned, fills: &[String], rows: u32) -> Result<Proof, Failure> {
    let version = sides.settings.version.0;
    let lab = Lab::start(&Options::version(version)).or_else(|_| Lab::start(&Options::default()))?;
    let mut rehearsal = Rehearsal { lab };
    for database in [Database::Rehearsal, Database::Target] {
        rehearsal.lab.create_database(name(database))?;
    }
    let mut client = rehearsal.open(Database::Target)?;
    for role in roles(&sides.before).into_iter().chain(roles(&sides.after)) {
        // The same role may be on both sides.
        let _ = client.batch_execute(&format!("CREATE ROLE {}", model::name::quoted(&role)));
    }
    drop(client);
    let scripts = [&sides.before, &sides.after].map(write::sql::postgres::schema);
    let subject = Subject {
        plan,
        before: &sides.before,
        scripts: [&scripts[0], &scripts[1]],
        rows,
        without: gone(sides),
        kept: kept(sides, fills),
        queries: [asked(&sides.readings[0]), asked(&sides.readings[1])],
    };
    let settings =
        Settings { renames: Vec::new(), owners: Owners::Ignored, privileges: true, version: sides.settings.version };
    let differences = |one: &Schema, other: &Schema| {
        let found = diff(one, other, &settings);
        let left = found.left.iter().map(|path| format!("{} {path}", path.kind.sql().to_lowercase()));
        found.statements(one).into_iter().chain(left).collect()
    };
    Ok(live::prove::prove(&subject, &mut rehearsal, &differences)?)
}

/// Values of enums that are taken away: a row that has one stops the migration, unless it is told what becomes of it.
pub fn gone(sides: &Sides) -> BTreeSet<(QName, Name)> {
    let mut found = BTreeSet::new();
    for old in sides.before.enums() {
        let Some(Object::Enum(new)) = sides.after.object(&Path::object(Kind::Enum, &old.name)) else { continue };
        let renamed = |value: &Name| {
            sides.settings.renames.iter().any(|rename| matches!(rename, Rename::Value { from, .. } if from == value))
        };
        let lost = old.values.iter().filter(|value| !new.values.contains(value) && !renamed(value));
        found.extend(lost.map(|value| (old.name.clone(), value.clone())));
    }
    found
}

struct Rehearsal {
    lab: Lab,
}

impl Stage for Rehearsal {
    fn open(&mut self, database: Database) -> Result<Client, live::Error> {
        self.lab.connect(name(database))
    }
}

fn name(database: Database) -> &'static str {
    match database {
        Database::Rehearsal => "rehearsal",
        Database::Target => "target",
    }
}

/// The queries that stand in files: the application asks them.
fn asked(reading: &Reading) -> Vec<Asked> {
    let of_files = reading.queries.iter().filter(|found| found.origin == Origin::File);
    let asked = of_files.map(|found| {
        let file = reading.sources.file(found.place.file);
        let line = file.position(found.place.start).line;
        let name = found.name.as_ref().map_or_else(|| format!("{}:{line}", file.path), ToString::to_string);
        Asked { name, sql: reading.sources.text(found.place).trim_end_matches(';').to_owned() }
    });
    asked.collect()
}

/// Columns of both sides with one type, renames followed; those that the user fills get new values.
fn kept(sides: &Sides, fills: &[String]) -> Vec<Kept> {
    let renamed_table = |name: &QName| {
        let found = sides.settings.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to } if from.kind == Kind::Table && from.qname() == *name => Some(to.qname()),
            _ => None,
        });
        found.unwrap_or_else(|| name.clone())
    };
    let renamed_column = |table: &QName, name: &Name| {
        let found = sides.settings.renames.iter().find_map(|rename| match rename {
            Rename::Object { from, to }
                if from.kind == Kind::Column && from.qname() == *table && from.part == *name =>
            {
                Some(to.part.clone())
            }
            _ => None,
        });
        found.unwrap_or_else(|| name.clone())
    };
    let replaced = replaced_columns(&sides.before, &sides.after, &sides.settings.renames);
    let mut kept = Vec::new();
    for table in sides.before.tables().filter(|table| table.partition_of.is_none() && table.foreign.is_none()) {
        let after = renamed_table(&table.name);
        for column in &table.columns {
            let name = renamed_column(&table.name, &column.name);
            let filled = fills.iter().any(|fill| fill.starts_with(&format!("{}.{name}=", after.name)));
            let same =
                sides.after.column(&after, &name).is_some_and(|new| new.ty == column.ty && new.generated.is_none());
            let replaced = replaced.contains(&Path::column(&table.name, column.name.clone()));
            if same && !filled && !replaced {
                kept.push(Kept { before: (table.name.clone(), column.name.clone()), after: (after.clone(), name) });
            }
        }
    }
    kept
}

/// The proof as text: a line for each step, and what was not as the plan says.
pub fn text(plan: &Planned, proof: &Proof, gone: &BTreeSet<(QName, Name)>) -> String {
    let mut out = String::new();
    let mut say = |line: String| {
        out += line.trim_end();
        out += "\n";
    };
    let (tables, rows) = (
        proof.filled.iter().filter(|(_, rows)| *rows > 0).count(),
        proof.filled.iter().map(|(_, rows)| rows).sum::<u64>(),
    );
    for (index, (step, proven)) in plan.steps.iter().zip(&proof.steps).enumerate() {
        if step.work == Work::Deploy {
            say(format!("{:>3}  {}", index + 1, step.title));
            continue;
        }
        let planned = |table: &QName| step.locks.iter().any(|(own, _)| own == table);
        let heavy = proven.locks.iter().filter(|(_, mode)| *mode > LockMode::RowExclusive);
        let strongest = heavy.max_by_key(|(table, mode)| (*mode, planned(table)));
        let lock = match strongest {
            Some((table, mode)) => format!("{} on {table}{}", mode.name(), blocked(*mode)),
            None => "locks nobody out".to_owned(),
        };
        let rewritten: Vec<String> = proven.rewritten.iter().map(ToString::to_string).collect();
        let rewritten =
            if rewritten.is_empty() { String::new() } else { format!(", writes {} anew", rewritten.join(", ")) };
        let undo = match (proven.undone, &step.undo) {
            (Some(true), _) => ", taken back",
            (Some(false), _) => ", not taken back",
            (None, Undo::Lost(_)) => ", no way back",
            (None, _) => "",
        };
        let mark = if proven.wrong.is_empty() { "ok" } else { "WRONG" };
        say(format!("{:>3}  {mark:<5} {}", index + 1, step.title));
        say(format!("           {lock}{rewritten}{undo}"));
        proven.wrong.iter().for_each(|wrong| say(format!("           {wrong}")));
    }
    proof.missed.iter().for_each(|missed| say(format!("not reached: {missed}")));
    proof.changed.iter().for_each(|changed| say(changed.clone()));
    let empty: Vec<String> =
        proof.filled.iter().filter(|(_, rows)| *rows == 0).map(|(table, _)| table.to_string()).collect();
    if !empty.is_empty() {
        say(format!("No rows were found for {}: what is said of rows does not speak of them", empty.join(", ")));
    }
    for (ty, value) in gone {
        say(format!("A row whose {ty} is '{value}' stops this: give it another value first"));
    }
    let about = format!(
        "{} of {}, {} unchanged",
        number(usize::try_from(rows).unwrap_or(usize::MAX)),
        counted(tables, "table"),
        counted(proof.kept, "column")
    );
    say(match proof.holds() {
        true => format!("proven on {}: target reached, every way back walked, rows {about}", proof.server),
        false => format!("not proven on {}; rows {about}", proof.server),
    });
    out
}

fn blocked(mode: LockMode) -> &'static str {
    match mode {
        mode if mode.blocks_reads() => "",
        mode if mode.blocks_writes() => ", reads go on",
        _ => ", reads and writes go on",
    }
}
