use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// An index is INVALID: it is written at every change and read by no query; finish it, or drop it and build it again.
    ///
    /// A concurrent build that failed leaves one behind, and so does an index on a partitioned table that was made with ONLY
    /// until each partition has its part attached. A unique one does not keep its keys unique.
    ///
    /// ```sql,bad
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// CREATE INDEX events_day ON ONLY events (day);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint, region text NOT NULL, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
    /// CREATE TABLE orders_no PARTITION OF orders FOR VALUES IN ('no');
    /// CREATE TABLE orders_se PARTITION OF orders FOR VALUES IN ('se');
    /// CREATE INDEX orders_region ON ONLY orders (region);
    /// CREATE INDEX orders_no_region ON orders_no (region);
    /// ALTER INDEX orders_region ATTACH PARTITION orders_no_region;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// CREATE INDEX events_day ON ONLY events (day);
    /// CREATE INDEX events_2024_day ON events_2024 (day);
    /// ALTER INDEX events_day ATTACH PARTITION events_2024_day;
    /// ```
    /// ```sql,good
    /// CREATE TABLE events (id bigint, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    /// CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    /// CREATE INDEX events_day ON events (day);
    /// ```
    "I013", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| !index.valid) {
            if findings.activity().is_some_and(|activity| activity.is_built_now(&table.name, &index.name)) {
                continue;
            }
            let path = Path::index(&table.name, index.name.clone());
            let leftover = index.name.contains("_ccnew") || index.name.contains("_ccold");
            let why = match table.is_partitioned() {
                true => "a partition has no part of it attached",
                false if leftover => {
                    "REINDEX CONCURRENTLY did not end and left it; every write pays for it all the same"
                }
                false => "the build did not end, and every write pays for it all the same",
            };
            findings
                .at(&path, format!("no query uses {}: it is INVALID", index.name))
                .why(why)
                .unsafe_fix(format!("drop {}", index.name), vec![Change::drop(path)]);
        }
    }
}
