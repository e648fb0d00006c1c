use model::stats::Stats;
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::bytes;

rule! {
    /// An index was not read since the statistics were reset; drop it, after a look at the replicas and the yearly jobs.
    ///
    /// Every write to the table pays for it, and it takes memory from the indexes that are used. A replica counts its own
    /// scans, so an index may be in use there.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 0}]}
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.orders", "rows": 41200000, "bytes": 5905580032, "dead_rows": 1200}],
    ///  "indexes": [{"name": "public.orders_status", "bytes": 905969664, "scans": 18211}]}
    /// ```
    "U001", fix, Check::Stats(check)
}

/// Nobody gains anything from dropping a smaller one.
const SMALL: u64 = 1 << 20;

fn check(stats: &Stats, schema: &Schema, findings: &mut Findings<'_>) {
    for (name, usage) in &stats.indexes {
        // Keys and unique indexes work without being read by queries.
        let Some((table, index)) = schema.index(name).filter(|(_, index)| !index.unique) else { continue };
        if usage.scans > 0 || usage.bytes < SMALL || index.attached_to.is_some() || index.clustered {
            continue;
        }
        let path = Path::index(&table, index.name.clone());
        findings
            .at(&path, format!("no query reads {} ({})", index.name, bytes(usage.bytes)))
            .why(format!("not one scan since the statistics were reset; every write to {table} pays"))
            .unsafe_fix(format!("drop {}", index.name), vec![Change::drop(path)]);
    }
}
