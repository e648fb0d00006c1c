//! How long work on a table takes: a class of duration from its rows and bytes at stated rates, never a promise.

use model::stats::TableStats;
use model::{QName, Reading, Severity};

use crate::words::{bytes, grouped};

/// What a statement does to all of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// It reads every row: a validation.
    Read,
    /// It reads, sorts and writes an index.
    Build,
    /// It writes the table and its indexes anew.
    Rewrite,
    /// It changes every row, with its index entries and its log.
    Change,
    /// It throws the rows away, which takes no time at all.
    Lose,
}

impl Work {
    /// Rows and megabytes in a second on one core and an ordinary SSD: what an unloaded server of that kind does, rounded
    /// down. They are printed with the class, so that whoever has better hardware can correct it.
    fn rates(self) -> Option<(f64, f64)> {
        match self {
            Work::Read => Some((1_000_000.0, 200.0)),
            Work::Build => Some((300_000.0, 60.0)),
            Work::Rewrite => Some((100_000.0, 40.0)),
            Work::Change => Some((30_000.0, 10.0)),
            Work::Lose => None,
        }
    }
}

/// What the size makes of a hazard.
pub(crate) struct Sized {
    pub(crate) severity: Severity,
    pub(crate) reason: String,
}

/// Up to so many rows, nobody notices.
const FEW_ROWS: f64 = 10_000.0;
/// Losing so many rows is never by the way.
const MANY_ROWS: f64 = 10_000_000.0;
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// How grave the work is on this table, and why; nothing without statistics of it.
pub(crate) fn weigh(reading: &Reading, table: &QName, work: Work, severity: Severity) -> Option<Sized> {
    let size = size(reading, table)?;
    let bytes = if size.bytes > 0 { format!(" ({})", bytes(size.bytes)) } else { String::new() };
    let had = format!("{table} had {} rows{bytes} in the statistics", grouped(size.rows));
    let Some((rows_a_second, megabytes_a_second)) = work.rates() else {
        let severity = match size.rows {
            ..1.0 => Severity::Note,
            MANY_ROWS.. => Severity::Error,
            _ => severity,
        };
        return Some(Sized { severity, reason: had });
    };
    let seconds = (size.rows / rows_a_second).max(size.bytes as f64 / MEGABYTE / megabytes_a_second);
    let (class, grave) = match seconds {
        ..0.1 => ("milliseconds", false),
        ..2.0 => ("about a second", false),
        ..10.0 => ("seconds", false),
        ..60.0 => ("tens of seconds", true),
        ..3600.0 => ("minutes, not seconds", true),
        _ => ("hours", true),
    };
    let severity = match (grave, size.rows <= FEW_ROWS && seconds < 0.1) {
        (true, _) => Severity::Error,
        (false, true) => Severity::Note,
        (false, false) => severity,
    };
    let rates = format!("at {} rows or {megabytes_a_second} MB a second", grouped(rows_a_second));
    Some(Sized { severity, reason: format!("{had}: {class}, {rates}") })
}

/// The rows of a partitioned table are those of its partitions.
pub(crate) fn size(reading: &Reading, table: &QName) -> Option<TableStats> {
    let stats = reading.stats.as_ref()?;
    let mut total: Option<TableStats> = None;
    let mut parts = vec![table];
    // Each table has one parent, so that none is met twice.
    while let Some(part) = parts.pop() {
        parts.extend(reading.schema.children(part));
        let Some(own) = stats.tables.get(part) else { continue };
        let total = total.get_or_insert_default();
        let rows = if reading.schema.table(part).is_some_and(|part| part.is_partitioned()) { 0.0 } else { own.rows };
        *total = TableStats {
            rows: total.rows + rows,
            bytes: total.bytes + own.bytes,
            dead_rows: total.dead_rows + own.dead_rows,
            ..TableStats::default()
        };
    }
    total
}

#[cfg(test)]
mod tests {
    use model::stats::Stats;

    use super::*;

    fn check(rows: f64, bytes: u64, work: Work, expected: &str) {
        let table = QName::public("orders");
        let mut stats = Stats::default();
        stats.tables.insert(table.clone(), TableStats { rows, bytes, ..TableStats::default() });
        let reading = Reading { stats: Some(stats), ..Reading::default() };
        let sized = weigh(&reading, &table, work, Severity::Warning).expect("the table has statistics");
        assert_eq!(format!("{}: {}", sized.severity.name(), sized.reason), expected);
    }

    #[test]
    fn a_class_of_duration_by_rows_or_bytes() {
        let rates = "at 1,000,000 rows or 200 MB a second";
        check(200.0, 0, Work::Read, &format!("note: orders had 200 rows in the statistics: milliseconds, {rates}"));
        check(
            80e6,
            0,
            Work::Read,
            &format!("error: orders had 80,000,000 rows in the statistics: minutes, not seconds, {rates}"),
        );
        check(
            3e6,
            40 << 30,
            Work::Read,
            &format!("error: orders had 3,000,000 rows (40 GB) in the statistics: minutes, not seconds, {rates}"),
        );
        check(
            5e5,
            80 << 20,
            Work::Build,
            "warning: orders had 500,000 rows (80 MB) in the statistics: about a second, at 300,000 rows or 60 MB a second",
        );
        check(
            2e9,
            0,
            Work::Change,
            "error: orders had 2,000,000,000 rows in the statistics: hours, at 30,000 rows or 10 MB a second",
        );
    }

    #[test]
    fn what_is_lost_takes_no_time() {
        check(0.0, 8192, Work::Lose, "note: orders had 0 rows (8 kB) in the statistics");
        check(200.0, 0, Work::Lose, "warning: orders had 200 rows in the statistics");
        check(2e7, 0, Work::Lose, "error: orders had 20,000,000 rows in the statistics");
    }
}
