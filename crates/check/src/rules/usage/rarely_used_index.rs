use model::stats::Stats;
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::usage::{SMALL, counted, for_reading, not_counted, written};
use crate::words::bytes;

rule! {
    /// An index is read so seldom that its table was written a thousand times for each scan; see what reads it, then drop it.
    ///
    /// What is read once a month may still be what the month's end waits for: the number says only that writes paid for it
    /// all the time. Where the query may take as long as a scan of the table, the index is not worth its writes.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "counted": {"days": 41.2, "since": "2026-03-02"},
    ///  "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200,
    ///              "writes": {"inserted": 1200000, "updated": 90000, "in_place": 2000, "deleted": 0}}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 12, "last_scan": "2026-04-01"}]}
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "counted": {"days": 41.2, "since": "2026-03-02"},
    ///  "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200,
    ///              "writes": {"inserted": 1200000, "updated": 90000, "in_place": 2000, "deleted": 0}}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 18211, "last_scan": "2026-04-11"}]}
    /// ```
    "U003", note, fix, Check::Stats(check)
}

/// Entries that were written for each scan.
const WRITES: u64 = 1_000;
/// A table that is hardly written pays little, however seldom the index is read.
const MANY: u64 = 100_000;

fn check(stats: &Stats, schema: &Schema, findings: &mut Findings<'_>) {
    let Some(activity) = stats.activity.as_ref().filter(|activity| activity.says_unread()) else { return };
    for (table, index, usage) in for_reading(stats, schema) {
        let Some(entries) = usage.entries.filter(|entries| *entries >= MANY) else { continue };
        if usage.scans == 0 || usage.bytes < SMALL || usage.scans.saturating_mul(WRITES) > entries {
            continue;
        }
        let path = Path::index(&table.name, index.name.clone());
        let scans = crate::words::counted(usage.scans as usize, "scan", "scans");
        let last = activity.of_index(&table.name, &index.name).and_then(|used| used.last_scan.as_ref());
        let last = last.map_or(String::new(), |day| format!("; the last on {day}"));
        let mut draft = findings
            .at(&path, format!("queries hardly read {} ({})", index.name, bytes(usage.bytes)))
            .why(format!("{scans} {}{last}", counted(activity)))
            .why(written(entries));
        if let Some(note) = not_counted(activity) {
            draft = draft.why(note);
        }
        draft.unsafe_fix(format!("drop {}", index.name), vec![Change::drop(path)]);
    }
}
