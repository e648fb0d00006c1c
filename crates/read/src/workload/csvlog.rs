//! `csvlog`: columns by their place, which is the same since PostgreSQL 9.0; later versions add some at the end.

use std::io::{self, BufRead};

use super::csv::{Fields, Records, State};
use super::gather::Gather;
use super::message::{Entry, Severity};
use super::stderr::time;

const TIME: usize = 0;
const SESSION: usize = 5;
const SEVERITY: usize = 11;
const MESSAGE: usize = 13;
const DETAIL: usize = 14;
const STATEMENT: usize = 19;
const FEWEST: usize = 23;

pub(super) fn read(reader: impl BufRead, most: usize, gather: &mut Gather) -> io::Result<()> {
    let mut records = Records::new(reader, most, begins);
    let mut entry = Entry::default();
    let mut broken = false;
    while records.next()? {
        let line = records.number;
        if records.state == State::TooLong {
            gather.problem(line, format!("an entry of more than {} MB is left out", most >> 20));
            continue;
        }
        let mut fields = Fields::default();
        records.fields(',', &mut fields);
        let severity = Severity::of(fields.raw(SEVERITY)).filter(|_| records.state == State::Whole);
        let Some(severity) = severity.filter(|_| fields.len() >= FEWEST) else {
            // One problem for a stretch of them.
            if !broken {
                gather.problem(line, "no entry of a csvlog: it has not its columns, or no end");
            }
            broken = true;
            continue;
        };
        broken = false;
        entry.clear();
        (entry.at, entry.line, entry.severity) = (time(fields.raw(TIME)), line, severity);
        fields.copy(SESSION, &mut entry.session);
        fields.copy(MESSAGE, &mut entry.message);
        fields.copy(DETAIL, &mut entry.detail);
        fields.copy(STATEMENT, &mut entry.statement);
        entry.tell(gather);
    }
    Ok(())
}

/// `2026-11-21 10:00:00.123 UTC,"shop","db",4711,"[local]",6740a1b2.1267,`
pub(super) fn begins(line: &str) -> bool {
    let mut fields = line.splitn(7, ',');
    let is_time = fields.next().is_some_and(|text| text.len() > 19 && time(text).is_some());
    let is_process = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_session = |text: &str| {
        text.split_once('.').is_some_and(|(start, process)| {
            let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hex(start) && is_hex(process)
        })
    };
    is_time && fields.nth(2).is_some_and(is_process) && fields.nth(1).is_some_and(is_session)
}
