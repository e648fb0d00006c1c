//! The ground that advice stands on: a schema, statistics, and the queries with how often they run.

use std::collections::{BTreeMap, BTreeSet};

use live::statistics::{self, PlannerStats, Values};
use live::{Access, Client, connection};
use model::dialect::Version;
use model::query::{FoundQuery, Origin};
use model::workload::{Workload, WorkloadQuery};
use model::{Reading, Schema};
use read::{Input, Options};

use super::From;
use crate::Failure;

#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) schema: Schema,
    pub(crate) stats: PlannerStats,
    pub(crate) workload: Workload,
}

/// The path under which the schema of a database is read together with queries.
const DATABASE: &str = "(database).sql";
/// The same of the statements that a database remembers.
const REMEMBERED: &str = "pg_stat_statements.sql";

impl Ground {
    pub(crate) fn gather(schema: Vec<Input>, queries: Vec<Input>, from: From) -> Result<Ground, Failure> {
        let mut inputs = schema;
        let (stats, remembered) = match from {
            From::File(stats) => (*stats, Vec::new()),
            From::Database(target) => {
                let mut client = connection::open(&target, Access::ReadOnly)?;
                let found = live::introspect(&mut client)?;
                inputs = vec![Input::new(DATABASE, &write::sql::postgres::schema(&found.schema))];
                let stats = statistics::export(&mut client, Values::Kept)?;
                let remembered = if queries.is_empty() { remembered(&mut client)? } else { Vec::new() };
                (stats, remembered)
            }
        };
        let mut paths: BTreeSet<String> = queries.iter().map(|input| input.file.path.to_string()).collect();
        inputs.extend(queries);
        if !remembered.is_empty() {
            let text: String =
                remembered.iter().map(|one| format!("{};\n", one.sql.trim_end().trim_end_matches(';'))).collect();
            inputs.push(Input::new(REMEMBERED, &text));
            paths.insert(REMEMBERED.to_owned());
        }
        let version = Version(stats.major(), 0);
        let reading = read::read(inputs, &Options { version, unreleased: None });
        let workload = workload(&reading, &paths, &remembered);
        Ok(Ground { schema: reading.schema, stats, workload })
    }
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
fn workload(reading: &Reading, paths: &BTreeSet<String>, remembered: &[Remembered]) -> Workload {
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
        let number = queries.len() + 1;
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".sql");
        let place = in_file.entry(found.place.file).or_insert(0);
        *place += 1;
        let name = found.name.clone().unwrap_or_else(|| match (paths.len(), *place) {
            (0 | 1, _) => format!("query {number}").into(),
            (_, 1) => stem.into(),
            (_, place) => format!("{stem} ({place})").into(),
        });
        queries.push(WorkloadQuery {
            name,
            sql: read::sql::postgres::numbered(&sql).into_owned(),
            query: found.query.clone(),
            calls: counted.map_or(1.0, |one| one.calls),
            mean_ms: counted.map(|one| one.mean_ms),
            place: Some(found.place),
        });
    }
    Workload { queries }
}
