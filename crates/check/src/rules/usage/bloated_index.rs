use model::name::quoted;
use model::stats::Stats;
use model::{Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::usage::SMALL;
use crate::words::bytes;

rule! {
    /// An index is more than twice as large as its entries need; build it anew, concurrently.
    ///
    /// A page of a B-tree is given back only when it is empty: after many rows were deleted, or keys were changed, pages stay
    /// half full. They are read and kept in memory like full ones. Up to a half more than a new index has is ordinary, as
    /// pages are split in the middle.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, due_at timestamptz);
    /// CREATE INDEX jobs_due ON jobs (due_at);
    /// -- stats
    /// {"version": 1, "counted": {"days": 41.2, "since": "2026-03-02"},
    ///  "tables": [{"name": "public.jobs", "rows": 210000, "bytes": 59055800, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.jobs_due", "bytes": 90596966, "scans": 9218, "needed": {"bytes": 4718592}}]}
    /// ```
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, due_at timestamptz);
    /// -- stats
    /// {"version": 1, "counted": {"days": 41.2, "since": "2026-03-02"},
    ///  "tables": [{"name": "public.jobs", "rows": 210000, "bytes": 59055800, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.jobs_pkey", "bytes": 90596966, "scans": 9218,
    ///               "needed": {"bytes": 4718592, "measured": true}}]}
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, due_at timestamptz);
    /// CREATE INDEX jobs_due ON jobs (due_at);
    /// -- stats
    /// {"version": 1, "counted": {"days": 41.2, "since": "2026-03-02"},
    ///  "tables": [{"name": "public.jobs", "rows": 210000, "bytes": 59055800, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.jobs_due", "bytes": 6291456, "scans": 9218, "needed": {"bytes": 4718592}}]}
    /// ```
    ///
    /// **How to fix.** `REINDEX INDEX CONCURRENTLY jobs_due`, outside a transaction: it needs as much room again until it
    /// ends. What made the index so large will do it again, unless vacuum comes earlier.
    "U004", fix, Check::Stats(check)
}

/// How many times what it needs.
const TIMES: u64 = 2;

fn check(stats: &Stats, schema: &Schema, findings: &mut Findings<'_>) {
    let Some(activity) = &stats.activity else { return };
    for (name, used) in &activity.indexes {
        let (Some(needed), Some(size)) = (used.needed, stats.indexes.get(name)) else { continue };
        let free = size.bytes.saturating_sub(needed.bytes);
        if free < SMALL || size.bytes < needed.bytes.saturating_mul(TIMES) || used.is_built_now {
            continue;
        }
        let Some(path) = path(schema, name) else { continue };
        let known = match needed.is_measured {
            true => "the server read it and counted",
            false => "computed from statistics, within a fifth of what a new one would have",
        };
        findings
            .at(&path, format!("{} of the {} of {} are empty", bytes(free), bytes(size.bytes), name.name))
            .why(format!("built now it would have {}", bytes(needed.bytes)))
            .why(known)
            .run(format!("REINDEX INDEX CONCURRENTLY {}.{}", quoted(&name.schema), quoted(&name.name)));
    }
}

/// An index, or the constraint that it is behind.
fn path(schema: &Schema, name: &QName) -> Option<Path> {
    if let Some((table, index)) = schema.index(name) {
        return index.valid.then(|| Path::index(&table, index.name.clone()));
    }
    let tables = schema.tables().filter(|table| table.name.schema == name.schema);
    let mut constraints = tables.flat_map(|table| table.constraints.iter().map(move |found| (table, found)));
    let (table, found) = constraints.find(|(_, found)| found.has_index() && found.name == name.name)?;
    Some(Path::constraint(&table.name, found.name.clone()))
}
