//! A session that plans, with indexes of its own.
//!
//! The transaction in which they stand is never committed. From one question to the next it says of those that come that
//! they are the table's, and of those that go that they are the twin's; after many questions it is rolled back and
//! another begins, so that what is left of them can be cleaned away. It keeps its locks meanwhile, so that the planner
//! takes none anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::slice;
use std::thread::sleep;
use std::time::Duration;

use model::name::literal;
use postgres::SimpleQueryMessage;
use serde_json::Value;

use super::parameters::parameters;
use super::{Part, TWINS, Wanted, listed};
use crate::statistics::clone::files;
use crate::{Access, Client, Error, Lab, Target, connection};

pub struct Seat {
    number: usize,
    client: Client,
    target: Target,
    data: PathBuf,
    major: u16,
    /// The indexes that were made, and those that are not known yet to be made by all.
    made: Vec<Made>,
    fresh: Vec<Option<Made>>,
    /// By name, as plans call them.
    names: BTreeMap<String, usize>,
    /// How many were tried to make.
    attempts: usize,
    standing: BTreeSet<usize>,
    /// How much was asked in this transaction; none where there is none.
    questions: Option<usize>,
}

/// An index, with those on the partitions of its table.
#[derive(Clone, Debug, Default)]
struct Made {
    parts: Vec<MadePart>,
}

#[derive(Clone, Debug)]
struct MadePart {
    name: String,
    index: u32,
    table: u32,
    twin: u32,
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Seat").field("made", &self.made.len()).finish_non_exhaustive()
    }
}

/// What EXPLAIN says of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planned {
    pub cost: f64,
    /// The made indexes in the plan, by number.
    pub made: Vec<usize>,
    /// The other ones, by name.
    pub others: Vec<String>,
}

/// So many indexes are made with one message.
const TOGETHER: usize = 64;
/// How often a question is asked that the session does not survive.
const TRIES: usize = 3;
/// So many questions are asked in one transaction. Each may leave locks behind, and rows of the catalog, until it ends.
const MOST_QUESTIONS: usize = 64;

impl Seat {
    /// On a database that statistics were cloned into, for questions about what is there.
    pub fn open(lab: &Lab, database: &str) -> Result<Seat, Error> {
        Seat::new(lab, database, 0)
    }

    pub(super) fn new(lab: &Lab, database: &str, number: usize) -> Result<Seat, Error> {
        let target = lab.target(database);
        Ok(Seat {
            number,
            client: session(&target)?,
            target,
            data: lab.data_folder(),
            major: lab.version().0,
            made: Vec::new(),
            fresh: Vec::new(),
            names: BTreeMap::new(),
            attempts: 0,
            standing: BTreeSet::new(),
            questions: None,
        })
    }

    /// The session, for what everybody shall see.
    pub(super) fn committed(&mut self) -> Result<&mut Client, Error> {
        if self.questions.take().is_some() {
            self.standing.clear();
            self.client.batch_execute("ROLLBACK")?;
        }
        Ok(&mut self.client)
    }

    /// Makes these, none of which stands.
    pub(super) fn make(&mut self, wanted: &[(&Wanted<'_>, &[Part])]) -> Vec<Result<(), Error>> {
        let mut said = Vec::new();
        for some in wanted.chunks(TOGETHER) {
            // Where one is refused none of the message is done.
            match self.make_together(some) {
                Ok(made) => {
                    self.fresh.extend(made.into_iter().map(Some));
                    said.extend(some.iter().map(|_| Ok(())));
                }
                Err(_) => said.extend(some.iter().map(|one| self.make_one(one))),
            }
        }
        said
    }

    fn make_one(&mut self, wanted: &(&Wanted<'_>, &[Part])) -> Result<(), Error> {
        let made = self.make_together(slice::from_ref(wanted));
        if made.is_err() && self.client.is_closed() {
            // Where that fails, the next one says so.
            let _ = self.reconnect();
        }
        let (made, said) = made.map_or_else(|error| (None, Err(error)), |mut made| (made.pop(), Ok(())));
        self.fresh.push(made);
        said
    }

    /// Gives numbers to those that all sessions made.
    pub(super) fn keep(&mut self, are_made: &[bool]) {
        for (made, _) in self.fresh.drain(..).zip(are_made).filter(|(_, by_all)| **by_all) {
            let made = made.expect("it is made");
            self.names.extend(made.parts.iter().map(|part| (part.name.clone(), self.made.len())));
            self.made.push(made);
        }
    }

    /// In one message: there may be thousands of them.
    fn make_together(&mut self, wanted: &[(&Wanted<'_>, &[Part])]) -> Result<Vec<Made>, Error> {
        let mut script = String::new();
        let mut sizes = Vec::new();
        for (number, (wanted, parts)) in wanted.iter().enumerate() {
            for part in *parts {
                self.attempts += 1;
                let name = format!("palladio_whatif_{}_{}", self.number, self.attempts);
                script += (wanted.statement)(&part.twin, &name).trim_end().trim_end_matches(';');
                script += ";\n";
                let pages = ((f64::from(wanted.pages) * part.share).ceil() as u32).max(1);
                sizes.push((number, part, name, pages));
            }
        }
        if sizes.is_empty() {
            return Ok(vec![Made::default(); wanted.len()]);
        }
        let rows = sizes.iter().map(|(number, part, name, pages)| {
            format!("({}, {pages}, {}::real)", literal(name), (wanted[*number].0.rows * part.share) as f32)
        });
        script += &format!(
            "UPDATE pg_catalog.pg_class c SET relpages = v.pages, reltuples = v.rows
             FROM (VALUES {}) v(name, pages, rows), pg_catalog.pg_am
             WHERE c.relname = v.name AND c.relnamespace = '{TWINS}'::regnamespace AND pg_am.oid = c.relam
             RETURNING c.relname, c.oid, pg_catalog.pg_relation_filepath(c.oid), amname",
            rows.collect::<Vec<_>>().join(", "),
        );
        let said = self.committed()?.simple_query(&script)?;
        let rows = said.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some((row.get(0)?, (row.get(1)?.parse().ok()?, row.get(2)?, row.get(3)?))),
            _ => None,
        });
        let there: BTreeMap<&str, (u32, &str, &str)> = rows.collect();
        let mut made = vec![Made::default(); wanted.len()];
        for (number, part, name, pages) in sizes {
            let Some((index, path, method)) = there.get(name.as_str()) else {
                let said = format!("{name} is not among the indexes");
                return Err(Error::refused(said, "The statement has to make one index"));
            };
            files::write(&self.data, &files::Wanted::index(path, method, pages, wanted[number].0.height))?;
            made[number].parts.push(MadePart { name, index: *index, table: part.table, twin: part.twin_oid });
        }
        Ok(made)
    }

    /// Plans a query while these of the made indexes stand, and no others.
    ///
    /// A query that takes the session or the whole server with it is refused, and a new session asks the next one. It may
    /// have taken the sessions of others, too: what ends so is asked again.
    pub fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Planned, Error> {
        let mut tries = 0;
        loop {
            let planned = self.switch(standing).and_then(|()| self.plan(sql));
            // An error ends the transaction, or the session; that is noticed only when it is asked.
            if planned.is_ok() || self.committed().is_ok() {
                return planned;
            }
            self.reconnect()?;
            tries += 1;
            if tries == TRIES {
                return planned;
            }
        }
    }

    fn reconnect(&mut self) -> Result<(), Error> {
        let mut tries = 0;
        self.client = loop {
            match session(&self.target) {
                Ok(client) => break client,
                // A server whose process crashed takes a moment to recover.
                Err(_) if tries < 100 => sleep(Duration::from_millis(100)),
                Err(error) => return Err(error),
            }
            tries += 1;
        };
        Ok(())
    }

    /// Lets these stand and no others.
    fn switch(&mut self, standing: &[usize]) -> Result<(), Error> {
        let wanted: BTreeSet<usize> = standing.iter().copied().collect();
        let mut script = String::new();
        let questions = match self.questions {
            None => {
                script += "BEGIN;";
                0
            }
            Some(MOST_QUESTIONS..) => {
                script += "ROLLBACK; BEGIN;";
                self.standing.clear();
                0
            }
            Some(questions) => questions,
        };
        self.questions = Some(questions + 1);
        let mut moved: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut tables = BTreeSet::new();
        for number in wanted.symmetric_difference(&self.standing) {
            for part in &self.made[*number].parts {
                let to = if wanted.contains(number) { part.table } else { part.twin };
                moved.entry(to).or_default().push(part.index);
                tables.insert(part.table);
            }
        }
        for (to, indexes) in moved {
            let indexes = listed(&indexes);
            script += &format!("UPDATE pg_catalog.pg_index SET indrelid = {to} WHERE indexrelid IN ({indexes});");
        }
        // A session forgets which indexes a table has when a row about its columns changes. Each touches the one of another
        // system column, so that nobody waits for it.
        if !tables.is_empty() {
            script += &format!(
                "UPDATE pg_catalog.pg_attribute SET attislocal = attislocal WHERE attrelid IN ({}) AND attnum = -{};",
                listed(&tables),
                self.number + 1
            );
        }
        if !script.is_empty() {
            self.client.batch_execute(&script)?;
        }
        self.standing = wanted;
        Ok(())
    }

    /// What the server plans as it is.
    fn plan(&mut self, sql: &str) -> Result<Planned, Error> {
        let sql = sql.trim_end().trim_end_matches(';');
        let asked = match parameters(sql) {
            0 => format!("EXPLAIN (FORMAT JSON) {sql}"),
            _ if self.major >= 16 => format!("EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql}"),
            count => {
                let nulls = vec!["NULL"; count].join(", ");
                format!("DEALLOCATE ALL; PREPARE palladio AS {sql}; EXPLAIN (FORMAT JSON) EXECUTE palladio({nulls})")
            }
        };
        let mut text = String::new();
        for message in self.client.simple_query(&asked)? {
            if let SimpleQueryMessage::Row(row) = message {
                text += row.get(0).unwrap_or_default();
                text.push('\n');
            }
        }
        let plan: Value = serde_json::from_str(&text).map_err(|cause| {
            Error::refused(format!("no query plan: {cause}"), "Ask the server: EXPLAIN (FORMAT JSON) …")
        })?;
        let root = &plan[0]["Plan"];
        let mut planned = Planned { cost: root["Total Cost"].as_f64().unwrap_or(0.0), ..Planned::default() };
        let mut found = BTreeSet::new();
        indexes(root, &mut found);
        for name in found {
            match self.names.get(name) {
                Some(number) => planned.made.push(*number),
                None => planned.others.push(name.to_owned()),
            }
        }
        planned.made.sort_unstable();
        planned.made.dedup();
        Ok(planned)
    }
}

/// What logs little reads small indexes at the end of the transaction that made them, to log them; and their files are
/// still to be changed.
const SESSION: &str = "SET statement_timeout = '20s';
    SET plan_cache_mode = force_generic_plan;
    SET wal_skip_threshold = 0";

fn session(target: &Target) -> Result<Client, Error> {
    let mut client = connection::open(target, Access::Unlimited)?;
    client.batch_execute(SESSION)?;
    Ok(client)
}

fn indexes<'p>(node: &'p Value, names: &mut BTreeSet<&'p str>) {
    names.extend(node["Index Name"].as_str());
    for child in node["Plans"].as_array().into_iter().flatten() {
        indexes(child, names);
    }
}
