//! What libraries write down of what they ask, a file for each.
//!
//! A library's own file says what one line is ([`Said`]); here lines become calls: values, times and further lines of a
//! statement come behind it.

mod active_record;
mod django;
mod drizzle;
mod hibernate;
mod placeholder;
mod prisma;
mod sequelize;
mod sqlalchemy;
mod typeorm;
mod values;

use std::borrow::Cow;
use std::io::{self, BufRead};

use model::workload::Orm;

use super::gather::{Call, Gather, Source};
use super::lines::Lines;
use super::stderr::time;

/// What a line says.
#[derive(Clone, Debug, Default, PartialEq)]
enum Said<'a> {
    Query(Query<'a>),
    /// The values of the statement before, in order.
    Values(Vec<Option<String>>),
    /// Those with names.
    Named(Vec<(String, Option<String>)>),
    /// One of them, by its number.
    Value(usize, Option<String>),
    /// How long the statement before took.
    Ms(f64),
    /// A new request: what comes now is not of the same loop.
    Boundary,
    #[default]
    Other,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Query<'a> {
    sql: &'a str,
    values: Vec<Option<String>>,
    ms: Option<f64>,
    /// Where the library names a connection or a process.
    session: &'a str,
    more: More,
}

/// Which lines behind a statement are more of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum More {
    #[default]
    None,
    Indented,
    /// All up to the next one that the library marks.
    Any,
}

/// Lines of one statement.
const LINES: u32 = 1000;

fn reader(orm: Orm) -> fn(&str) -> Said<'_> {
    match orm {
        Orm::ActiveRecord => active_record::line,
        Orm::Django => django::line,
        Orm::Drizzle => drizzle::line,
        Orm::Hibernate => hibernate::line,
        Orm::Prisma => prisma::line,
        Orm::Sequelize => sequelize::line,
        Orm::SqlAlchemy => sqlalchemy::line,
        Orm::TypeOrm => typeorm::line,
    }
}

const ALL: [Orm; 8] = [
    Orm::ActiveRecord,
    Orm::Django,
    Orm::Drizzle,
    Orm::Hibernate,
    Orm::Prisma,
    Orm::Sequelize,
    Orm::SqlAlchemy,
    Orm::TypeOrm,
];

/// The library whose statements are most of what stands in the text.
pub(super) fn recognize(text: &str) -> Option<Orm> {
    let lines: Vec<Cow<'_, str>> = text.lines().map(plain).collect();
    let count = |orm: Orm| {
        let line = reader(orm);
        lines.iter().filter(|text| matches!(line(text), Said::Query(_))).count()
    };
    let counts = ALL.map(|orm| (count(orm), orm));
    counts.into_iter().rev().max_by_key(|(count, _)| *count).filter(|(count, _)| *count > 0).map(|(_, orm)| orm)
}

pub(super) fn read(reader: impl BufRead, orm: Orm, most: usize, gather: &mut Gather) -> io::Result<()> {
    let mut lines = Lines::new(reader, most);
    let said = self::reader(orm);
    let mut log = Log { most, open: None };
    while lines.next()? {
        let (line, number) = (plain(lines.line()), lines.number);
        if lines.cut {
            gather.problem(number, format!("a line of more than {} MB is left out", most >> 20));
            log.end(gather);
            continue;
        }
        log.line(&line, said(&line), number, gather);
    }
    log.end(gather);
    Ok(())
}

/// A statement that may go on.
struct Open {
    sql: String,
    values: Vec<Option<String>>,
    named: Vec<(String, Option<String>)>,
    ms: Option<f64>,
    session: String,
    at: Option<i64>,
    line: u64,
    more: More,
    lines: u32,
}

struct Log {
    most: usize,
    open: Option<Open>,
}

impl Log {
    fn line(&mut self, line: &str, said: Said<'_>, number: u64, gather: &mut Gather) {
        if let Said::Query(query) = said {
            self.end(gather);
            // Libraries do not say which of their connections it was: it is one client, as far as anybody knows.
            let session = if query.session.is_empty() { "-" } else { query.session };
            self.open = Some(Open {
                sql: query.sql.to_owned(),
                values: query.values,
                named: Vec::new(),
                ms: query.ms,
                session: session.to_owned(),
                at: time(line.get(..64).unwrap_or(line)),
                line: number,
                more: query.more,
                lines: 0,
            });
            return;
        }
        if said == Said::Boundary {
            self.end(gather);
            return gather.boundary();
        }
        let most = self.most;
        let Some(open) = &mut self.open else { return };
        match said {
            Said::Values(values) => open.values = values,
            Said::Named(named) => open.named = named,
            Said::Value(at, value) if at > 0 && at <= open.values.len() + 1 => {
                open.values.truncate(at - 1);
                open.values.push(value);
            }
            Said::Ms(ms) => open.ms = Some(ms),
            Said::Other => {
                let more = match open.more {
                    More::None => false,
                    More::Indented => line.starts_with([' ', '\t']) && !line.trim().is_empty(),
                    More::Any => !line.trim().is_empty(),
                };
                if more && open.lines < LINES && open.sql.len() + line.len() < most {
                    open.lines += 1;
                    open.sql.push('\n');
                    open.sql.push_str(line);
                } else {
                    open.more = More::None;
                }
                return;
            }
            _ => {}
        }
        open.more = More::None;
    }

    fn end(&mut self, gather: &mut Gather) {
        let Some(open) = self.open.take() else { return };
        let (sql, values) = placeholder::numbered(&open.sql, open.values, &open.named);
        let Open { session, at, line, ms, .. } = open;
        let from = Source::Statement;
        gather.call(Call { session: &session, at, line, sql: &sql, parameters: &values, ms, from });
    }
}

/// The line without colours.
fn plain(line: &str) -> Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let end = code.find(|sign: char| !(sign.is_ascii_digit() || sign == ';')).unwrap_or(code.len());
        rest = code[end..].strip_prefix(|sign: char| sign.is_ascii_alphabetic()).unwrap_or(&code[end..]);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether it begins as statements do.
fn is_sql(text: &str) -> bool {
    const WORDS: [&str; 22] = [
        "select",
        "insert",
        "update",
        "delete",
        "with",
        "begin",
        "commit",
        "rollback",
        "start",
        "savepoint",
        "release",
        "merge",
        "set",
        "create",
        "alter",
        "drop",
        "truncate",
        "copy",
        "explain",
        "values",
        "lock",
        "show",
    ];
    let text = text.trim_start_matches(['(', ' ', '\t']);
    let text = match text.strip_prefix("/*") {
        Some(rest) => rest.split_once("*/").map_or("", |(_, rest)| rest.trim_start()),
        None => text,
    };
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let word = text[..end].to_ascii_lowercase();
    WORDS.contains(&word.as_str())
}
