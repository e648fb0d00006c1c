use model::stats::Stats;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Vacuum does not keep up with a table: many of its rows are dead; let autovacuum come earlier for it.
    ///
    /// Dead rows are read by every scan and kept in every index. Autovacuum comes when a fifth of the table is dead, which is
    /// too late for large tables, and a transaction or replication slot that was left open stops it altogether.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, payload text);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.jobs", "rows": 210000, "bytes": 590558003, "dead_rows": 1800000}], "indexes": []}
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, payload text);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.jobs", "rows": 210000, "bytes": 59055800, "dead_rows": 1200}], "indexes": []}
    /// ```
    ///
    /// **How to fix.** `ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.01)`, and look for old transactions in
    /// `pg_stat_activity` and for unused slots in `pg_replication_slots`.
    "U002", Check::Stats(check)
}

/// Twice the share at which autovacuum comes by default.
const TOO_MANY: f64 = 0.4;
const FEW_ROWS: f64 = 10_000.0;

fn check(stats: &Stats, schema: &Schema, findings: &mut Findings<'_>) {
    for (name, usage) in &stats.tables {
        let share = usage.dead_rows / (usage.rows + usage.dead_rows).max(1.0);
        if schema.table(name).is_none() || usage.dead_rows < FEW_ROWS || share < TOO_MANY {
            continue;
        }
        findings.at(&Path::table(name), format!("{:.0} % of the rows of {name} are dead", share * 100.0)).why(format!(
            "{} dead rows beside {} living ones",
            grouped(usage.dead_rows),
            grouped(usage.rows)
        ));
    }
}
