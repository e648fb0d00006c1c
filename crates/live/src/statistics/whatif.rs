//! Indexes that stand for the planner alone: real ones on an empty clone, as long as they would be, which stand or do
//! not stand from one EXPLAIN to the next.
//!
//! `CREATE INDEX` writes the file without keeping its pages in memory, so that it can be lengthened and its height
//! written before the planner looks (`nbtsort.c`). The planner passes over an index that is not valid, and an update of
//! `pg_index` makes every session forget what it knew of the index: that is the switch.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, sleep};
use std::time::Duration;

use model::QName;
use model::name::literal;
use postgres::SimpleQueryMessage;
use serde_json::Value;

use super::clone::files::{self, Wanted};
use crate::name::qualified;
use crate::{Access, Client, Error, Lab, Target, connection};

/// A database of a lab, on which indexes come and go.
pub struct WhatIf {
    client: Client,
    /// Further sessions, for many questions about the same indexes.
    others: Vec<Client>,
    target: Target,
    /// What was set in the session.
    settings: Vec<String>,
    data: PathBuf,
    major: u16,
    /// The indexes that were made, each with those on its partitions.
    made: Vec<Vec<u32>>,
    /// By name, as plans call them.
    names: BTreeMap<String, usize>,
    standing: BTreeSet<usize>,
    parts: BTreeMap<QName, Vec<Part>>,
    /// How many statements to make one were run.
    attempts: usize,
    /// What the catalog is still to be told of those that were made: with the next switch, in one message.
    pending: String,
    /// Indexes of the schema that do not stand.
    hidden: BTreeSet<u32>,
}

/// A table with rows of its own, and an empty one that is like it.
#[derive(Clone, Debug)]
struct Part {
    table: u32,
    twin: QName,
    /// Of the rows of the whole table.
    share: f64,
}

/// The schema of the twins.
const TWINS: &str = "palladio_twins";

impl std::fmt::Debug for WhatIf {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("WhatIf").field("made", &self.made.len()).finish_non_exhaustive()
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

impl WhatIf {
    /// On a database that statistics were cloned into.
    pub fn new(lab: &Lab, database: &str) -> Result<WhatIf, Error> {
        let target = lab.target(database);
        let settings =
            vec!["SET statement_timeout = '20s'".to_owned(), "SET plan_cache_mode = force_generic_plan".to_owned()];
        let mut client = session(&target, &settings)?;
        client.batch_execute(&format!("CREATE SCHEMA {TWINS}"))?;
        Ok(WhatIf {
            client,
            others: Vec::new(),
            target,
            settings,
            data: lab.data_folder(),
            major: lab.version().0,
            made: Vec::new(),
            names: BTreeMap::new(),
            standing: BTreeSet::new(),
            parts: BTreeMap::new(),
            attempts: 0,
            pending: String::new(),
            hidden: BTreeSet::new(),
        })
    }

    /// Makes an index on a table, of so many rows, pages and levels; `statement` says it for a table and a name. It does
    /// not stand yet.
    ///
    /// Built on the table itself it would read all the pages that are not there, and set its rows to none: so it is
    /// built on an empty twin, and then said to be the table's.
    pub fn make(
        &mut self,
        table: &QName,
        statement: &dyn Fn(&QName, &str) -> String,
        rows: f64,
        pages: u32,
        height: u32,
    ) -> Result<usize, Error> {
        let number = self.made.len();
        let parts = self.parts(table)?;
        let mut script = String::new();
        let mut oids = Vec::new();
        for part in &parts {
            self.attempts += 1;
            let name = format!("palladio_whatif_{}", self.attempts);
            // One message: there may be thousands of them.
            let asked = self.client.simple_query(&format!(
                "{};
                 SELECT c.oid, pg_relation_filepath(c.oid), m.amname FROM pg_class c JOIN pg_am m ON m.oid = c.relam
                 WHERE c.relname = {}",
                statement(&part.twin, &name).trim_end().trim_end_matches(';'),
                literal(&name)
            ))?;
            let row = asked.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            });
            let text = |at: usize| row.and_then(|row| row.get(at)).unwrap_or_default();
            let oid: u32 = text(0).parse().map_err(|_| {
                Error::refused(format!("{name} is not among the indexes"), "The statement has to make one index")
            })?;
            let (path, method) = (text(1), text(2));
            let own = ((f64::from(pages) * part.share).ceil() as u32).max(1);
            files::write(&self.data, &Wanted::index(path, method, own, height))?;
            writeln!(
                script,
                "UPDATE pg_catalog.pg_class SET relpages = {own}, reltuples = {} WHERE oid = {oid};
                 UPDATE pg_catalog.pg_index SET indisvalid = false, indrelid = {table} WHERE indexrelid = {oid};
                 UPDATE pg_catalog.pg_class SET relhasindex = true WHERE oid = {table};",
                (rows * part.share) as f32,
                table = part.table,
            )
            .expect("a string takes it");
            self.names.insert(name, number);
            oids.push(oid);
        }
        self.pending += &script;
        self.made.push(oids);
        Ok(number)
    }

    /// The table, or its partitions, each with an empty twin.
    fn parts(&mut self, table: &QName) -> Result<Vec<Part>, Error> {
        if let Some(known) = self.parts.get(table) {
            return Ok(known.clone());
        }
        let rows = self.client.query(
            "SELECT c.oid, n.nspname::text, c.relname::text, greatest(c.reltuples, 0)::float8
             FROM pg_partition_tree($1::text::regclass) t JOIN pg_class c ON c.oid = t.relid
                  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')
             UNION
             SELECT c.oid, n.nspname::text, c.relname::text, greatest(c.reltuples, 0)::float8
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = $1::text::regclass AND c.relkind IN ('r', 'm')
             ORDER BY 1",
            &[&qualified(table)],
        )?;
        let total: f64 = rows.iter().map(|row| row.get::<_, f64>(3)).sum();
        let mut parts = Vec::new();
        for row in &rows {
            let oid: u32 = row.get(0);
            let own = QName::new(row.get::<_, &str>(1), row.get::<_, &str>(2));
            let twin = QName::new(TWINS, format!("of_{oid}"));
            let (made, like) = (qualified(&twin), qualified(&own));
            self.client.batch_execute(&format!("CREATE TABLE {made} (LIKE {like} INCLUDING GENERATED)"))?;
            let share = if total > 0.0 { row.get::<_, f64>(3) / total } else { 1.0 / rows.len() as f64 };
            parts.push(Part { table: oid, twin, share });
        }
        self.parts.insert(table.clone(), parts.clone());
        Ok(parts)
    }

    /// Plans a query while these of the made indexes stand, and no others.
    ///
    /// A query that takes the session or the whole server with it is refused; the next one finds a new session.
    pub fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Planned, Error> {
        let planned = self.plan(sql, standing);
        // A closed session is noticed only when it is asked.
        if planned.is_err() && self.client.is_valid(Duration::from_secs(5)).is_err() {
            self.reconnect()?;
        }
        planned
    }

    fn reconnect(&mut self) -> Result<(), Error> {
        let mut tries = 0;
        self.client = loop {
            match session(&self.target, &self.settings) {
                Ok(client) => break client,
                // A server whose process crashed takes a moment to recover.
                Err(_) if tries < 100 => sleep(Duration::from_millis(100)),
                Err(error) => return Err(error),
            }
            tries += 1;
        };
        let made: Vec<String> = self.made.iter().flatten().map(u32::to_string).collect();
        if !made.is_empty() {
            self.client.batch_execute(&format!(
                "UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indisvalid AND indexrelid IN ({})",
                made.join(",")
            ))?;
        }
        self.standing.clear();
        Ok(())
    }

    /// The same of many queries while the same indexes stand: with as many sessions as there are processors.
    pub fn explain_all(&mut self, queries: &[&str], standing: &[usize]) -> Vec<Result<Planned, Error>> {
        let sessions = available_parallelism().map_or(1, usize::from).min(queries.len() / ENOUGH + 1);
        while self.others.len() + 1 < sessions {
            match session(&self.target, &self.settings) {
                Ok(client) => self.others.push(client),
                // Those that there are will do.
                Err(_) => break,
            }
        }
        let first: Vec<Option<Planned>> = match self.switch(standing) {
            Ok(()) if sessions > 1 => self.shared(queries, sessions),
            _ => vec![None; queries.len()],
        };
        if self.client.is_closed() {
            // Where that fails, asking says so.
            let _ = self.reconnect();
        }
        // What a session could not say, or took it along, is asked once more where that is noticed.
        let asked = queries.iter().zip(first);
        asked.map(|(sql, planned)| planned.map_or_else(|| self.explain(sql, standing), Ok)).collect()
    }

    /// Each session takes the next query that nobody has taken.
    fn shared(&mut self, queries: &[&str], sessions: usize) -> Vec<Option<Planned>> {
        let next = AtomicUsize::new(0);
        let (names, major) = (&self.names, self.major);
        let clients = std::iter::once(&mut self.client).chain(&mut self.others).take(sessions);
        let mut planned = vec![None; queries.len()];
        std::thread::scope(|scope| {
            let work = clients.map(|client| {
                let next = &next;
                scope.spawn(move || {
                    let mut found = Vec::new();
                    // One that went down with its query asks no other.
                    while !client.is_closed() {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(sql) = queries.get(at) else { break };
                        found.push((at, plan(client, names, major, sql).ok()));
                    }
                    found
                })
            });
            let work: Vec<_> = work.collect();
            for (at, found) in work.into_iter().filter_map(|work| work.join().ok()).flatten() {
                planned[at] = found;
            }
        });
        self.others.retain_mut(|client| !client.is_closed());
        planned
    }

    fn plan(&mut self, sql: &str, standing: &[usize]) -> Result<Planned, Error> {
        self.switch(standing)?;
        plan(&mut self.client, &self.names, self.major, sql)
    }

    /// Lets these stand and no others.
    fn switch(&mut self, standing: &[usize]) -> Result<(), Error> {
        let wanted: BTreeSet<usize> = standing.iter().copied().collect();
        let changed: Vec<String> = wanted
            .symmetric_difference(&self.standing)
            .flat_map(|number| &self.made[*number])
            .map(u32::to_string)
            .collect();
        let mut script = self.pending.clone();
        if !changed.is_empty() {
            let list = changed.join(",");
            script +=
                &format!("UPDATE pg_catalog.pg_index SET indisvalid = NOT indisvalid WHERE indexrelid IN ({list});\n");
        }
        // The switch is thrown also where the query is refused.
        if !script.is_empty() {
            self.client.batch_execute(&script)?;
        }
        self.pending.clear();
        self.standing = wanted;
        Ok(())
    }

    /// Lets the planner pass over these indexes of the schema, and over no others of it. Those of partitions go with the
    /// one of their table.
    pub fn hide(&mut self, indexes: &[QName]) -> Result<(), Error> {
        let named: Vec<String> = indexes.iter().map(qualified).collect();
        let rows = self.client.query(
            "WITH RECURSIVE hidden AS (
               SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name
               UNION
               SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN hidden h ON i.inhparent = h.oid)
             SELECT oid FROM hidden WHERE oid IS NOT NULL",
            &[&named],
        )?;
        let wanted: BTreeSet<u32> = rows.iter().map(|row| row.get(0)).collect();
        let list = |oids: Vec<&u32>| oids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        for (oids, valid) in [
            (wanted.difference(&self.hidden).collect::<Vec<_>>(), false),
            (self.hidden.difference(&wanted).collect::<Vec<_>>(), true),
        ] {
            if !oids.is_empty() {
                self.client.batch_execute(&format!(
                    "UPDATE pg_catalog.pg_index SET indisvalid = {valid} WHERE indexrelid IN ({})",
                    list(oids)
                ))?;
            }
        }
        self.hidden = wanted;
        Ok(())
    }

    /// A setting of the session.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let setting = format!("SET {} = {}", model::name::quoted(name), literal(value));
        self.client.batch_execute(&setting)?;
        self.settings.push(setting);
        // Further sessions are opened with it.
        self.others.clear();
        Ok(())
    }
}

/// A session more is worth opening for so many queries.
const ENOUGH: usize = 50;

/// What the server plans as it is.
fn plan(client: &mut Client, names: &BTreeMap<String, usize>, major: u16, sql: &str) -> Result<Planned, Error> {
    let sql = sql.trim_end().trim_end_matches(';');
    let asked = match parameters(sql) {
        0 => format!("EXPLAIN (FORMAT JSON) {sql}"),
        _ if major >= 16 => format!("EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql}"),
        count => {
            let nulls = vec!["NULL"; count].join(", ");
            format!("DEALLOCATE ALL; PREPARE palladio AS {sql}; EXPLAIN (FORMAT JSON) EXECUTE palladio({nulls})")
        }
    };
    let mut text = String::new();
    for message in client.simple_query(&asked)? {
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
        match names.get(name) {
            Some(number) => planned.made.push(*number),
            None => planned.others.push(name.to_owned()),
        }
    }
    planned.made.sort_unstable();
    planned.made.dedup();
    Ok(planned)
}

fn session(target: &Target, settings: &[String]) -> Result<Client, Error> {
    let mut client = connection::open(target, Access::Unlimited)?;
    client.batch_execute(&settings.join(";"))?;
    Ok(client)
}

fn indexes<'p>(node: &'p Value, names: &mut BTreeSet<&'p str>) {
    names.extend(node["Index Name"].as_str());
    for child in node["Plans"].as_array().into_iter().flatten() {
        indexes(child, names);
    }
}

/// How many parameters a statement has: the greatest number behind a `$` that is in no quotes and no comment.
fn parameters(sql: &str) -> usize {
    let bytes = sql.as_bytes();
    let (mut greatest, mut at) = (0, 0);
    let behind = |at: usize, end: &str| sql[at..].find(end).map_or(sql.len(), |found| at + found + end.len());
    while let Some(&byte) = bytes.get(at) {
        let word_before = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'_' | 0x80..));
        at = match byte {
            b'-' if sql[at..].starts_with("--") => behind(at, "\n"),
            b'/' if sql[at..].starts_with("/*") => comment_end(bytes, at),
            b'\'' => {
                let escapes = word_before && matches!(bytes[at - 1], b'e' | b'E');
                string_end(bytes, at, escapes)
            }
            b'"' => behind(at + 1, "\""),
            b'$' if !word_before => {
                let word = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                let end = at + 1 + word.count();
                let number: Option<usize> = sql[at + 1..end].parse().ok();
                greatest = greatest.max(number.unwrap_or(0));
                match bytes.get(end) {
                    // `$tag$ … $tag$`
                    Some(b'$') if number.is_none() => behind(end + 1, &sql[at..=end]),
                    _ => end,
                }
            }
            _ => at + 1,
        };
        // Behind one byte of a letter of several bytes is no place in a text.
        while !sql.is_char_boundary(at) {
            at += 1;
        }
    }
    greatest
}

/// Comments lie in each other.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while at + 1 < bytes.len() {
        let step = match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                2
            }
            b"*/" => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize, escapes: bool) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'\\' if escapes => 2,
            b'\'' => return at + 1,
            _ => 1,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_in_quotes_and_comments_are_none() {
        for (sql, count) in [
            ("SELECT $1, $12", 12),
            ("-- don't\nSELECT $2", 2),
            ("SELECT /* it's /* $9 */ $8 */ $1", 1),
            (r"SELECT E'\' $7', '$6', $1", 1),
            ("SELECT $$ $4 $$, $a$ $5 $$ $a$, $1", 1),
            ("SELECT a$3, \"it's $9\", $1", 1),
            ("SELECT 'é', é$4 FROM é WHERE $2", 2),
            ("SELECT $", 0),
            ("SELECT '", 0),
            ("/*", 0),
            ("/*/", 0),
            ("$a", 0),
            ("$a$é", 0),
        ] {
            assert_eq!(parameters(sql), count, "{sql}");
        }
    }
}
