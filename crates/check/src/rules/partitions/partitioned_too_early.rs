use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::grouped;

rule! {
    /// A table was partitioned long before its size asks for it; one table would be simpler and faster.
    ///
    /// Below some 50 million rows an index finds a row as fast in one table. Partitions cost planning time in every query, the
    /// partition key in every unique key, and a job that makes the next one. Where old rows are dropped by the partition they
    /// pay off earlier.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.visits_1", "rows": 41000, "bytes": 4100000, "dead_rows": 0},
    ///  {"name": "public.visits_rest", "rows": 0, "bytes": 0, "dead_rows": 0}], "indexes": []}
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// -- stats
    /// {"version": 1, "tables": [{"name": "public.visits_1", "rows": 91000000, "bytes": 9100000000, "dead_rows": 0},
    ///  {"name": "public.visits_rest", "rows": 0, "bytes": 0, "dead_rows": 0}], "indexes": []}
    /// ```
    "R010", note, Check::Schema(check)
}

/// Nobody would notice the difference below; from there to 50 million it depends.
const FEW: f64 = 1_000_000.0;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| table.is_partitioned()) {
        let counts: Vec<f64> = schema.children(&table.name).filter_map(|child| findings.rows(child)).collect();
        let rows: f64 = counts.iter().sum();
        if counts.is_empty() || counts.len() < schema.children(&table.name).count() || rows >= FEW {
            continue;
        }
        findings
            .at(&Path::table(&table.name), format!("{} is partitioned and small", table.name))
            .why(format!("{} rows in the statistics of all partitions; 50 million are a reason", grouped(rows)));
    }
}
