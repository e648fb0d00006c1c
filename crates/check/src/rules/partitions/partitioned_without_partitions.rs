use model::object::PartitionStrategy;
use model::{Path, Schema};

use crate::bounds::are_made_at_run_time;
use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A partitioned table has no partition at all, so every INSERT fails; make the first.
    ///
    /// The table itself holds no rows. A job outside of these sources may make the partitions; say so in a comment. Where a function or an extension makes the partitions while the database runs, nothing is
    /// said.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE FUNCTION next_month() RETURNS void LANGUAGE plpgsql AS
    ///     'BEGIN EXECUTE format(''CREATE TABLE %I PARTITION OF visits DEFAULT'', ''v''); END';
    /// ```
    "R004", note, known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    if are_made_at_run_time(schema) {
        return;
    }
    for table in schema.tables() {
        let Some(by) = table.partition_by.as_ref().filter(|_| schema.children(&table.name).next().is_none()) else {
            continue;
        };
        let fix = crate::defaults::partition(schema, table);
        let draft = findings
            .at(&Path::table(&table.name), format!("nothing here makes a partition of {}", table.name))
            .why("a partitioned table holds no rows itself: until there is one every INSERT fails");
        if by.strategy != PartitionStrategy::Hash && !fix.is_empty() {
            draft.unsafe_fix("make a default partition", fix);
        }
    }
}
