//! Workloads from what teams have: logs of PostgreSQL, exports of `pg_stat_statements`, query logs of libraries.
//!
//! A file of any size is read line by line, in memory that grows with the number of different statements alone. What
//! it is, is found from how it begins. Statements of one shape ([`shape`]) are one entry, so that each is parsed once.

pub mod shape;

mod csv;
mod csvlog;
mod gather;
mod jsonlog;
mod lines;
mod message;
mod orm;
mod repeats;
mod statements;
mod stderr;

use std::io::{self, BufRead};

use model::workload::{Traffic, TrafficKind};

use gather::Gather;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The longest entry of a log, in bytes; a longer one is left out and said.
    pub longest: usize,
    /// Whole statements that are kept of each shape.
    pub examples: usize,
    pub most_statements: usize,
    /// From how many calls on a session's repeating is a loop.
    pub repeats: u64,
    /// What is asked within this time, outside of a transaction, belongs together.
    pub pause_ms: i64,
}

impl Default for Options {
    fn default() -> Options {
        Options { longest: 4 << 20, examples: 3, most_statements: 100_000, repeats: 10, pause_ms: 250 }
    }
}

/// Reads logs, one after the other, into one workload.
#[derive(Debug)]
pub struct Reader {
    options: Options,
    gather: Gather,
}

/// So much of a file says what it is.
pub const HEAD: usize = 64 * 1024;

/// What kind of log begins like this; none when it is something else.
pub fn recognize(head: &[u8]) -> Option<TrafficKind> {
    let head = &head[..head.len().min(HEAD)];
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    if first.starts_with('{') || text.lines().take(20).any(|line| line.starts_with("{\"timestamp\":")) {
        return text.lines().any(|line| jsonlog::object(line).is_some()).then_some(TrafficKind::JsonLog);
    }
    if text.lines().any(csvlog::begins) {
        return Some(TrafficKind::CsvLog);
    }
    if statements::head(first).is_some() {
        return Some(TrafficKind::Statements);
    }
    if text.lines().any(is_server) {
        return Some(TrafficKind::Stderr);
    }
    orm::recognize(text).map(TrafficKind::Orm)
}

/// A line that PostgreSQL wrote: it says how serious it is, and SQL does not look like that.
fn is_server(line: &str) -> bool {
    const OTHERS: [&str; 4] = ["--", "/*", "\\", "\t"];
    let mark = stderr::mark(line).filter(|_| !OTHERS.iter().any(|start| line.starts_with(start)));
    mark.is_some_and(|mark| !mark.text.is_empty() && !mark.prefix.contains(['\'', ';']))
}

impl Reader {
    pub fn new(options: Options) -> Reader {
        Reader { options, gather: Gather::new(options) }
    }

    /// Reads one file of this kind. Only the world can fail here.
    pub fn read(&mut self, path: &str, kind: TrafficKind, reader: impl BufRead) -> io::Result<()> {
        let gather = &mut self.gather;
        gather.file(path, kind);
        let longest = self.options.longest;
        match kind {
            TrafficKind::Stderr => stderr::read(reader, longest, gather),
            TrafficKind::CsvLog => csvlog::read(reader, longest, gather),
            TrafficKind::JsonLog => jsonlog::read(reader, longest, gather),
            TrafficKind::Statements => statements::read(reader, longest, gather),
            TrafficKind::Orm(orm) => orm::read(reader, orm, longest, gather),
        }
    }

    pub fn finish(self) -> Traffic {
        self.gather.finish()
    }
}
