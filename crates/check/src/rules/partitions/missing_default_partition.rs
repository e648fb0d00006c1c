use model::object::PartitionStrategy;
use model::{Path, Schema};

use crate::bounds::{Bound, are_made_at_run_time, partitions};
use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A partitioned table has no default partition, so a row that fits none is refused; make one, or be sure who makes the next.
    ///
    /// The first row of a new month, country or tenant fails with “no partition of relation found for row”, at midnight as a rule.
    /// A default partition takes it; keep it empty, as adding a partition scans it. Where a function or an extension makes
    /// partitions while the database runs, nothing is said.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint, country text NOT NULL, PRIMARY KEY (id, country)) PARTITION BY LIST (country);
    /// CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('de', 'fr');
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY) PARTITION BY HASH (id);
    /// CREATE TABLE orders_0 PARTITION OF orders FOR VALUES WITH (MODULUS 1, REMAINDER 0);
    /// ```
    "R003", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    if are_made_at_run_time(schema) {
        return;
    }
    for table in own_tables(schema) {
        let Some(by) = table.partition_by.as_ref().filter(|by| by.strategy != PartitionStrategy::Hash) else {
            continue;
        };
        let partitions = partitions(schema, &table.name);
        let open = |limit: &str| {
            partitions.iter().any(|(_, bound)| matches!(bound, Bound::Range(from, to) if from.eq_ignore_ascii_case(limit) || to.eq_ignore_ascii_case(limit)))
        };
        let has_default = partitions.iter().any(|(_, bound)| *bound == Bound::Default);
        if partitions.is_empty() || has_default || (open("MINVALUE") && open("MAXVALUE")) {
            continue;
        }
        let keys = crate::words::comma(by.keys.iter().map(|key| &key.expr));
        let fix = crate::defaults::partition(schema, table);
        let draft = findings
            .at(&Path::table(&table.name), format!("a row of {} whose {keys} fits no partition is refused", table.name))
            .why(format!("{} and no default", crate::words::counted(partitions.len(), "partition", "partitions")));
        if !fix.is_empty() {
            draft.unsafe_fix("make a default partition", fix);
        }
    }
}
