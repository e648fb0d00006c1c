//! Migrations that somebody wrote, run as their own tool would run them, and written into that tool's table.
//!
//! A migration that is one transaction has its row in the same one. What cannot be one transaction is marked before,
//! as the tool does, and each of its statements is kept in the books, so that it is taken up where it ended.

mod dbmate;
mod diesel;
mod drizzle;
mod flyway;
mod golang_migrate;
mod goose;
mod prisma;
mod sqlx;

use std::time::{Duration, Instant};

use model::name::PUBLIC;
use model::planned::{Planned, Work};
use model::step::Layout;
use postgres::Client;

use super::book::Book;
use super::event::{Event, Watch};
use super::halt::{self, Halt};
use super::session::Session;
use super::{Job, Options, take, together};
use crate::{Error, Target};

/// One migration of a folder.
#[derive(Clone, Debug)]
pub struct Script {
    /// As its tool calls it: `V12__add_orders`, `20260311_orders_status`.
    pub name: String,
    /// The file, by its name below the folder.
    pub file: String,
    /// The whole file, as checksums are made of it.
    pub bytes: Vec<u8>,
    /// When it was made, in milliseconds since 1970, where a journal of the tool says so.
    pub when: Option<i64>,
    /// Its statements, those of one transaction together.
    pub plan: Planned,
}

/// What a run of a folder came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Those that were applied before.
    pub before: usize,
    /// The names of those that were applied now.
    pub now: Vec<String>,
    /// The one that somebody asked to stop at.
    pub stopped: Option<String>,
}

/// What a tool's table says.
#[derive(Debug)]
struct Row {
    /// The key by which the tool finds the migration.
    key: String,
    checksum: Option<String>,
    /// It was begun and did not come to its end.
    broken: bool,
}

/// How a tool keeps its table.
trait Tool: Sync {
    /// Its name, with the schema when the tool names one.
    fn table(&self) -> &'static str;
    /// A column that the tables of others with the same name have not.
    fn column(&self) -> &'static str;
    /// How the tool makes it.
    fn create(&self) -> &'static str;
    /// `key, checksum or NULL, broken` of all rows, in the order of application.
    fn rows(&self) -> &'static str;
    /// The key of a migration; what is wrong with its name.
    fn key(&self, script: &Script) -> Result<String, String>;
    /// What the tool would write of its content, where it looks at that again.
    fn checksum(&self, _: &Script) -> Option<String> {
        None
    }
    /// Whether the rows say that the migration is applied.
    fn is_applied(&self, key: &str, rows: &[Row]) -> bool {
        rows.iter().any(|row| row.key == key)
    }
    /// What is noted before statements that cannot be one transaction.
    fn mark(&self, _key: &str, _script: &Script) -> Vec<String> {
        Vec::new()
    }
    /// What is noted when it is done. `marked` tells whether [`Tool::mark`] was.
    fn record(&self, key: &str, script: &Script, took: Duration, marked: bool) -> Vec<String>;
}

/// The layouts whose tables are known.
fn tool(layout: Layout) -> Option<&'static dyn Tool> {
    Some(match layout {
        Layout::Flyway => &flyway::Flyway,
        Layout::GolangMigrate => &golang_migrate::GolangMigrate,
        Layout::Dbmate => &dbmate::Dbmate,
        Layout::Goose => &goose::Goose,
        Layout::Prisma => &prisma::Prisma,
        Layout::Sqlx => &sqlx::Sqlx,
        Layout::Diesel => &diesel::Diesel,
        Layout::Drizzle => &drizzle::Drizzle,
        _ => return None,
    })
}

/// The tool whose table the database has, where the files alone could belong to either: sqlx and golang-migrate write
/// the same pairs of them, and sqlx also single files with a number.
pub fn settled(target: &Target, layout: Layout) -> Result<Layout, Error> {
    if !matches!(layout, Layout::GolangMigrate | Layout::Numbered) {
        return Ok(layout);
    }
    let mut client = crate::connection::open(target, crate::Access::ReadOnly)?;
    let is_sqlx = exists(&mut client, &sqlx::Sqlx)?;
    Ok(if is_sqlx { Layout::Sqlx } else { layout })
}

/// The migrations that are not applied yet, in order; nothing is written.
pub fn pending<'a>(target: &Target, layout: Layout, scripts: &'a [Script]) -> Result<Vec<&'a Script>, Error> {
    let tool = known(layout)?;
    let mut client = crate::connection::open(target, crate::Access::ReadOnly)?;
    let rows = if exists(&mut client, tool)? { rows(&mut client, tool)? } else { Vec::new() };
    let keyed = keyed(tool, scripts)?;
    Ok(keyed
        .into_iter()
        .filter(|(key, script)| !is_applied(tool, key, script, &rows))
        .map(|(_, script)| script)
        .collect())
}

/// Runs what is pending.
pub fn run(
    target: &Target,
    layout: Layout,
    scripts: &[Script],
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<Ran, Error> {
    let tool = known(layout)?;
    let keyed = keyed(tool, scripts)?;
    let mut session = Session::open(target, &PUBLIC, watch)?;
    // The statements are those of people, and mean what they mean to everybody.
    session.worker.batch_execute("RESET search_path; RESET datestyle; RESET intervalstyle")?;
    prepare(&mut session.worker, tool, layout)?;
    let mut ran = Ran { before: 0, now: Vec::new(), stopped: None };
    for (key, script) in keyed {
        let rows = rows(&mut session.worker, tool)?;
        if is_applied(tool, &key, script, &rows) {
            ran.before += 1;
            if let Some(row) = rows.iter().find(|row| row.key == key)
                && row.checksum.is_some()
                && tool.checksum(script).is_some_and(|is| row.checksum.as_ref() != Some(&is))
            {
                return Err(Error::refused(
                    format!("{} was changed after it was applied", script.file),
                    "Bring the file back as it was, and write the change as a new migration",
                ));
            }
            continue;
        }
        if watch.stops() {
            ran.stopped = Some(script.name.clone());
            break;
        }
        in_order(tool, &key, script, &rows, layout)?;
        match apply(&mut session, tool, &key, script, &rows, options, watch) {
            Ok(()) => ran.now.push(script.name.clone()),
            Err(Halt::Stopped) => {
                ran.stopped = Some(script.name.clone());
                break;
            }
            Err(Halt::Failed(error)) => {
                let next = error.hints().into_iter().next();
                return Err(Error::refused(
                    format!("{}: {error}", script.file),
                    next.unwrap_or_else(|| "What came before it is applied; the same command goes on here".to_owned()),
                ));
            }
        }
    }
    Ok(ran)
}

fn known(layout: Layout) -> Result<&'static dyn Tool, Error> {
    tool(layout).ok_or_else(|| {
        Error::refused(
            format!("migrations of {} are not run by Palladio", layout.name()),
            "Known are Flyway, golang-migrate, dbmate, goose, Prisma, sqlx, diesel and drizzle-kit; use their own tool",
        )
    })
}

fn keyed<'a>(tool: &dyn Tool, scripts: &'a [Script]) -> Result<Vec<(String, &'a Script)>, Error> {
    let one = |script: &'a Script| {
        let key = tool.key(script).map_err(|said| {
            Error::refused(
                format!("{}: {said}", script.file),
                "Name it as its tool wants it, or take it out of the folder",
            )
        })?;
        Ok((key, script))
    };
    scripts.iter().map(one).collect()
}

/// What is to be run again when it changes has no version; its content decides.
fn is_applied(tool: &dyn Tool, key: &str, script: &Script, rows: &[Row]) -> bool {
    let sound: Vec<&Row> = rows.iter().filter(|row| !row.broken).collect();
    if let Some(row) = sound.iter().rev().find(|row| row.key == key)
        && key.starts_with(flyway::REPEATABLE)
    {
        return row.checksum == tool.checksum(script);
    }
    if rows.iter().any(|row| row.key == key && row.broken) {
        return false;
    }
    tool.is_applied(key, rows)
}

/// A number that is lower than what was applied came too late: who ran the higher one never saw it.
fn in_order(tool: &dyn Tool, key: &str, script: &Script, rows: &[Row], layout: Layout) -> Result<(), Error> {
    let strict = matches!(layout, Layout::Flyway) && !key.starts_with(flyway::REPEATABLE);
    let later = rows.iter().filter(|row| !row.broken).find(|row| flyway::is_later(&row.key, key));
    match later {
        Some(later) if strict => Err(Error::refused(
            format!("{} is older than {} in {}, which is applied", script.file, later.key, tool.table()),
            "Give it a higher version",
        )),
        _ => Ok(()),
    }
}

fn exists(client: &mut Client, tool: &dyn Tool) -> Result<bool, Error> {
    let row = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&tool.table()])?;
    Ok(row.get(0))
}

fn prepare(client: &mut Client, tool: &dyn Tool, layout: Layout) -> Result<(), Error> {
    if exists(client, tool)? {
        let has = client.query_one(
            "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1)::oid AND attname = $2)",
            &[&tool.table(), &tool.column()],
        )?;
        if has.get(0) {
            return Ok(());
        }
        return Err(Error::refused(
            format!("{} is not the table of {}: it has no column {}", tool.table(), layout.name(), tool.column()),
            "Another tool keeps its history there; run the folder of that tool",
        ));
    }
    // Where tables are and no history is, nobody knows which of the migrations made them.
    let others: i64 = client
        .query_one(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema()
               AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                               AND d.deptype = 'e')",
            &[],
        )?
        .get(0);
    if others > 0 {
        return Err(Error::refused(
            format!("the database has tables, and no {} that says which migrations made them", tool.table()),
            format!("Let {} note what is applied: its own command for a baseline does that", layout.name()),
        ));
    }
    let mut transaction = client.transaction()?;
    transaction.batch_execute(tool.create())?;
    transaction.commit()?;
    Ok(())
}

fn rows(client: &mut Client, tool: &dyn Tool) -> Result<Vec<Row>, Error> {
    let rows = client.query(tool.rows(), &[])?;
    Ok(rows.iter().map(|row| Row { key: row.get(0), checksum: row.get(1), broken: row.get(2) }).collect())
}

fn apply(
    session: &mut Session,
    tool: &dyn Tool,
    key: &str,
    script: &Script,
    rows: &[Row],
    options: &Options,
    watch: &mut dyn Watch,
) -> Result<(), Halt> {
    let steps = &script.plan.steps;
    let started = Instant::now();
    let broken = rows.iter().any(|row| row.key == key && row.broken);
    if let ([step], false) = (&steps[..], broken)
        && let Work::Together(statements) = &step.work
    {
        watch.see(Event::Begins { number: 1, of: 1, step });
        together::run(session, statements, step.cost, options, watch, |transaction| {
            let record = tool.record(key, script, started.elapsed(), false);
            record.iter().try_for_each(|statement| transaction.batch_execute(statement))
        })?;
        watch.see(Event::Ends { number: 1, took: started.elapsed() });
        return Ok(());
    }
    let job = Job { plan: &script.plan, namespace: &PUBLIC };
    let mut book = Book::open(&mut session.worker, job)?;
    if broken && book.is_new() {
        return Err(Error::refused(
            format!("{} was begun by another program and did not come to its end", script.name),
            format!("See how far it came, mend it, and correct its row in {}", tool.table()),
        )
        .into());
    }
    if !broken {
        let mut transaction = session.worker.transaction()?;
        book.register(&mut transaction, &script.plan)?;
        tool.mark(key, script).iter().try_for_each(|statement| transaction.batch_execute(statement))?;
        transaction.commit()?;
    }
    for (index, step) in steps.iter().enumerate().filter(|(index, _)| !book.is_done(index + 1)).collect::<Vec<_>>() {
        if watch.stops() {
            return Err(Halt::Stopped);
        }
        let number = index + 1;
        watch.see(Event::Begins { number, of: steps.len(), step });
        let begun = Instant::now();
        take(session, step, number, &mut book, options, watch).map_err(|halt| match halt {
            Halt::Failed(error) => Halt::Failed(halt::at(number, step, error)),
            Halt::Stopped => Halt::Stopped,
        })?;
        watch.see(Event::Ends { number, took: begun.elapsed() });
    }
    let mut transaction = session.worker.transaction()?;
    let record = tool.record(key, script, started.elapsed(), true);
    record.iter().try_for_each(|statement| transaction.batch_execute(statement))?;
    book.close(&mut transaction)?;
    transaction.commit()?;
    Ok(())
}

/// The digits at the start of a name, and what follows the sign behind them.
fn numbered(name: &str) -> Result<(String, &str), String> {
    let end = name.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(name.len());
    let (digits, rest) = name.split_at(end);
    // As all of these tools keep it: a number of 64 bits.
    let number: i64 = digits.parse().map_err(|_| "its name does not begin with a number".to_owned())?;
    Ok((number.to_string(), rest.strip_prefix(['_', '-', '.']).unwrap_or(rest)))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string takes it");
        out
    })
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
