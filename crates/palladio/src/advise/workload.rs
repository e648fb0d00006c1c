//! The ground that advice stands on: a schema, statistics, and the queries with how often they run.

use std::collections::{BTreeMap, BTreeSet};

use ::advise::resolve;
use live::statistics::{self, PlannerStats, Values};
use live::{Access, Client, connection};
use model::dialect::Version;
use model::query::{FoundQuery, Origin};
use model::workload::{Logged, Traffic, Workload, WorkloadQuery};
use model::{Name, QName, Reading, Schema};
use read::workload::shape::is_whole;
use read::{Input, Options};

use super::From;
use crate::Failure;

#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) schema: Schema,
    pub(crate) stats: PlannerStats,
    pub(crate) workload: Workload,
    pub(crate) traffic: Traffic,
    /// What the workload calls each statement of the traffic; none of what is no query, or was not understood.
    pub(crate) names: Vec<Option<Name>>,
    /// What was left out, a clause each.
    pub(crate) notes: Vec<String>,
}

/// Connections to the database. It is faster with a second one, and goes without where the role may have no more.
pub(crate) struct Sessions {
    client: Client,
    other: Option<Client>,
}

/// The path under which the schema of a database is read together with queries.
const DATABASE: &str = "(database).sql";
/// The same of the statements that a database remembers.
const REMEMBERED: &str = "pg_stat_statements.sql";
/// The same of the statements of logs.
const LOGGED: &str = "(logs).sql";
/// Statements of logs that are looked at, those that took most time first.
const MOST: usize = 10_000;

impl Ground {
    pub(crate) fn gather(
        schema: Vec<Input>,
        queries: Vec<Input>,
        traffic: Traffic,
        from: From,
    ) -> Result<(Ground, Option<Sessions>), Failure> {
        let mut inputs = schema;
        let logs = !traffic.files.is_empty();
        let (stats, remembered, sessions) = match from {
            From::File(stats) => (*stats, Vec::new(), None),
            From::Database(target) => {
                let mut client = connection::open(&target, Access::ReadOnly)?;
                let found = live::introspect(&mut client)?;
                inputs = vec![Input::new(DATABASE, &write::sql::postgres::schema(&found.schema))];
                let stats = statistics::read_catalog(&mut client, Values::Kept)?;
                let remembered = if queries.is_empty() && !logs { remembered(&mut client)? } else { Vec::new() };
                let other = connection::open(&target, Access::ReadOnly).ok();
                (stats, remembered, Some(Sessions { client, other }))
            }
        };
        let mut paths: BTreeSet<String> = queries.iter().map(|input| input.file.path.to_string()).collect();
        inputs.extend(queries);
        if !remembered.is_empty() {
            // A text may end in a comment.
            let text: String =
                remembered.iter().map(|one| format!("{}\n;\n", one.sql.trim_end().trim_end_matches(';'))).collect();
            inputs.push(Input::new(REMEMBERED, &text));
            paths.insert(REMEMBERED.to_owned());
        }
        let (logged, mut notes) = logged(&traffic);
        if logs {
            inputs.push(Input::new(LOGGED, &logged));
            paths.insert(LOGGED.to_owned());
        }
        let version = Version(stats.major(), 0);
        let reading = read::read(inputs, &Options { version, unreleased: None });
        let workload = workload(&reading, &paths, &remembered, &traffic);
        let mut names = vec![None; traffic.statements.len()];
        for query in &workload.queries {
            if let Some(name) = number(&query.name).and_then(|number| names.get_mut(number)) {
                *name = Some(query.name.clone());
            }
        }
        let unread = |one: &(usize, &Logged)| names[one.0].is_none() && is_query(&one.1.text);
        let unread = traffic.statements.iter().enumerate().take(MOST).filter(unread).count();
        if unread > 0 {
            let count = report::count::counted(unread, "statement");
            notes.push(format!("{count} of the logs could not be read as a query and counts for nothing"));
        }
        Ok((Ground { schema: reading.schema, stats, workload, traffic, names, notes }, sessions))
    }

    /// The statistics, with what rows of the tables that the workload names say of the sizes of indexes.
    pub(crate) fn with_rows(&self, sessions: Option<Sessions>) -> Result<PlannerStats, Failure> {
        let mut stats = self.stats.clone();
        if let Some(Sessions { mut client, mut other }) = sessions {
            let asked = self.workload.queries.iter().flat_map(|query| resolve(&self.schema, &query.query));
            let tables: BTreeSet<QName> = asked.map(|asked| asked.table).collect();
            statistics::read_rows(&mut client, other.as_mut(), &mut stats, |table| tables.contains(table))?;
        }
        Ok(stats)
    }
}

/// The queries of logs as a text, each under its name: `Q1` took most time.
fn logged(traffic: &Traffic) -> (String, Vec<String>) {
    let mut text = String::new();
    for (number, one) in traffic.statements.iter().enumerate().take(MOST).filter(|(_, one)| is_query(&one.text)) {
        let whole = one.examples.iter().find(|sent| is_whole(&sent.sql));
        if let Some(sent) = whole {
            text += &format!("-- name: {} :many\n{};\n", name(number), sent.sql.trim().trim_end_matches(';'));
        }
    }
    let more = traffic.statements.len().saturating_sub(MOST);
    let note =
        format!("of the logs, the {MOST} statements that took most time were looked at, and {more} others left out");
    (text, if more > 0 { vec![note] } else { Vec::new() })
}

fn name(number: usize) -> String {
    format!("Q{}", number + 1)
}

/// Which statement of the traffic has this name.
fn number(name: &Name) -> Option<usize> {
    name.as_str().strip_prefix('Q')?.parse::<usize>().ok()?.checked_sub(1)
}

/// What reads or writes rows.
fn is_query(text: &str) -> bool {
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    matches!(&text[..end], "select" | "with" | "insert" | "update" | "delete" | "merge") || text.starts_with("(select")
}

/// A statement that `pg_stat_statements` counted.
#[derive(Debug)]
struct Remembered {
    sql: String,
    calls: f64,
    mean_ms: f64,
}

/// The statements that took most of the time; nothing where nobody counts them.
fn remembered(client: &mut Client) -> Result<Vec<Remembered>, Failure> {
    let place = client.query_opt(
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         WHERE extname = 'pg_stat_statements'",
        &[],
    );
    let Some(row) = place.map_err(live::Error::from)? else { return Ok(Vec::new()) };
    let schema: String = row.get(0);
    let rows = client.query(
        &format!(
            "SELECT query, sum(calls)::float8, (sum(total_exec_time) / greatest(sum(calls), 1))::float8
             FROM {schema}.pg_stat_statements
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND query ~* '^\\s*(with|select|insert|update|delete|merge)\\M'
             GROUP BY query ORDER BY sum(total_exec_time) DESC, query LIMIT 10000"
        ),
        &[],
    );
    let rows = rows.map_err(live::Error::from)?;
    Ok(rows.iter().map(|row| Remembered { sql: row.get(0), calls: row.get(1), mean_ms: row.get(2) }).collect())
}

/// The queries of those files; of all where none is named.
fn workload(reading: &Reading, paths: &BTreeSet<String>, remembered: &[Remembered], traffic: &Traffic) -> Workload {
    let of_file = |found: &&FoundQuery| {
        let path = &reading.sources.file(found.place.file).path;
        found.origin == Origin::File && (paths.is_empty() || paths.contains(&**path))
    };
    let remembered: BTreeMap<&str, &Remembered> =
        remembered.iter().map(|one| (one.sql.trim().trim_end_matches(';'), one)).collect();
    let mut in_file = BTreeMap::new();
    let mut queries: Vec<WorkloadQuery> = Vec::new();
    for found in reading.queries.iter().filter(of_file) {
        let file = reading.sources.file(found.place.file);
        let sql =
            file.text[found.place.start as usize..found.place.end as usize].trim().trim_end_matches(';').to_owned();
        let counted = remembered.get(sql.as_str());
        let place_in_all = queries.len() + 1;
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".sql");
        let place = in_file.entry(found.place.file).or_insert(0);
        *place += 1;
        let name = found.name.clone().unwrap_or_else(|| match (paths.len(), *place) {
            (0 | 1, _) => format!("query {place_in_all}").into(),
            (_, 1) => stem.into(),
            (_, place) => format!("{stem} ({place})").into(),
        });
        let of_log = (&*file.path == LOGGED).then(|| traffic.statements.get(number(&name)?)).flatten();
        let calls = counted.map(|one| one.calls).or(of_log.map(|one| one.calls as f64));
        let mean_ms = counted.map(|one| one.mean_ms).or(of_log.and_then(|one| one.time).map(|time| time.mean()));
        queries.push(WorkloadQuery {
            name,
            sql: read::sql::postgres::numbered(&sql).into_owned(),
            query: found.query.clone(),
            calls: calls.unwrap_or(1.0),
            mean_ms,
            place: Some(found.place),
        });
    }
    Workload { queries }
}
