use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::{counted, grouped};

rule! {
    /// A table has more partitions than its rows or the planner can bear; make them larger, or drop the old ones.
    ///
    /// A statement that cannot tell the partition plans over all of them and takes a lock on each: beyond 1,000 planning takes
    /// longer than running (manual, 5.12.6). Partitions of a few thousand rows each pay that price for nothing, as an index
    /// would find the rows as fast.
    ///
    /// ```sql,bad
    /// CREATE TABLE t (id bigint NOT NULL, day integer NOT NULL) PARTITION BY RANGE (day);
    /// CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (2);
    /// CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (2) TO (3);
    /// CREATE TABLE t3 PARTITION OF t FOR VALUES FROM (3) TO (4);
    /// CREATE TABLE t4 PARTITION OF t FOR VALUES FROM (4) TO (5);
    /// CREATE TABLE t5 PARTITION OF t FOR VALUES FROM (5) TO (6);
    /// CREATE TABLE t6 PARTITION OF t FOR VALUES FROM (6) TO (7);
    /// CREATE TABLE t7 PARTITION OF t FOR VALUES FROM (7) TO (8);
    /// CREATE TABLE t8 PARTITION OF t FOR VALUES FROM (8) TO (9);
    /// -- stats
    /// {"version": 1, "tables": [
    ///  {"name": "public.t1", "rows": 900, "bytes": 90000, "dead_rows": 0}, {"name": "public.t2", "rows": 900, "bytes": 90000, "dead_rows": 0},
    ///  {"name": "public.t3", "rows": 900, "bytes": 90000, "dead_rows": 0}, {"name": "public.t4", "rows": 900, "bytes": 90000, "dead_rows": 0},
    ///  {"name": "public.t5", "rows": 900, "bytes": 90000, "dead_rows": 0}, {"name": "public.t6", "rows": 900, "bytes": 90000, "dead_rows": 0},
    ///  {"name": "public.t7", "rows": 900, "bytes": 90000, "dead_rows": 0}, {"name": "public.t8", "rows": 900, "bytes": 90000, "dead_rows": 0}
    /// ], "indexes": []}
    /// ```
    /// ```sql,good
    /// CREATE TABLE t (id bigint NOT NULL, day integer NOT NULL) PARTITION BY RANGE (day);
    /// CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (2);
    /// CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (2) TO (3);
    /// -- stats
    /// {"version": 1, "tables": [
    ///  {"name": "public.t1", "rows": 900, "bytes": 90000, "dead_rows": 0}, {"name": "public.t2", "rows": 900, "bytes": 90000, "dead_rows": 0}
    /// ], "indexes": []}
    /// ```
    "R009", note, Check::Schema(check)
}

/// So many are too many whatever is in them.
const MOST: usize = 1000;
/// From so many on, this many rows in each are too few.
const SEVERAL: usize = 8;
const FEW_ROWS: f64 = 10_000.0;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| table.is_partitioned()) {
        let count = schema.children(&table.name).count();
        let rows: Option<f64> = schema.children(&table.name).map(|child| findings.rows(child)).sum();
        let each = rows.map(|rows| rows / count as f64).filter(|each| count >= SEVERAL && *each < FEW_ROWS);
        if count <= MOST && each.is_none() {
            continue;
        }
        let draft = findings
            .at(&Path::table(&table.name), format!("{} has {}", table.name, counted(count, "partition", "partitions")))
            .why("a statement that cannot tell which one plans over all and locks each");
        if let Some(each) = each {
            draft.why(format!("{} rows in each, by the statistics", grouped(each)));
        }
    }
}
