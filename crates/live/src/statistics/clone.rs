//! Gives a lab the statistics of another database: the schema is there already, the rows never come.
//!
//! The catalog takes the numbers (every version from 14 to 18 takes them the same way from a superuser, so the
//! `pg_restore_*_stats` of 18 are not needed), the files are extended with holes, and B-trees get as many levels as
//! theirs have, with the ends of the column on a leaf. Only EXPLAIN makes sense there afterwards: ANALYZE and VACUUM read the files and would believe them.

mod columns;
mod ends;
mod extended;
pub(super) mod files;
mod relations;
mod types;

use std::thread;
use std::time::{Duration, Instant};

use model::name::{literal, quoted};

use super::file::{Locale, PlannerStats};
use crate::{Client, Error, Lab};

/// Whether statistics of another major version will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Majors {
    /// Costs and rewrites change with the version: one query plan in eight did between 15 and 18.
    Same,
    Any,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cloned {
    pub tables: usize,
    pub indexes: usize,
    /// What is not as in the source, a clause each.
    pub notes: Vec<String>,
}

/// Makes a database whose planner believes in these statistics. Its schema is that of another one, to which nobody else
/// may be connected, and which is of no use afterwards.
pub fn clone(lab: &Lab, schema: &str, database: &str, stats: &PlannerStats, majors: Majors) -> Result<Cloned, Error> {
    let (source, here) = (stats.major(), lab.version().0);
    if majors == Majors::Same && source != here {
        return Err(Error::refused(
            format!("statistics of PostgreSQL {source} say little to the planner of {here}"),
            format!("Use PostgreSQL {source}: palladio lab install {source}"),
        ));
    }
    let mut client = lab.connect(schema)?;
    let mut cloned = Cloned { notes: stats.missing.clone(), ..Cloned::default() };
    if source != here {
        cloned.notes.push(format!("statistics of PostgreSQL {source}, query plans of {here}"));
    }
    fits(&mut client, stats, &mut cloned)?;
    client.batch_execute(SESSION)?;
    let relations = relations::find(&mut client, stats, &mut cloned)?;
    // A scratch table is made and analyzed for them, so they come first.
    extended::write(&mut client, stats, here, &mut cloned)?;
    relations::write(&mut client, stats, &relations)?;
    columns::write(&mut client, stats, &relations)?;
    let leaves = ends::prepare(&mut client, stats)?;
    let files = files::wanted(&mut client, stats, &relations, &leaves)?;
    drop(client);
    let mut server = lab.connect("postgres")?;
    copy(&mut server, here, schema, database)?;
    settings(&mut server, database, stats)?;
    let (from, to) = (folder(&mut server, schema)?, folder(&mut server, database)?);
    for file in files {
        files::write(&lab.data_folder(), &file.moved(&from, &to))?;
    }
    ends::forget(&mut lab.connect(database)?)?;
    cloned.notes.sort();
    cloned.notes.dedup();
    Ok(cloned)
}

/// A schema for tables that are gone at the end.
const SCRATCH: &str = "palladio_scratch";

/// Values are read as the export wrote them.
const SESSION: &str = "
    SET search_path = '';
    SET DateStyle = 'ISO, YMD';
    SET IntervalStyle = 'postgres';
    SET TimeZone = 'UTC';
    SET bytea_output = 'hex';
    SET xmloption = 'content';";

fn fits(client: &mut Client, stats: &PlannerStats, cloned: &mut Cloned) -> Result<(), Error> {
    let row = client.query_one(
        "SELECT current_setting('block_size')::int, pg_encoding_to_char(encoding)::text, datcollate::text,
                datctype::text, current_setting('data_checksums')
         FROM pg_database WHERE datname = current_database()",
        &[],
    )?;
    let page: i32 = row.get(0);
    if page as u32 != stats.page || page as u32 != files::PAGE {
        return Err(Error::refused(
            format!("pages of {} bytes in the statistics, of {page} in the lab", stats.page),
            format!("Query plans are cloned between servers with pages of {} bytes", files::PAGE),
        ));
    }
    if row.get::<_, &str>(4) != "off" {
        return Err(Error::refused("the lab has checksums of pages", "Let palladio make the lab: palladio lab start"));
    }
    let here = Locale { encoding: row.get(1), collate: row.get(2), ctype: row.get(3) };
    if here != stats.locale {
        let Locale { encoding, collate, .. } = &stats.locale;
        cloned.notes.push(format!(
            "text is sorted by {collate} in {encoding} there, by {} in {} here: ranges of text are estimated otherwise",
            here.collate, here.encoding
        ));
    }
    Ok(())
}

/// The server keeps the first page of a B-tree in memory, but nothing of a database whose files it has copied: these may
/// be changed until somebody connects to it.
fn copy(server: &mut Client, version: u16, from: &str, to: &str) -> Result<(), Error> {
    // While a session is about to end, the server would wait a tenth of a second before it looks again.
    let is_used = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1)";
    let patience = Instant::now();
    while patience.elapsed() < PATIENCE && server.query_one(is_used, &[&from])?.get(0) {
        thread::sleep(Duration::from_millis(1));
    }
    let strategy = if version >= 15 { " STRATEGY file_copy" } else { "" };
    Ok(server.batch_execute(&format!("CREATE DATABASE {} TEMPLATE {}{strategy}", quoted(to), quoted(from)))?)
}

/// A session ends sooner, if it does.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the files of a database lie, with the bar behind it.
fn folder(client: &mut Client, database: &str) -> Result<String, Error> {
    let row = client.query_one("SELECT oid FROM pg_database WHERE datname = $1", &[&database])?;
    Ok(format!("base/{}/", row.get::<_, u32>(0)))
}

/// For the database, so that whoever connects to it plans with them. Names that this version does not have are left out.
fn settings(client: &mut Client, database: &str, stats: &PlannerStats) -> Result<(), Error> {
    let names: Vec<&str> = stats.settings.keys().map(String::as_str).collect();
    let known = client
        .query("SELECT name FROM pg_settings WHERE name = ANY ($1) AND context IN ('user', 'superuser')", &[&names])?;
    let mut script = String::new();
    for row in known {
        let name: &str = row.get(0);
        let value = literal(&stats.settings[name]);
        script += &format!("ALTER DATABASE {} SET {} = {value};\n", quoted(database), quoted(name));
    }
    Ok(client.batch_execute(&script)?)
}
