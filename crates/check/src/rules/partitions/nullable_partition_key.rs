use model::object::{NotNull, PartitionStrategy};
use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A partition key may be NULL, and such a row fits no range; make it NOT NULL.
    ///
    /// No range holds NULL: the row is refused, or goes into the default partition, where no query that prunes by the key looks
    /// for it and every new partition has to scan over it.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id bigint, on_day date) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE visits (id bigint, on_day date NOT NULL) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint, country text) PARTITION BY LIST (country);
    /// CREATE TABLE orders_none PARTITION OF orders FOR VALUES IN (NULL);
    /// CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
    /// ```
    "R006", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        let Some(by) = table.partition_by.as_ref().filter(|by| by.strategy == PartitionStrategy::Range) else {
            continue;
        };
        for column in by.keys.iter().filter_map(|key| table.column(key.expr.as_column()?)) {
            let in_key = table.primary_key().is_some_and(|key| key.columns.contains(&column.name));
            if !column.is_nullable() || in_key || column.inherited {
                continue;
            }
            let path = Path::column(&table.name, column.name.clone());
            findings
                .at(&path, format!("a row of {} without {} fits no range", table.name, column.name))
                .why("it is refused, or lies in the default partition")
                .unsafe_fix("make it NOT NULL", vec![Change::alter(path, Aspect::NotNull(Some(NotNull::default())))]);
        }
    }
}
