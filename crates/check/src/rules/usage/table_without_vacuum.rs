use model::object::Table;
use model::stats::Stats;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Vacuum does not keep up with a table: many of its rows are dead; let autovacuum come earlier for it.
    ///
    /// Dead rows are read by every scan and kept in every index. Autovacuum is due when the dead rows are more than
    /// 50 + 0.2 × the living ones, or what the table's own `autovacuum_vacuum_threshold` and
    /// `autovacuum_vacuum_scale_factor` say. Twice that many (and at least 10,000) mean that it did not come or could not
    /// clean: it is too slow for the table, or a transaction or replication slot that was left open keeps the rows.
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
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, payload text) WITH (autovacuum_vacuum_scale_factor = 0.4);
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.jobs", "rows": 185000, "bytes": 59055800, "dead_rows": 96000}], "indexes": []}
    /// ```
    ///
    /// **How to fix.** `ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.01)`, and look for old transactions in
    /// `pg_stat_activity` and for unused slots in `pg_replication_slots`.
    "U002", Check::Stats(check)
}

/// How often autovacuum has missed its time.
const MISSED: f64 = 2.0;
/// Fewer dead rows fit into a few pages.
const FEW_ROWS: f64 = 10_000.0;

fn check(stats: &Stats, schema: &Schema, findings: &mut Findings<'_>) {
    for (name, usage) in &stats.tables {
        let Some(table) = schema.table(name) else { continue };
        let due = due_at(table, usage.rows);
        if usage.dead_rows < FEW_ROWS || usage.dead_rows < MISSED * due {
            continue;
        }
        let share = 100.0 * usage.dead_rows / (usage.rows + usage.dead_rows);
        findings.at(&Path::table(name), format!("{share:.0} % of the rows of {name} are dead")).why(format!(
            "{} dead rows beside {} living ones; autovacuum is due at {}",
            grouped(usage.dead_rows),
            grouped(usage.rows),
            grouped(due)
        ));
    }
}

/// The number of dead rows at which autovacuum comes: the server's defaults, where the table says nothing.
fn due_at(table: &Table, rows: f64) -> f64 {
    let said = |option: &str| table.options.get(option).and_then(|value| value.parse::<f64>().ok());
    let threshold = said("autovacuum_vacuum_threshold").unwrap_or(50.0);
    let factor = said("autovacuum_vacuum_scale_factor").unwrap_or(0.2);
    threshold + factor * rows
}
