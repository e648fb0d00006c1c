//! What logs said: files, what a session asked key by key, and which query a name stands for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::workload::{Line, Loop, LoopKind, Orm, Repeat, Time, Traffic, TrafficKind};
use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::count::{counted, list, number};

/// Loops, problems and names that are printed.
const LOOPS: usize = 10;
const PROBLEMS: usize = 5;
const QUERIES: usize = 20;
const WIDTH: usize = 80;

/// Which logs were read, and what of them was not.
pub(super) fn read(report: &Report<'_>) -> String {
    let Traffic { files, statements, problems, .. } = report.traffic;
    if files.is_empty() {
        return String::new();
    }
    let mut kinds: Vec<String> = Vec::new();
    for file in files {
        let words = words(file.kind).to_owned();
        if !kinds.contains(&words) {
            kinds.push(words);
        }
    }
    let calls: u64 = files.iter().map(|file| file.calls).sum();
    let total: f64 = statements.iter().filter_map(|one| one.time).map(|time| time.total).sum();
    let time = if total > 0.0 { format!(", {}", duration(total)) } else { String::new() };
    let mut out = format!(
        "Read {} ({}): {} of {}{time}\n",
        counted(files.len(), "log"),
        list(&kinds),
        counted(usize::try_from(calls).unwrap_or(usize::MAX), "call"),
        counted(statements.len(), "statement"),
    );
    let unread: u64 = files.iter().map(|file| file.problems).sum();
    if unread > 0 {
        let _ = writeln!(out, "{} could not be read:", counted(usize::try_from(unread).unwrap_or(usize::MAX), "place"));
        for problem in problems.iter().take(PROBLEMS) {
            let _ = writeln!(out, "  {}: {}", place(report.traffic, problem.line), problem.message);
        }
    }
    out
}

/// What was asked key by key, and what with the same values.
pub(super) fn loops(report: &Report<'_>) -> String {
    let mut out = String::new();
    for one in report.loops.iter().take(LOOPS) {
        loop_of(report.traffic, one, &mut out);
    }
    if report.loops.len() > LOOPS {
        let _ = writeln!(out, "\n{} more are in --format json", number(report.loops.len() - LOOPS));
    }
    out
}

fn loop_of(traffic: &Traffic, one: &Loop, out: &mut String) {
    let Loop { query, repeat, what } = one;
    let name = match what {
        LoopKind::Keys { .. } => "N+1",
        LoopKind::Same => "repeated",
    };
    let _ = writeln!(out, "\n{name}: {query}, {}", often(repeat));
    let from = format!("    from {}", place(traffic, repeat.line));
    match what {
        LoopKind::Keys { column, together, joined } => {
            let _ = writeln!(out, "{from}, each time for another {column}: {} in the longest", values(repeat));
            match together {
                Some(sql) => {
                    let _ = writeln!(out, "    ask once for all of them, with an array:\n{}", indented(sql));
                }
                None => out.push_str("    ask once for all of them: LATERAL over the array of keys\n"),
            }
            if let Some(sql) = joined {
                let _ = writeln!(out, "    or in one, with what was asked before it:\n{}", indented(sql));
            }
            if let Some(orm) = repeat.orm {
                let _ = writeln!(out, "    {}: {}", orm_name(orm), hint(orm));
            }
        }
        LoopKind::Same => {
            let _ = writeln!(out, "{from}, with the same values each time: keep the answer as long as it may be old");
            let _ = writeln!(out, "{}", indented(&cut(&squeezed(&repeat.first), WIDTH * 2)));
        }
    }
}

/// `400 calls in 20 loops of up to 20, 1.2 s`
fn often(repeat: &Repeat) -> String {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let loops = match repeat.loops {
        1 => "one loop".to_owned(),
        loops => format!("{} of up to {}", counted(count(loops), "loop"), number(count(repeat.longest))),
    };
    let time = repeat.total_ms.map_or(String::new(), |ms| format!(", {}", duration(ms)));
    format!("{} in {loops}{time}", counted(count(repeat.calls), "call"))
}

fn values(repeat: &Repeat) -> String {
    number(usize::try_from(repeat.values).unwrap_or(usize::MAX))
}

/// The queries of logs that were named above: where they stand, and what they cost there.
pub(super) fn named(report: &Report<'_>, printed: &str) -> String {
    let traffic = report.traffic;
    if traffic.files.is_empty() {
        return String::new();
    }
    let words: BTreeSet<&str> = printed.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let total: f64 = traffic.statements.iter().filter_map(|one| one.time).map(|time| time.total).sum();
    let mut out = String::new();
    let queries = traffic.statements.iter().enumerate().map(|(at, one)| (format!("Q{}", at + 1), one));
    for (name, one) in queries.filter(|(name, _)| words.contains(name.as_str())).take(QUERIES) {
        let calls = counted(usize::try_from(one.calls).unwrap_or(usize::MAX), "call");
        let time = one.time.map_or(String::new(), |time: Time| {
            let share =
                if total > 0.0 { format!(", {:.0} % of the time", time.total / total * 100.0) } else { String::new() };
            format!(" of {}{share}", duration(time.mean()))
        });
        let _ = writeln!(out, "{name}  {calls}{time}, first at {}", place(traffic, one.first));
        let _ = writeln!(out, "    {}", cut(&squeezed(&one.examples[0].sql), WIDTH - 4));
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

fn place(traffic: &Traffic, line: Line) -> String {
    let path = traffic.files.get(line.file).map_or("", |file| file.path.as_str());
    format!("{path}:{}", line.line)
}

fn indented(sql: &str) -> String {
    format!("      {};", sql.trim().trim_end_matches(';').replace('\n', "\n      "))
}

/// On one line.
fn squeezed(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
    }
}

/// `0.4 ms`, `12 ms`, `1.2 s`, `3.5 min`
fn duration(ms: f64) -> String {
    match ms {
        ..10.0 => format!("{ms:.1} ms"),
        ..1000.0 => format!("{ms:.0} ms"),
        ..60_000.0 => format!("{:.1} s", ms / 1000.0),
        ..3_600_000.0 => format!("{:.1} min", ms / 60_000.0),
        _ => format!("{:.1} h", ms / 3_600_000.0),
    }
}

fn words(kind: TrafficKind) -> &'static str {
    match kind {
        TrafficKind::Stderr => "PostgreSQL",
        TrafficKind::CsvLog => "csvlog",
        TrafficKind::JsonLog => "jsonlog",
        TrafficKind::Statements => "pg_stat_statements",
        TrafficKind::Orm(orm) => orm_name(orm),
    }
}

fn orm_name(orm: Orm) -> &'static str {
    match orm {
        Orm::ActiveRecord => "Active Record",
        Orm::Django => "Django",
        Orm::Drizzle => "Drizzle",
        Orm::Hibernate => "Hibernate",
        Orm::Prisma => "Prisma",
        Orm::Sequelize => "Sequelize",
        Orm::SqlAlchemy => "SQLAlchemy",
        Orm::TypeOrm => "TypeORM",
    }
}

/// How each loads what belongs to many rows at once, by its documentation.
fn hint(orm: Orm) -> &'static str {
    match orm {
        Orm::ActiveRecord => "`includes` or `preload` on the query before",
        Orm::Django => "`select_related` (one row each) or `prefetch_related` (many)",
        Orm::Drizzle => "`with:` of a relational query, or `inArray`",
        Orm::Hibernate => "`join fetch`, an entity graph, or `@BatchSize`",
        Orm::Prisma => "`include:` on the query before, or `where: { … in: ids }`",
        Orm::Sequelize => "`include:` on the query before",
        Orm::SqlAlchemy => "`selectinload` or `joinedload` in the options of the query before",
        Orm::TypeOrm => "`relations:`, or `leftJoinAndSelect`",
    }
}

/// What logs say was asked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Workload<'a> {
    files: Vec<LogFile<'a>>,
    queries: Vec<LoggedQuery<'a>>,
    /// Places that could not be read.
    unread: Vec<Unread<'a>>,
}

/// A log.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogFile<'a> {
    path: &'a str,
    /// `PostgreSQL`, `csvlog`, `jsonlog`, `pg_stat_statements`, or the name of an ORM.
    kind: &'static str,
    calls: u64,
    /// How many places of it could not be read.
    problems: u64,
}

/// A statement that was asked, whatever its values.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LoggedQuery<'a> {
    /// Its name here: `Q1`.
    query: String,
    /// The same for every text that says the same with other values.
    fingerprint: String,
    /// One of its texts.
    sql: &'a str,
    /// Its text with parameters for values.
    shape: &'a str,
    calls: u64,
    /// How many of the calls failed.
    failed: u64,
    /// Null where no log holds times.
    ms: Option<Milliseconds>,
    file: &'a str,
    /// Where it was asked first.
    line: u64,
}

/// Milliseconds of calls.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Milliseconds {
    total: f64,
    mean: f64,
    min: f64,
    max: f64,
}

/// A place of a log that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Unread<'a> {
    file: &'a str,
    line: u64,
    message: &'a str,
}

/// A query that a session asked again and again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LoopedQuery<'a> {
    query: &'a str,
    file: &'a str,
    line: u64,
    /// The value that was another each time is `$1`.
    sql: &'a str,
    /// The column that it is compared with.
    column: Option<&'a str>,
    /// How often a session began with it.
    loops: u64,
    calls: u64,
    /// Calls of the longest loop.
    longest: u64,
    /// Different values of that one.
    values: u64,
    /// Milliseconds of all calls; null where no log holds times.
    ms: Option<f64>,
    /// The query that asks once for all values.
    together: Option<&'a str>,
    /// The query before it and this one in one.
    joined: Option<&'a str>,
    /// The query before it.
    before: Option<&'a str>,
    /// The ORM whose log it is.
    orm: Option<&'static str>,
    /// How that ORM asks once.
    hint: Option<&'static str>,
}

pub(super) fn workload<'a>(traffic: &'a Traffic) -> Workload<'a> {
    let path = |line: Line| traffic.files.get(line.file).map_or("", |file| file.path.as_str());
    let file = |file: &'a model::workload::TrafficFile| LogFile {
        path: &file.path,
        kind: words(file.kind),
        calls: file.calls,
        problems: file.problems,
    };
    let query = |(at, one): (usize, &'a model::workload::Logged)| LoggedQuery {
        query: format!("Q{}", at + 1),
        fingerprint: format!("{:016x}", one.fingerprint),
        sql: &one.examples[0].sql,
        shape: &one.text,
        calls: one.calls,
        failed: one.failed,
        ms: one.time.map(|time| Milliseconds { total: time.total, mean: time.mean(), min: time.least, max: time.most }),
        file: path(one.first),
        line: one.first.line,
    };
    let unread = |problem: &'a model::workload::Unread| Unread {
        file: path(problem.line),
        line: problem.line.line,
        message: &problem.message,
    };
    Workload {
        files: traffic.files.iter().map(file).collect(),
        queries: traffic.statements.iter().enumerate().map(query).collect(),
        unread: traffic.problems.iter().map(unread).collect(),
    }
}

/// Those of N+1, or those with the same values.
pub(super) fn entries<'a>(report: &Report<'a>, same: bool) -> Vec<LoopedQuery<'a>> {
    let traffic = report.traffic;
    let wanted = report.loops.iter().filter(|one| (one.what == LoopKind::Same) == same);
    wanted
        .map(|Loop { query, repeat, what }| {
            let (column, together, joined) = match what {
                LoopKind::Keys { column, together, joined } => (Some(column), together.as_deref(), joined.as_deref()),
                LoopKind::Same => (None, None, None),
            };
            let orm = repeat.orm.filter(|_| !same);
            LoopedQuery {
                query,
                file: traffic.files.get(repeat.line.file).map_or("", |file| file.path.as_str()),
                line: repeat.line.line,
                sql: repeat.varying.as_deref().unwrap_or(&repeat.first),
                column: column.map(|column| column.as_str()),
                loops: repeat.loops,
                calls: repeat.calls,
                longest: repeat.longest,
                values: repeat.values,
                ms: repeat.total_ms,
                together,
                joined,
                before: repeat.before.first().map(String::as_str).filter(|_| !same),
                orm: orm.map(orm_name),
                hint: orm.map(hint),
            }
        })
        .collect()
}
