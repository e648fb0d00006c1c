use model::stats::Stats;
use model::{Change, Path, Schema, Severity};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::usage::{SMALL, counted, for_reading, not_counted, written};
use crate::words::bytes;

rule! {
    /// An index was not read since the statistics were reset; drop it, after a look at the replicas and the yearly jobs.
    ///
    /// Every write to the table pays for it, and it takes memory from the indexes that are used. A replica counts its own
    /// scans, so an index may be in use there. With replicas whose scans nobody added it is a
    /// note. Nothing is said where scans were counted for less than 30 days, of an index
    /// that is the only one for a foreign key, and of one that is to take over the queries of another.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 0}]}
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "counted": {"days": 41.2, "since": "2026-03-02"}, "replicas": ["standby1 at 10.0.0.5"],
    ///  "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200,
    ///              "writes": {"inserted": 1200000, "updated": 90000, "in_place": 2000, "deleted": 0}}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 0}]}
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 18211}]}
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "counted": {"days": 2.5, "since": "2026-03-09"},
    ///  "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 0}]}
    /// ```
    "U001", fix, Check::Stats(check)
}

fn check(stats: &Stats, schema: &Schema, findings: &mut Findings<'_>) {
    let activity = stats.activity.as_ref();
    if activity.is_some_and(|activity| !activity.says_unread()) {
        return;
    }
    for (table, index, usage) in for_reading(stats, schema) {
        if usage.scans > 0 || usage.bytes < SMALL {
            continue;
        }
        let path = Path::index(&table.name, index.name.clone());
        let since = activity.map_or("since the statistics were reset".to_owned(), counted);
        let mut draft = findings.at(&path, format!("no query reads {} ({})", index.name, bytes(usage.bytes)));
        draft = match usage.entries.filter(|entries| *entries > 0) {
            Some(entries) => draft.why(format!("not one scan {since}")).why(written(entries)),
            None => draft.why(format!("not one scan {since}; every write to {} pays", table.name)),
        };
        if let Some(note) = activity.and_then(not_counted) {
            // Whoever knows what is read there decides.
            draft = draft.why(note).severity(Severity::Note);
        }
        draft.unsafe_fix(format!("drop {}", index.name), vec![Change::drop(path)]);
    }
}
