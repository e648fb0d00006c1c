//! An export of `pg_stat_statements`: CSV with a head, columns in any order, of any version.

use std::io::{self, BufRead};

use model::workload::Time;

use super::csv::{Fields, Records, State};
use super::gather::Gather;

/// Which column holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    separator: char,
    query: usize,
    calls: usize,
    total: Option<usize>,
    least: Option<usize>,
    most: Option<usize>,
    mean: Option<usize>,
}

/// The columns of a head line; none where it is not one.
pub(super) fn head(line: &str) -> Option<Head> {
    let separator = [',', ';', '\t', '|'].into_iter().max_by_key(|sign| (line.matches(*sign).count(), *sign == ','))?;
    let names: Vec<String> =
        line.split(separator).map(|name| name.trim().trim_matches('"').to_ascii_lowercase()).collect();
    let column = |wanted: &[&str]| wanted.iter().find_map(|name| names.iter().position(|own| own == name));
    Some(Head {
        separator,
        query: column(&["query"])?,
        calls: column(&["calls"])?,
        // Until 12 `total_time` was all of it; since 13 planning has columns of its own.
        total: column(&["total_exec_time", "total_time"]),
        least: column(&["min_exec_time", "min_time"]),
        most: column(&["max_exec_time", "max_time"]),
        mean: column(&["mean_exec_time", "mean_time"]),
    })
}

pub(super) fn read(reader: impl BufRead, most: usize, gather: &mut Gather) -> io::Result<()> {
    let mut records = Records::new(reader, most, |_| false);
    let mut found: Option<Head> = None;
    let mut text = String::new();
    while records.next()? {
        let line = records.number;
        if records.state != State::Whole {
            let why = if records.state == State::Open { "a row has no end" } else { "a row is too long" };
            gather.problem(line, format!("{why}: it is left out"));
            continue;
        }
        let mut fields = Fields::default();
        let Some(head) = found else {
            let whole = records.whole();
            match self::head(whole) {
                Some(head) => found = Some(head),
                None if whole.trim().is_empty() => {}
                None => gather.problem(line, "no head of an export of pg_stat_statements: it needs query and calls"),
            }
            continue;
        };
        records.fields(head.separator, &mut fields);
        if fields.len() == 1 && fields.raw(0).trim().is_empty() {
            continue;
        }
        let number = |at: Option<usize>| fields.raw(at?).trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let calls = number(Some(head.calls)).filter(|calls| (0.0..1e15).contains(calls));
        fields.copy(head.query, &mut text);
        // Those of other users are shown as this.
        let hidden = text.trim().is_empty() || text == "<insufficient privilege>";
        let Some(calls) = calls.filter(|_| !hidden).map(|calls| calls as u64) else {
            let why = if hidden { "its text is not shown to the role that made the export" } else { "it has no calls" };
            gather.problem(line, format!("a row is left out: {why}"));
            continue;
        };
        if calls == 0 {
            continue;
        }
        let mean = number(head.mean);
        let total = number(head.total).or(mean.map(|mean| mean * calls as f64));
        let time = total.map(|total| {
            let mean = total / calls as f64;
            let least = number(head.least).unwrap_or(mean);
            Time { calls, total, least, most: number(head.most).unwrap_or(mean) }
        });
        if gather.is_full() {
            gather.problem(line, "not counted: there are too many different statements");
            continue;
        }
        gather.counted(text.trim().trim_end_matches(';'), calls, time, line);
    }
    Ok(())
}
